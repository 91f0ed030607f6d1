"""The machines Linux runs on, and what Go calls them."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.errors import UsageError

MACHINES = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "armv6l": "arm",
    "armv7l": "arm",
    "armv8l": "arm",
    "loongarch64": "loong64",
    "ppc64": "ppc64",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
    **{f"i{generation}86": "386" for generation in range(3, 7)},
}
"""Answers of ``uname -m``, and the GOARCH of the SDKs for them. What mips says does not tell its byte order."""


@dataclass(eq=False)
class NoSdkForMachineError(UsageError):
    """There is no SDK of Go for this hardware, or none that we can name."""

    machine: str
    what = "there is no SDK of Go for linux on {machine}"
    remedy = "install Go there by hand, for example from the distribution's packages"


def goarch_of(machine: str) -> str:
    """Give the GOARCH for an answer of ``uname -m``. Raises NoSdkForMachineError.

    It is the kernel's answer: a 32-bit userland under a 64-bit kernel is taken for 64-bit.
    """
    if machine not in MACHINES:
        raise NoSdkForMachineError(machine)
    return MACHINES[machine]
