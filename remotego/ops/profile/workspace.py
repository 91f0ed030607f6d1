"""A profile in a workspace: its editor settings, kept on record, so that another profile can take their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.claims import make_own
from remotego.adapters.files import Original, read_file, remove_file, replace_file, schema
from remotego.adapters.keepsake import forget, keepsake_of, recall
from remotego.core.errors import RefusedError
from remotego.core.settings import Settings
from remotego.golang.telling import told_line
from remotego.ops.environment import settings_place
from remotego.ops.one_go import is_workspace
from remotego.ops.profile.aim import Aim
from remotego.ops.profile.record import KIND, keep_records, records_of
from remotego.vscode.difference import difference
from remotego.vscode.settings import leaves
from remotego.vscode.turning import (
    File,
    Record,
    Turned,
    base_of,
    changed,
    in_force,
    turned,
    values_at,
)

LOCK_TIMEOUT_S = 60.0


@dataclass(eq=False)
class ProfileBusyError(RefusedError):
    """Another command changes the profile of this workspace, and does not end."""

    file: str
    what = "another command is changing the profile of {file}"
    remedy = "let it end, or end it, and run this again"


@dataclass(frozen=True, slots=True)
class Desk:
    """A workspace: its settings file as it is, the records of profiles in it (the newest first), and the plan for it.

    ``turned`` is None where there shall be no profile. ``name`` is the file's within its folder, ``profile`` the one in
    force, ``changed`` what the user has changed of it.
    """

    original: Original
    name: str
    records: tuple[Record, ...]
    profile: str | None
    changed: Mapping[tuple[str, ...], Any]
    aim: Aim
    turned: Turned | None
    base: str | None

    @property
    def after(self) -> str | None:
        """What the file shall hold; None: it shall not be there."""
        return self.turned.text if self.turned else self.base

    @property
    def diff(self) -> tuple[str, ...]:
        """Give the lines of a unified diff, without secrets that stand beside ours."""
        lines = difference(self.name, self.original.text, self.after or "") if self.is_changed else ()
        return tuple(told_line(line) for line in lines)

    @property
    def rows(self) -> tuple[tuple[tuple[str, ...], str | None, str | None], ...]:
        """Give what changes: the path of a setting, and its value before and after as JSON; None for no such member."""
        paths = dict.fromkeys(one.path for record in self.records for one in record.entries)
        paths |= dict.fromkeys(path for path, _ in leaves(self.aim.settings))
        before, after = (values_at(self.name, text, paths) for text in (self.original.text, self.after))
        return tuple((path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path))

    @property
    def is_changed(self) -> bool:
        """Whether the file has to change."""
        return self.after != self.original.text

    @property
    def is_due(self) -> bool:
        """Whether there is anything to do, be it only to write down that a profile is in force."""
        wanted = [self.turned.record(self.aim.name or "")] if self.turned else []
        return self.is_changed or list(map(_meaning, wanted)) != list(map(_meaning, self.records))


def settings_file(settings: Settings) -> Path:
    """Where a workspace has its settings."""
    folder, name = settings_place(Path(settings.workspace).absolute())
    return folder / name


def is_meant(settings: Settings) -> bool:
    """Tell whether a workspace is there that could have a profile, or has one."""
    return is_workspace(Path(settings.workspace).absolute()) or recall(settings_file(settings), KIND) is not None


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Let only one command at a time change the profile of a workspace. Raises ProfileBusyError."""
    from filelock import FileLock, Timeout

    folder, name = settings_place(Path(settings.workspace).absolute())
    place = keepsake_of(folder / name, KIND)
    make_own(place.parent)
    lock = FileLock(place.with_suffix(".lock"), timeout=LOCK_TIMEOUT_S)
    try:
        lock.acquire()
    except Timeout as error:
        raise ProfileBusyError(str(folder / name)) from error
    try:
        yield
    finally:
        lock.release()


def plan_here(aim: Aim, settings: Settings) -> Desk:
    """Look at a workspace, and plan what shall be. Raises JsoncError, SchemaError, UnfitFileError."""
    folder, name = settings_place(Path(settings.workspace).absolute())
    original = read_file(folder / name, within=folder)
    records = tuple(records_of(original.path))
    file = File(name, original.text, schema("settings"), _others(original.path))
    plan = turned(file, records, aim.settings, replace=aim.replace) if aim.name else None
    base = plan.base if plan else base_of(file, records)
    stands = in_force(original.text, records) or next(iter(records), None)
    return Desk(original, name, records, stands.profile if stands else None, changed(file, records), aim, plan, base)


def carry_out_here(desk: Desk) -> None:
    """Write what was planned. What it takes to go back is on record before the file is touched.

    Raises ChangedFileError where somebody has written the file since, UnwritableFileError.
    """
    path, wanted = desk.original.path, desk.turned
    if wanted is None:
        _put(desk.original, desk.base)
        forget(path, KIND)
        return
    record = wanted.record(desk.aim.name or "")
    if desk.is_changed:
        keep_records(path, (record, *desk.records))
        _put(desk.original, wanted.text)
    keep_records(path, (record,))


def _meaning(record: Record) -> tuple[Any, ...]:
    """Give what of a record counts where nothing has to be written."""
    return record.profile, record.entries, record.kept


def _put(original: Original, text: str | None) -> None:
    if text is None and original.text is not None:
        remove_file(original)
        with suppress(OSError):  # it holds something else, or was there before us; git keeps no empty directory
            original.path.parent.rmdir()
    elif text is not None and text != original.text:
        replace_file(original, text)


def _others(path: Path) -> frozenset[tuple[str, ...]]:
    """Name the settings that sdk.use holds in the file."""
    rows = (recall(path) or {}).get("entries", ())
    return frozenset(tuple(row["path"]) for row in rows if isinstance(row, dict) and "path" in row)
