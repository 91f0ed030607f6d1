"""Carries out recipes with a Go toolchain."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.complaints import explain
from remotego.core.errors import BuildError
from remotego.core.recipe import Recipe
from remotego.core.terminal import inert

STEP_TIMEOUT_S = 1800.0
"""Downloading or compiling longer than this is taken for hanging."""

WATCH_S = 1.0
"""How often a run is looked after that somebody watches."""

_ASKED = (
    "GOAUTH",
    "GOCACHE",
    "GOCACHEPROG",
    "GOFLAGS",
    "GOINSECURE",
    "GOMODCACHE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOPATH",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
    "GOVCS",
)
"""Settings the user may have in ``go env -w``: where modules come from and how they are checked."""

_LENIENT_FLAG = "-modcacherw"
"""The one flag of the user's GOFLAGS that is kept: it is about files in the user's module cache."""


@dataclass(eq=False)
class CompileError(BuildError):
    """``go`` failed."""

    label: str
    step: str
    tail: str
    advice_text: str
    what = "cannot build {label}: 'go {step}' failed\n{tail}"
    remedy = "{advice_text}"


@dataclass(frozen=True, slots=True)
class Builder:
    """A real ``go`` binary at work in ``room``, an empty directory that is removed afterwards."""

    go: Path
    room: Path

    def build(self, recipe: Recipe) -> Path:
        """Download, verify and compile; give the path of the program. Raises CompileError."""
        scratch = self.room / "module"
        for directory in (scratch, self.room / "tmp"):
            directory.mkdir()
        for name, text in recipe.files:
            file = scratch / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        env = self._environment(recipe, scratch)
        if recipe.download:
            module = json.loads(self._run(recipe, recipe.download, scratch, env))
            _adopt_sums(Path(module["Dir"], "go.sum"), scratch / "go.sum")
        self._run(recipe, recipe.build, scratch, env)
        return scratch / recipe.output

    def _environment(self, recipe: Recipe, scratch: Path) -> dict[str, str]:
        """The user's environment and ``go env -w`` settings, then what the recipe fixes.

        Go's temporary files go to our room, so that a killed build leaves none elsewhere.
        """
        neutral = {**os.environ, "GOROOT": "", "GOTOOLCHAIN": "local", "GOWORK": "off"}
        asked = json.loads(self._run(recipe, ("env", "-json", *_ASKED), scratch, neutral))
        flags = _LENIENT_FLAG if _LENIENT_FLAG in asked["GOFLAGS"].split() else ""
        ours = {"GOFLAGS": flags, "GOTMPDIR": str(self.room / "tmp")}
        return {**os.environ, **asked, **ours, **dict(recipe.env)}

    def _run(self, recipe: Recipe, arguments: tuple[str, ...], scratch: Path, env: dict[str, str]) -> str:
        """Run go; give its standard output. Raises CompileError."""
        try:
            exit_code, out, complaint = captured([str(self.go), *arguments], scratch, env)
        except subprocess.TimeoutExpired:
            exit_code, out, complaint = 1, "", f"no end within {STEP_TIMEOUT_S:.0f} s"
        except OSError as error:
            exit_code, out, complaint = 1, "", str(error)
        if exit_code != 0:
            tail, advice = explain(inert(complaint + out))
            raise CompileError(recipe.label, arguments[0], tail, advice)
        return out


def captured(
    argv: list[str], cwd: Path, env: dict[str, str], watch: Callable[[], None] | None = None
) -> tuple[int, str, str]:
    """Run to the end in a process group of its own, which dies with us whatever interrupts us.

    ``watch`` is called every second or so; what it raises ends the run too. Raises TimeoutExpired.
    """
    with subprocess.Popen(
        argv,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        process_group=0 if os.name == "posix" else -1,
    ) as process:
        try:
            out, complaint = _communicate(process, watch)
        except BaseException:
            _end(process)
            raise
        return process.returncode, out, complaint


def _communicate(process: subprocess.Popen[str], watch: Callable[[], None] | None) -> tuple[str, str]:
    end_s = time.monotonic() + STEP_TIMEOUT_S
    while True:
        try:
            return process.communicate(timeout=WATCH_S if watch else STEP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            if watch is None or time.monotonic() > end_s:
                raise
            watch()


def _adopt_sums(theirs: Path, ours: Path) -> None:
    """Trust what the module trusts: it is itself verified, and so is the go.sum inside it."""
    if theirs.is_file():
        ours.write_text(ours.read_text() + theirs.read_text())


def _end(process: subprocess.Popen[str]) -> None:
    """Kill go with the compilers and git it started, before their directory is removed."""
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
