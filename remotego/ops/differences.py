"""Differences: what edits do to the files of a login's home, as it is shown."""

from __future__ import annotations

from collections.abc import Iterable

from remotego.golang.telling import told_line
from remotego.host.homeedit import HomeEdit
from remotego.host.homefiles import Home
from remotego.vscode.difference import difference


def differences(home: Home, edits: Iterable[HomeEdit]) -> tuple[str, ...]:
    """Give the lines of a unified diff of all files, without the secrets that stand beside ours."""
    return tuple(told_line(line) for edit in edits for line in _difference(home, edit))


def _difference(home: Home, edit: HomeEdit) -> tuple[str, ...]:
    before = None if edit.before is None else edit.before.decode("utf-8", "replace")
    return difference(home.path_of(edit.name), before, edit.after.decode("utf-8", "replace"))
