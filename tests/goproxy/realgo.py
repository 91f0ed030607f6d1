"""Real go, run with settings of a test's own and nothing of the user's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.toolchain import bundled_go
from remotego.goproxy.asking import Outcome
from remotego.goproxy.commands import requests
from remotego.goproxy.rules import read_rules
from remotego.goproxy.scenes import Question
from tests.golang.checksums import signer
from tests.goproxy.scenery import Scenery, Turns, predicted, recorded
from tests.goproxy.scripted import Request, internet

LIMIT_S = 120
ARGUMENTS = {"get": ("get",), "download": ("mod", "download"), "build": ("list", "-deps", ".")}
"""What go is given; ``go list -deps`` fetches what ``go build`` does, and compiles nothing."""


def run_go(*arguments: str, folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run go in a folder, whose caches and home it has to itself."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    foreign = ("GO", "HTTP", "NO_PROXY", "ALL_PROXY", "SSL_", "GIT_")
    clean = {name: value for name, value in os.environ.items() if not name.upper().startswith(foreign)}
    own = {
        "HOME": str(folder),
        "GOPATH": str(folder / "path"),
        "GOCACHE": str(folder / "cache"),
        "GOENV": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-modcacherw",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    return subprocess.run(
        [go, *arguments], cwd=folder, env=clean | own | env, capture_output=True, text=True, timeout=LIMIT_S
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """What the model said and what real go did: requests by turn and lane, and whether the command succeeded."""

    said: tuple[Turns, bool]
    done: tuple[Turns, bool]
    requests: tuple[Request, ...]
    stderr: str


def compare(
    folder: Path,
    question: Question,
    scenery: Scenery,
    values: Mapping[str, str],
    *,
    files: Mapping[str, str] | None = None,
    summed: frozenset[tuple[str, str, str]] = frozenset(),
    vendored: bool = False,
) -> Compared:
    """Have the model and real go do the same. ``values`` are go's settings, ``files`` those of the main module."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {"GOSUMDB": signer().vkey, **values}
    for name, text in {"go.mod": "module m\n\ngo 1.27\n", **(files or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    rules = read_rules(values, summed=summed, vendored=vendored)
    asked, outcome = requests(question.command, question.path, question.version, rules, scenery.reply)
    words = [] if question.command == "build" else [f"{question.path}@{question.version}"]
    with internet(scenery.answer, folder) as net:
        done = run_go(*ARGUMENTS[question.command], *words, folder=folder, env={**net.env, **values})
    heard = tuple(net.asked)
    return Compared(
        (predicted(asked), outcome is Outcome.DONE), (recorded(heard, asked), done.returncode == 0), heard, done.stderr
    )


def compare_all(
    folder: Path, questions: tuple[Question, ...], scenery: Scenery, values: Mapping[str, str]
) -> tuple[list[tuple[Turns, bool]], list[tuple[Turns, bool]]]:
    """Do several questions, each in a folder of its own, at the same time."""
    with ThreadPoolExecutor(len(questions)) as pool:
        jobs = [
            pool.submit(compare, folder / str(number), question, scenery, values)
            for number, question in enumerate(questions)
        ]
        found = [job.result() for job in jobs]
    return [one.said for one in found], [one.done for one in found]
