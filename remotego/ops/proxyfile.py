"""GOPROXY in go's own file on this machine: led to the router for as long as that runs, and taken back exactly.

What was there before is kept, so that the next watch takes back what one that was killed could not; one at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.files import read_file, remove_file, replace_file
from remotego.adapters.keepsake import alone, forget, keep, recall
from remotego.core.errors import RefusedError, UsageError
from remotego.golang.goenvfile import Variable, edited, held, withdrawn
from remotego.vscode.difference import difference

GOPROXY = "GOPROXY"


@dataclass(eq=False)
class NoGoFileHereError(UsageError):
    """There is no file of go's own to write into."""

    reason: str
    what = "GOPROXY cannot be written into go's own file here: {reason}"
    remedy = "have go on PATH and GOENV not off; or leave --write out, and set GOPROXY yourself"


@dataclass(eq=False)
class ProxyFileHeldError(RefusedError):
    """Another watch leads the file: the first of two to end would take the value from under the other."""

    path: str
    url: str
    pid: int
    what = "GOPROXY in {path} is led to {url} by another proxy.watch --write, process {pid}"
    remedy = "end that one first (Ctrl-C in its terminal, or kill {pid}); or leave --write out"


@dataclass(frozen=True, slots=True)
class ProxyFile:
    """go's own file, and the value that GOPROXY shall have in it."""

    path: Path
    url: str

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nobody else lead it while the block lasts. Raises ProxyFileHeldError, UnwritableFileError."""
        with alone(self.path) as ours:
            if not ours:
                kept = recall(self.path) or {}
                raise ProxyFileHeldError(str(self.path), str(kept.get("now", "?")), int(kept.get("pid", 0)))
            yield

    @contextmanager
    def led(self) -> Iterator[None]:
        """Have GOPROXY lead to the router while the block lasts. Raises UnfitFileError, UnwritableFileError."""
        self.lead()
        try:
            yield
        finally:
            self.restore()

    def take_back(self) -> bool:
        """Take back what a watch that was killed has left; tell whether that changed the file.

        What a living one holds is let alone.
        """
        if recall(self.path) is None:
            return False
        with alone(self.path) as ours:
            return ours and self.restore()

    def diff(self) -> tuple[str, ...]:
        """Give the lines of the difference that leading makes; () for none."""
        data = self._read()
        return difference(str(self.path), _text(data), _text(edited(data, {GOPROXY: self.url})))

    def lead(self) -> None:
        """Write it, and keep what was there. One that was killed has left our own value: what it kept counts."""
        original = read_file(self.path, within=_root(self.path), any_encoding=True)
        data = _data(original.text)
        kept, was = recall(self.path), held(data, GOPROXY)
        before = {"existed": original.text is not None, "was": was}
        if kept is not None and was == kept.get("now"):
            before = {name: kept.get(name) for name in before}
        keep(self.path, {**before, "now": self.url, "pid": os.getpid()})
        if was == self.url:
            return
        replace_file(original, _text(edited(data, {GOPROXY: self.url})))

    def restore(self) -> bool:
        """Take it back, unless somebody has written another value since; tell whether that changed the file."""
        kept = recall(self.path)
        original = read_file(self.path, within=_root(self.path), any_encoding=True)
        if kept is None or original.text is None:
            return False
        was = kept.get("was")
        ours = Variable(GOPROXY, str(kept.get("now")), was if isinstance(was, str) else None)
        rest = withdrawn(_data(original.text), [ours])
        changes = rest != _data(original.text)
        if not rest and not kept.get("existed"):
            remove_file(original)
        elif changes:
            replace_file(original, _text(rest))
        forget(self.path)
        return changes

    def _read(self) -> bytes:
        return _data(read_file(self.path, within=_root(self.path), any_encoding=True).text)


def _root(path: Path) -> Path:
    return Path(path.absolute().anchor)


def _data(text: str | None) -> bytes:
    return (text or "").encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
