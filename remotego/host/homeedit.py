"""Edits of files in a login's home, as changes that are journalled and can be taken back byte for byte."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from remotego.core.change import Change, EditFile, MakeDir, RestoreFile, RestoreGoEnv, RestoreSettings, Reversal
from remotego.host.homefiles import Home


@dataclass(frozen=True, slots=True)
class HomeEdit:
    """Put ``text`` in place of ``cut`` bytes from ``offset`` of the file ``name``; ``before`` is None if it is new.

    Bytes that are no UTF-8 are half surrogates in ``text`` (PEP 383). ``check``: see core.change.EditFile.
    """

    name: str
    before: bytes | None
    offset: int
    cut: int
    text: str
    check: tuple[str, ...] = ()

    @property
    def after(self) -> bytes:
        """The whole content afterwards."""
        old = self.before or b""
        return old[: self.offset] + self.text.encode("utf-8", "surrogateescape") + old[self.offset + self.cut :]


def splice(name: str, before: bytes | None, after: bytes, check: tuple[str, ...] = ()) -> HomeEdit:
    """Find the one piece by which two contents differ."""
    old, new = _text(before or b""), _text(after)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    cut = old[start : len(old) - end]
    return HomeEdit(name, before, _size(old[:start]), _size(cut), new[start : len(new) - end], check)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


Held = tuple[tuple[str, str, str | None], ...]
"""Names with their values by us and before; see core.change.RestoreSettings and RestoreGoEnv."""


def change_of(edit: HomeEdit, home: Home, *, tools: Held | None = None, variables: Held | None = None) -> Change:
    """Make the change that does an edit, with the directories it needs.

    ``tools`` are given for settings of an editor, ``variables`` for go's own file. Raises LockedPlaceError.
    """
    home.check_place(edit.name)
    path = home.path_of(edit.name)
    folders = home.missing(edit.name)
    was = "" if edit.before is None else sha256(edit.before)
    now = sha256(edit.after)
    return Change(
        f"{'edit' if was else 'make'} {path}",
        do=(
            *(MakeDir(home.path_of(folder)) for folder in folders),
            EditFile(path, edit.offset, edit.cut, edit.text, was, now, edit.check),
        ),
        undo=(_reversal(RestoreFile(path, was, now, len(folders)), tools, variables),),
    )


def _reversal(act: RestoreFile, tools: Held | None, variables: Held | None) -> Reversal:
    if tools is not None:
        return RestoreSettings(act.path, act.was, act.now, act.made, tools)
    if variables is not None:
        return RestoreGoEnv(act.path, act.was, act.now, act.made, variables)
    return act


def follow_up(path: str, before: bytes, after: bytes) -> Change:
    """Make a change that is not journalled, as it is part of taking one back."""
    edit = splice(path, before, after)
    act = EditFile(path, edit.offset, edit.cut, edit.text, sha256(before), sha256(edit.after))
    return Change(f"take what is ours out of {path}", (act,), undo=())


def _common(one: str, other: str) -> int:
    """Length of what two texts begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def sha256(data: bytes) -> str:
    """Digest of a content as a change holds it."""
    return hashlib.sha256(data).hexdigest()
