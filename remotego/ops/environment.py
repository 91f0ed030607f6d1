"""Environment: the settings of a profile in the workspace, kept in step with remotego.toml."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.files import read_file, replace_file, schema
from remotego.core.errors import UsageError
from remotego.core.settings import Settings
from remotego.core.tables import PROFILES, SYSTEMS, secret_in
from remotego.golang.profile import Profile, profile
from remotego.ops.source_paths import NoWorkspaceError
from remotego.vscode.difference import difference
from remotego.vscode.environment import settings_of
from remotego.vscode.settings import FILE, plan_settings, replaced
from remotego.vscode.workspacefile import SUFFIX


@dataclass(eq=False)
class NoProfileError(UsageError):
    """The profile asked for is none of ours."""

    name: str
    what = "there is no profile {name!r}"
    remedy = "name one of intranet, extranet and mixed"


@dataclass(frozen=True, slots=True)
class Replaced:
    """A setting that held another value ``before``; None stands for one that must not be shown."""

    setting: tuple[str, ...]
    before: Any

    @property
    def described(self) -> str:
        """What it was, for people."""
        return _SECRET if self.before is None else json.dumps(self.before, ensure_ascii=False)


_SECRET = "a URL with a user, a password or a query"  # noqa: S105 - says only that there is one


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the workspace: what it shall hold, and the lines of the ``diff`` to that; () if it does already.

    ``notes`` are for people: on the profile, on tools that are not there, on what was ``replaced``.
    """

    file: Path
    profile: Profile
    settings: dict[str, Any]
    diff: tuple[str, ...]
    replaced: tuple[Replaced, ...]
    notes: tuple[str, ...]


def chosen(name: str | None, settings: Settings) -> Profile:
    """Make a profile of the tables in ``settings``. Raises NoProfileError, and what ``profile`` raises."""
    if name not in PROFILES:
        raise NoProfileError(name or "")
    return profile(name, profile_tables(settings))


def profile_tables(settings: Settings) -> dict[str, dict[str, Any]]:
    """Give the tables of profiles that there are."""
    tables = {one: settings.table(f"profile.{one}") for one in PROFILES}
    return {one: table for one, table in tables.items() if table}


def gen_settings(name: str | None, settings: Settings, *, dry: bool) -> Written:
    """Have a profile, the tools and the rest of remotego.toml in the workspace's settings.json."""
    made = chosen(name, settings)
    folder, file = settings_place(Path(settings.workspace))
    wanted = wanted_settings(made, settings)
    original = read_file(folder / file, within=folder)
    text = plan_settings(original.text, wanted, schema("settings"), file=file)
    if text != original.text and not dry:
        replace_file(original, text)
    gone = tuple(_replaced(path, before) for path, before in replaced(original.text, wanted, file=file))
    notes = (*made.notes, *missing_tools(settings), *_described(gone))
    return Written(original.path, made, wanted, difference(file, original.text, text), gone, notes)


def wanted_settings(made: Profile, settings: Settings) -> dict[str, Any]:
    """Give what an editor's settings shall hold: a profile, and the other tables of remotego.toml."""
    tables = {one: settings.table(one) for one in ("tools", "gopls", *(f"terminal.{system}" for system in SYSTEMS))}
    return settings_of(made, tables)


def missing_tools(settings: Settings) -> list[str]:
    """Say which tools an editor will look for in vain."""
    tools: Mapping[str, str] = settings.table("tools")
    wrong = {name: path for name, path in sorted(tools.items()) if shutil.which(path) is None}
    return [
        f"[tools] {name}: {path} {'is no program' if os.path.lexists(path) else 'does not exist'}"
        for name, path in wrong.items()
    ]


def _replaced(setting: tuple[str, ...], before: Any) -> Replaced:
    return Replaced(setting, None if secret_in(f"terminal.{setting[-1]}", before) else before)


def _described(gone: Iterable[Replaced]) -> list[str]:
    """Say what was replaced, once for all the places where it was the same."""
    places: dict[tuple[str, str], list[str]] = {}
    for one in gone:
        places.setdefault((one.setting[-1], one.described), []).append(": ".join(one.setting[:-1]))
    return [f"{name} takes the place of {before} in {', '.join(where)}" for (name, before), where in places.items()]


def settings_place(workspace: Path) -> tuple[Path, str]:
    """Give a folder, and the file in it that holds the settings of the workspace: a workspace file has them itself."""
    if workspace.suffix == SUFFIX and workspace.is_file():
        return workspace.parent, workspace.name
    if not workspace.is_dir():
        raise NoWorkspaceError(str(workspace))
    return workspace, FILE
