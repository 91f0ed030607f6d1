"""What the controller needs from Debian, and how it gets it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.failure import EngineMissingError, LabError
from tests.lab.process import run

OF_PROGRAM = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "docker-compose": "docker-compose",
    "iptables": "iptables",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "systemctl": "systemd",
    "unshare": "util-linux",
    "ip": "iproute2",
    "tc": "iproute2",
    "debootstrap": "debootstrap",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "qemu-system-x86_64": "qemu-system-x86",
    "bsdtar": "libarchive-tools",
    "dpkg-deb": "dpkg",
    "sshd": "openssh-server",
    "bash": "bash",
    "busybox": "busybox",
    "sudo": "sudo",
    "dash": "dash",
    "fish": "fish",
    "zsh": "zsh",
    "gcc": "build-essential",
    "chromium": "chromium",
    "fc-list": "fontconfig",  # brings a font, which chromium does not
}
NO_SERVICES = Path("/usr/sbin/policy-rc.d")
"""While this script says 101, Debian's packages do not start the services they bring (invoke-rc.d(8))."""


def ensure(*programs: str) -> None:
    """Have every one of ``programs`` on PATH, by ``apt-get install`` when root.

    Raises EngineMissingError, with the command that helps, when a package is missing and cannot be installed.
    """
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    missing = sorted({OF_PROGRAM[program] for program in programs if shutil.which(program, path=path) is None})
    if missing:
        _install(missing)


def _install(packages: list[str]) -> None:
    command = f"apt-get install {' '.join(packages)}"
    if os.geteuid() or shutil.which("apt-get") is None:
        raise EngineMissingError(f"the lab needs {', '.join(packages)}", f"as root: {command}")
    try:
        _apt_install(packages)
    except LabError:
        refresh()
        _apt_install(packages)


def refresh() -> None:
    """Fetch apt's lists of packages; needs root."""
    run("apt-get", "update", timeout_s=300)


def _apt_install(packages: list[str]) -> None:
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with _services_asleep():
        run("apt-get", "install", "-y", "--no-install-recommends", *packages, timeout_s=900, env=quiet)


@contextmanager
def _services_asleep() -> Iterator[None]:
    """Start nothing on this machine: the lab runs its own dockerd and sshd, and nobody else's."""
    if NO_SERVICES.exists():
        yield
        return
    NO_SERVICES.write_text("#!/bin/sh\nexit 101\n")
    NO_SERVICES.chmod(0o755)
    try:
        yield
    finally:
        NO_SERVICES.unlink()
