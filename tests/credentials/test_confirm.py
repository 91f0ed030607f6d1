"""Somebody is asked on a terminal before anything is granted: a real one, and what is typed at any time."""

import os
import pty
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from typing import TextIO

import pytest

from remotego.cli.lending import Asker, NobodyToConfirmError
from remotego.cli.render import Printer
from remotego.credentials.entry import Entry, entries_of
from remotego.credentials.protocol import Question

ONE, OTHER = entries_of({}, ("https://h.example/a", "https://h.example/b"), None)
ASKED = Question(1, "git", "get", "https://h.example/a/x", 1, 1, ("agent", "git"))
END = b"[y/N/a(lways)] "
PATIENCE_S = 60.0


def awaited() -> str:
    """An answer is."""
    return ""


@dataclass(slots=True)
class Terminal:
    """The other side of a terminal: its keys, what is printed on it, and who asks there."""

    keys: int
    screen: TextIO
    asker: Asker
    answers: list[bool] = field(default_factory=list)

    def read(self, until: bytes) -> bytes:
        """Read what is printed until that stands there."""
        text = b""
        while until not in text:
            assert select([self.keys], [], [], PATIENCE_S)[0], text
            text += os.read(self.keys, 1024)
        return text

    @contextmanager
    def asked(self, entry: Entry, moot: Callable[[], str] = awaited) -> Iterator[None]:
        """Have a question stand there during the block, and wait for its answer."""

        def ask() -> None:
            self.answers.append(self.asker.confirm(ASKED, entry, moot))

        with redirect_stderr(self.screen):
            asking = threading.Thread(target=ask, daemon=True)
            asking.start()
            self.read(END)
            yield
            asking.join(PATIENCE_S)

    def confirm(self, entry: Entry, words: bytes) -> bool:
        """Answer a question once it stands there."""
        with self.asked(entry):
            os.write(self.keys, words)
        return self.answers.pop()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal that somebody sits at."""
    keys, theirs = pty.openpty()
    with os.fdopen(theirs, encoding="utf-8") as stdin, os.fdopen(os.dup(theirs), "w", encoding="utf-8") as screen:
        monkeypatch.setattr(sys, "stdin", stdin)
        with redirect_stderr(screen):
            asker = Asker(Printer())
        yield Terminal(keys, screen, asker)
    os.close(keys)


def test_confirming_wants_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a pipe nobody could say no."""
    with (tmp_path / "empty").open("w+") as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        with pytest.raises(NobodyToConfirmError):
            Asker(Printer())


@pytest.mark.parametrize(("words", "granted"), [(b"y\n", True), (b"x\n", False), (b"\n", False), (b"\x04", False)])
def test_only_yes_is_yes(terminal: Terminal, words: bytes, granted: bool) -> None:
    """The end of input is no."""
    assert granted is terminal.confirm(ONE, words)


def test_always_holds_for_one_prefix(terminal: Terminal) -> None:
    """It is asked once; another prefix is asked for still."""
    assert [True, True, False] == [
        terminal.confirm(ONE, b"a\n"),
        terminal.asker.confirm(ASKED, ONE, awaited),
        terminal.confirm(OTHER, b"\n"),
    ]


def test_what_was_typed_before_the_question_approves_nothing(terminal: Terminal) -> None:
    """Neither a whole line nor the beginning of one."""
    os.write(terminal.keys, b"y\na\ny")
    terminal.read(b"y\r\na\r\ny")
    assert not terminal.confirm(ONE, b"\n")


def test_a_question_that_nobody_waits_for_is_withdrawn(terminal: Terminal) -> None:
    """While it stands there, without an answer; and what is said then is said to nobody."""
    gone = threading.Event()

    def moot() -> str:
        return "whoever asked has gone" if gone.is_set() else ""

    with terminal.asked(ONE, moot):
        gone.set()
    assert [False] == terminal.answers
    assert b"no: whoever asked has gone" in terminal.read(b"\n")
