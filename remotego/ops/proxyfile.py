"""GOPROXY in go's own file on this machine: led to the router for as long as that runs, and taken back exactly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.files import read_file, remove_file, replace_file
from remotego.adapters.keepsake import forget, keep, recall
from remotego.core.errors import UsageError
from remotego.golang.goenvfile import Variable, edited, held, withdrawn
from remotego.vscode.difference import difference

GOPROXY = "GOPROXY"


@dataclass(eq=False)
class NoGoFileHereError(UsageError):
    """There is no file of go's own to write into."""

    reason: str
    what = "GOPROXY cannot be written into go's own file here: {reason}"
    remedy = "have go on PATH and GOENV not off; or leave --write out, and set GOPROXY yourself"


@dataclass(frozen=True, slots=True)
class ProxyFile:
    """go's own file, and the value that GOPROXY shall have in it."""

    path: Path
    url: str

    @contextmanager
    def led(self) -> Iterator[None]:
        """Have GOPROXY lead to the router while the block lasts. Raises UnfitFileError, UnwritableFileError."""
        self.lead()
        try:
            yield
        finally:
            self.restore()

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
        keep(self.path, {**before, "now": self.url})
        if was == self.url:
            return
        replace_file(original, _text(edited(data, {GOPROXY: self.url})))

    def restore(self) -> None:
        """Take it back, unless somebody has written another value since."""
        kept = recall(self.path)
        original = read_file(self.path, within=_root(self.path), any_encoding=True)
        if kept is None or original.text is None:
            return
        was = kept.get("was")
        ours = Variable(GOPROXY, str(kept.get("now")), was if isinstance(was, str) else None)
        rest = withdrawn(_data(original.text), [ours])
        if not rest and not kept.get("existed"):
            remove_file(original)
        elif rest != _data(original.text):
            replace_file(original, _text(rest))
        forget(self.path)

    def _read(self) -> bytes:
        return _data(read_file(self.path, within=_root(self.path), any_encoding=True).text)


def _root(path: Path) -> Path:
    return Path(path.absolute().anchor)


def _data(text: str | None) -> bytes:
    return (text or "").encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
