"""What the controller needs from Debian, and how it gets it."""

import os
import shutil

from tests.lab.failure import EngineMissingError, LabError
from tests.lab.process import run

OF_PROGRAM = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "docker-compose": "docker-compose",
    "iptables": "iptables",
    "debootstrap": "debootstrap",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "qemu-system-x86_64": "qemu-system-x86",
    "bsdtar": "libarchive-tools",
    "dpkg-deb": "dpkg",
}


def ensure(*programs: str) -> None:
    """Have every one of ``programs`` on PATH, by ``apt-get install`` when root.

    Raises EngineMissingError, with the command that helps, when a package is missing and cannot be installed.
    """
    missing = sorted({OF_PROGRAM[program] for program in programs if shutil.which(program) is None})
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
    run("apt-get", "install", "-y", "--no-install-recommends", *packages, timeout_s=900, env=quiet)
