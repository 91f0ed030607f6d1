"""A virtual machine with Debian's cloud kernel and the root of the lab's host image, by software emulation."""

import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab import images, packages, places
from tests.lab.engine import Engine, engine
from tests.lab.failure import LabError
from tests.lab.identity import ACCOUNTS, make_keys, render_known_hosts
from tests.lab.process import await_end, run
from tests.lab.sshconfig import Door, render_ssh_config

NAME = "vm"
MODULES = ("virtio_pci", "virtio_net", "virtio-rng")
INIT = places.LAB / "images" / "vm" / "init"
MEMORY_MIB = 1024
BOOT_TIMEOUT_S = 120
READY = "Server listening on 0.0.0.0"


@dataclass(frozen=True, slots=True)
class Vm:
    """A machine that runs, the ssh_config that leads to it under the alias ``vm``, and its console's log."""

    run_dir: Path
    pid: int

    @property
    def ssh_config(self) -> Path:
        """The ssh_config of this machine; ``ssh -F`` it."""
        return self.run_dir / "ssh_config"

    @property
    def console(self) -> Path:
        """What the kernel and sshd have printed so far."""
        return self.run_dir / "console"

    def ssh(self, alias: str, command: str, *, timeout_s: float = 60) -> str:
        """Standard output of ``command`` on ``alias`` by the system's ssh; LabError when it fails."""
        return run("ssh", "-F", self.ssh_config, alias, command, timeout_s=timeout_s)
