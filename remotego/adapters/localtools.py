"""Tools that an editor on this machine needs: the dlv it looks for, and the place where ours is."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from remotego.core.errors import RefusedError

_VERSION = re.compile(r"^Version: ([0-9]+\.[0-9]+\.[0-9]+)", re.MULTILINE)
_TIMEOUT_S = 30.0


@dataclass(eq=False)
class UninstallableError(RefusedError):
    """The system does not let us put a program into the user's own data directory."""

    place: str
    reason: str
    what = "{place} cannot be written: {reason}"
    remedy = "check the permissions and the free space of its directory"


@dataclass(frozen=True, slots=True)
class LocalDlv:
    """A dlv on this machine."""

    path: Path
    version: str


def dlv_on_path() -> LocalDlv | None:
    """Find the dlv that an editor finds by itself; None where there is none that answers."""
    found = shutil.which("dlv")
    return ask_dlv(Path(found)) if found else None


def ask_dlv(path: Path) -> LocalDlv | None:
    """Ask a dlv for its version; None where it does not answer."""
    try:
        done = subprocess.run(
            [path, "version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    version = _VERSION.search(done.stdout)
    return LocalDlv(path, version[1]) if version else None


def own_dlv() -> Path:
    """Where we put one: the same place for every version, so that settings that name it stay true."""
    import platformdirs

    return platformdirs.user_data_path("remotego") / "bin" / f"dlv{'.exe' if os.name == 'nt' else ''}"


def install(program: Path, place: Path) -> None:
    """Put a copy of a program into its place, whole or not at all. Raises UninstallableError."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".dlv-", dir=place.parent)
        os.close(descriptor)
        try:
            shutil.copyfile(program, name)
            Path(name).chmod(0o755)
            Path(name).replace(place)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise UninstallableError(str(place), error.strerror or str(error)) from error


def this_platform() -> tuple[str, str]:
    """Operating system and machine of this computer, the former as Go calls it, the latter as the system does."""
    return platform.system().lower(), platform.machine()
