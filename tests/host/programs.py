"""Programs to push: small scripts, packed as artifacts, and what a home looks like before and after."""

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

from remotego.core.artifact import Artifact

GREETING = b'#!/bin/sh\necho "I am $1"\necho trace > "$HOME/trace"\n'


def make_artifact(folder: Path, content: bytes = GREETING, label: str = "dlv") -> Artifact:
    """Write a program and its packed form into a folder of the controller."""
    sha256 = hashlib.sha256(content).hexdigest()
    path, packed = folder / sha256, folder / f"{sha256}.gz"
    path.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    return Artifact(label, sha256, len(content), path, packed, packed.stat().st_size)


def unpacked(artifact: Artifact) -> Artifact:
    """The same without its packed form."""
    return replace(artifact, packed=None, packed_bytes=0)


def listing(folder: Path) -> dict[str, bytes | str | int]:
    """Everything below a folder: files with their bytes, links with their targets, directories with their modes."""
    return {str(path.relative_to(folder)): _look(path) for path in sorted(folder.rglob("*"))}


def _look(path: Path) -> bytes | str | int:
    if path.is_symlink():
        return str(path.readlink())
    return path.read_bytes() if path.is_file() else path.stat().st_mode
