"""An SDK for this machine: verified as one for a host is, and unpacked among our own."""

from __future__ import annotations

from pathlib import Path

from remotego.adapters.goroots import GO, OURS, own_sdks
from remotego.adapters.localtools import this_platform
from remotego.adapters.unpacking import unpack
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.golang.machines import goarch_of
from remotego.golang.sdk import TOP, Sdk, parse_sdk
from remotego.ops.local_dlv import HERE
from remotego.ops.sdk.supply import Supplied, sources, supply


def fetch_here(version: str, settings: Settings, progress: Progress) -> None:
    """Have an SDK among ours. Raises what ``parse_sdk``, ``supply`` and ``unpack`` raise."""
    place_here(supply(_sdk(version), sources(settings), progress), progress)


def plan_fetch(version: str) -> tuple[str, str]:
    """Name the go command that ``fetch_here`` would bring, and say in words where. Raises UnknownSdkError."""
    sdk = _sdk(version)
    return str(own_sdks() / sdk.version / "bin" / GO), OURS


def _sdk(version: str) -> Sdk:
    goos, machine = this_platform()
    return parse_sdk(version, f"{goos}/{goarch_of(machine.lower())}")


def place_here(supplied: Supplied, progress: Progress) -> Path:
    """Unpack a supplied SDK; give its GOROOT."""
    place = own_sdks() / supplied.sdk.version
    if not place.exists():
        progress.step(HERE, f"unpack Go {supplied.sdk.version}")
        unpack(supplied.artifact, TOP, place)
    return place
