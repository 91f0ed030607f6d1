"""A virtual machine by software emulation: its own kernel shows what containers cannot, such as Yama."""

import re
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab import initramfs, kernel, packages
from tests.lab.failure import LabError
from tests.lab.identity import EVERYBODY, make_keys, render_known_hosts
from tests.lab.process import run
from tests.lab.sshconfig import Door, render_ssh_config

NAME = "vm"
MEMORY_MIB = 1024
BOOT_TIMEOUT_S = 120
MONITOR_TIMEOUT_S = 10
READY = b"Server listening on 0.0.0.0"


@dataclass(frozen=True, slots=True)
class Vm:
    """A machine that runs; its alias in ``ssh_config`` is ``vm``, its accounts are root and those of app."""

    run_dir: Path
    pid: int

    @property
    def ssh_config(self) -> Path:
        """The ssh_config of this machine; ``ssh -F`` it."""
        return self.run_dir / "ssh_config"

    @property
    def console(self) -> Path:
        """What its kernel, sshd and services have printed so far."""
        return self.run_dir / "console"

    def ssh(self, alias: str, command: str, *, timeout_s: float = 60) -> str:
        """Standard output of ``command`` on ``alias`` by the system's ssh; LabError when it fails."""
        return run("ssh", "-F", self.ssh_config, alias, command, timeout_s=timeout_s)


@contextmanager
def vm() -> Iterator[Vm]:
    """A freshly booted machine, powered off at the end of the block."""
    packages.ensure("qemu-system-x86_64", "ssh-keygen")
    run_dir = Path(tempfile.mkdtemp(prefix="remotego-vm-"))
    try:
        make_keys(run_dir, [NAME])
        _let_root_in(run_dir)
        found = kernel.unpacked()
        root = initramfs.assemble(found, run_dir, NAME)
        with _booted(_argv(found.image, root, run_dir), run_dir) as process:
            root.unlink()
            _write_ssh_files(run_dir, _forwarded_port(run_dir / "monitor"))
            yield Vm(run_dir, process.pid)
    finally:
        shutil.rmtree(run_dir)


def _argv(image: Path, root: Path, run_dir: Path) -> list[str | Path]:
    return [
        # Not even a killed test run leaves a machine behind.
        *("setpriv", "--pdeathsig", "KILL"),
        "qemu-system-x86_64",
        *("-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", str(MEMORY_MIB)),
        *("-kernel", image, "-initrd", root),
        *("-append", "console=ttyS0 quiet panic=-1 mitigations=off"),
        *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
        *("-serial", "stdio", "-monitor", f"unix:{run_dir / 'monitor'},server=on,wait=off"),
        # Port 0: the system picks a free one, and the monitor tells which.
        *("-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22"),
        *("-device", "virtio-net-pci,netdev=net,romfile="),
    ]


@contextmanager
def _booted(argv: list[str | Path], run_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """QEMU, once sshd listens in it. Ctrl-C reaches only us, and we end it."""
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    told = threading.Event()
    reader = threading.Thread(target=_copy_console, args=(process, run_dir / "console", told), daemon=True)
    reader.start()
    try:
        if not told.wait(BOOT_TIMEOUT_S) or READY not in (run_dir / "console").read_bytes():
            tail = (run_dir / "console").read_text(errors="replace")[-2000:]
            raise LabError("the virtual machine did not boot to sshd", f"its console ends:\n{tail}")
        yield process
    finally:
        process.kill()
        process.wait()
        reader.join()


def _copy_console(process: subprocess.Popen[bytes], file: Path, told: threading.Event) -> None:
    """Copy what the machine prints to ``file``; ``told`` is set when it is ready, or has ended."""
    with file.open("wb", buffering=0) as log:
        for line in process.stdout or ():
            log.write(line)
            if READY in line:
                told.set()
    told.set()


def _forwarded_port(monitor: Path) -> int:
    """The port on 127.0.0.1 that leads to the machine's sshd, asked from QEMU's monitor."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(MONITOR_TIMEOUT_S)
        line.connect(str(monitor))
        line.sendall(b"info usernet\n")
        heard = b""
        while chunk := line.recv(4096):
            heard += chunk
            if found := re.search(rb"HOST_FORWARD\D+\d+\s+127\.0\.0\.1\s+(\d+)\s", heard):
                return int(found[1])
    raise LabError("QEMU does not say which port it forwards", heard.decode(errors="replace"))


def _let_root_in(run_dir: Path) -> None:
    # Nothing like `docker exec` leads inside, and tests must be able to set sysctls.
    shutil.copy(run_dir / "keys" / "dev.pub", run_dir / "hosts" / NAME / "authorized_keys" / "root")


def _write_ssh_files(run_dir: Path, port: int) -> None:
    door = Door(NAME, "127.0.0.1", port, accounts=("root", *EVERYBODY))
    key = run_dir / "hosts" / NAME / "ssh_host_ed25519_key.pub"
    (run_dir / "known_hosts").write_text(render_known_hosts({door.known_as: key}))
    (run_dir / "ssh_config").write_text(render_ssh_config((door,), run_dir))
