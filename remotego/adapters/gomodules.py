"""Asking go about modules: commands that only read, and steps that change files of a copy."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from remotego.adapters.builder import captured
from remotego.core.answer import Answer
from remotego.core.errors import MissingError
from remotego.core.redaction import without_logins

AT_ONCE = 4
"""Commands of go that run at the same time; each uses every core by itself where it has work for them."""

LIMIT_S = 600.0
"""What a command may take that downloads all modules of a large workspace."""

ASKED = ("GOMODCACHE", "GOFLAGS")


@dataclass(eq=False)
class NoModuleError(MissingError):
    """A folder that belongs to no module."""

    folder: str
    reason: str
    what = "{folder} is in no Go module: {reason}"
    remedy = "run it where a go.mod or a go.work is, or give --workspace; `go mod init PATH` makes one"


class HaltedError(Exception):
    """A command that was ended because nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class GoModules:
    """A ``go`` command with the user's environment and ``settings`` on top of it.

    ``halt`` ends every command that runs, and is shared with all that ``having`` gives.
    """

    go: Path
    settings: Mapping[str, str]
    halt: Event = field(default_factory=Event, compare=False)

    def run(self, folder: Path, *arguments: str, limit_s: float = LIMIT_S, **settings: str) -> Answer:
        """Run it; what it cannot do is in the answer, without logins. go waits for a silent proxy for ever, we do not.

        Raises HaltedError.
        """
        env = {**os.environ, "GOROOT": "", **self.settings, **settings}
        argv = [str(self.go), *arguments]
        end_s = time.monotonic() + limit_s

        def watch() -> None:
            if self.halt.is_set():
                raise HaltedError
            if time.monotonic() > end_s:
                raise subprocess.TimeoutExpired(argv[:3], limit_s)

        try:
            code, *said = captured(argv, folder, env, watch)
            return Answer(code, *map(without_logins, said))
        except subprocess.TimeoutExpired:
            return Answer(1, "", f"go: no end within {limit_s:.0f} s of `go {' '.join(arguments[:3])}`")
        except OSError as error:
            return Answer(1, "", str(error))

    def having(self, **settings: str) -> GoModules:
        """The same with more settings."""
        return GoModules(self.go, {**self.settings, **settings}, self.halt)

    def at_once(self, work: Sequence[Callable[[], Answer]]) -> list[Answer]:
        """Do several things at the same time; answers come in their order.

        Whatever ends the wait for them, such as Ctrl-C, ends their commands too: each has a process group of its own,
        which no terminal tells of it.
        """
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                return [one.result() for one in [pool.submit(each) for each in work]]
            except BaseException:
                self.halt.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def ask_module(go: Path, folder: Path) -> dict[str, str]:
    """Ask which module a folder belongs to, and how go is set there. Raises NoModuleError.

    GOTOOLCHAIN is local here: a go.mod that wants a newer Go is to be reported, and no reason to know nothing.
    """
    asking = GoModules(go, {"GOTOOLCHAIN": "local"})
    answers = {}
    for name in ("GOMOD", "GOWORK"):  # a lone one of these is answered even where go.mod wants a newer Go
        said = asking.run(folder, "env", name)
        if not said.ok:
            raise NoModuleError(str(folder), said.complaint.strip()[-300:])
        answers[name] = said.out.strip()
    outside = asking.run(Path(go).parent, "env", "-json", *ASKED, GOWORK="off")
    found = json.loads(outside.out) if outside.ok else {}
    if answers["GOMOD"] in ("", os.devnull) and not answers["GOWORK"]:
        raise NoModuleError(str(folder), "go finds no go.mod and no go.work here or above")
    return {**found, **answers}
