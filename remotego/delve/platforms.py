"""The machines Delve runs on, of the many Linux does."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.delve.release import Release

GOARCHES = ("amd64", "arm64", "386", "ppc64le")
"""linux/GOARCH pairs remotego builds for (pkg/proc/native/support_sentinel_linux.go)."""

MACHINES = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "ppc64le": "ppc64le",
    **{f"i{generation}86": "386" for generation in range(3, 7)},
}
"""Answers of ``uname -m``, and the GOARCH of programs for them."""

_PPC64LE_BEGINS = (1, 21, 1)
_PPC64LE_IS_EXPERIMENTAL_BEFORE = (1, 26, 0)


@dataclass(eq=False)
class UnsupportedMachineError(UsageError):
    """The kernel of the target runs on hardware no dlv exists for."""

    machine: str
    what = "Delve does not run on {machine}"
    remedy = "Delve debugs linux programs on amd64, arm64, 386 and ppc64le"


@dataclass(eq=False)
class UnsupportedPlatformError(UsageError):
    """This release of Delve knows nothing of this GOARCH."""

    goarch: str
    release: str
    what = "Delve {release} does not run on linux/{goarch}"
    remedy = "amd64, arm64 and 386 work with every release, ppc64le since Delve 1.21.1"


def parse_machine(uname_m: str) -> str:
    """Turn the answer of ``uname -m`` into a GOARCH. Raises UnsupportedMachineError.

    It is the kernel's answer: a 32-bit userland under a 64-bit kernel is taken for 64-bit.
    """
    machine = uname_m.strip()
    if machine not in MACHINES:
        raise UnsupportedMachineError(machine)
    return MACHINES[machine]


def build_tags(release: Release, goarch: str) -> tuple[str, ...]:
    """Give the tags without which this release refuses to compile for ``goarch``.

    Raises UnsupportedPlatformError where no tag helps.
    """
    if goarch not in GOARCHES or (goarch == "ppc64le" and release.number < _PPC64LE_BEGINS):
        raise UnsupportedPlatformError(goarch, release.version)
    if goarch == "ppc64le" and release.number < _PPC64LE_IS_EXPERIMENTAL_BEFORE:
        return ("exp.linuxppc64le",)
    return ()
