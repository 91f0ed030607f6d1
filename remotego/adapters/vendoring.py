"""Having go vendor into a directory of ours, and hashing what is in one."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.builder import captured
from remotego.core.errors import MissingError
from remotego.core.terminal import inert

_MOST_CHARACTERS = 1500


@dataclass(eq=False)
class VendoringError(MissingError):
    """go cannot vendor: a module is not to be had, or go.mod is not tidy."""

    folder: str
    reason: str
    what = "`go mod vendor` in {folder} fails: {reason}"
    remedy = "run `go mod tidy` first; where there is no network, lead GOPROXY to a bundle (bundle.create)"


def vendor_into(go: Path, folder: Path, room: Path, *, work: bool) -> dict[str, str]:
    """Vendor anew below ``room``; give the SHA-256 of each file by its path. go.mod and go.sum stay as they are.

    Raises VendoringError.
    """
    out = room / "vendor"
    env = {**os.environ, "GOFLAGS": "-modcacherw", "GOROOT": ""}
    if not work:
        for name in ("go.mod", "go.sum"):
            if (folder / name).is_file():
                shutil.copyfile(folder / name, room / name)
        env |= {"GOFLAGS": f"-modcacherw -modfile={room / 'go.mod'}", "GOWORK": "off"}
    try:
        code, _, complaint = captured([str(go), "work" if work else "mod", "vendor", "-o", str(out)], folder, env)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VendoringError(str(folder), inert(str(error))) from error
    if code:
        raise VendoringError(str(folder), inert(complaint).strip()[-_MOST_CHARACTERS:])
    return hashes(out)


def hashes(folder: Path) -> dict[str, str]:
    """Hash the files below a directory; a link is hashed by where it leads, and never is what go writes."""
    return {path.relative_to(folder).as_posix(): _hash(path) for path in folder.rglob("*") if not _is_directory(path)}


def _is_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _hash(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return f"no plain file: {path.readlink() if path.is_symlink() else ''}"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
