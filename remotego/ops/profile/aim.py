"""Aim: which profile is wanted, and what that means here and on hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remotego.core.settings import Settings
from remotego.golang.goenvfile import check
from remotego.golang.profile import Profile, profile_there
from remotego.ops.environment import chosen, missing_tools, profile_tables, wanted_settings

NONE = "none"


@dataclass(frozen=True, slots=True)
class Aim:
    """A profile by its ``name``: the ``settings`` of a workspace, the ``variables`` of hosts, and ``notes`` on both.

    ``replace``: it also takes the place of what somebody has changed since an earlier profile was written. Without
    a name there shall be none.
    """

    name: str | None
    settings: Mapping[str, Any]
    variables: Mapping[str, str]
    replace: bool = False
    notes: tuple[str, ...] = ()


def aim_at(name: str, settings: Settings, *, replace: bool = False) -> Aim:
    """Read what a profile says, or "none". Raises NoProfileError, what ``profile`` raises, UnfitVariableError."""
    if name == NONE:
        return Aim(None, {}, {}, replace)
    here = chosen(name, settings)
    there = profile_there(name, profile_tables(settings))
    check(there.variables)
    return Aim(name, wanted_settings(here, settings), there.variables, replace, _notes(here, there, settings))


def _notes(here: Profile, there: Profile, settings: Settings) -> tuple[str, ...]:
    tables = profile_tables(settings)
    lacks = here.name != "extranet" and here.name not in tables
    defaults = f"no [profile.{here.name}] was found in remotego.toml: its defaults are meant"
    mirror = tables.get(here.name, {}).get("sdk_mirror")
    told = [*([defaults] if lacks else []), *([f"sdk.install looks for SDKs in {mirror}"] if mirror else [])]
    return tuple(dict.fromkeys((*told, *here.notes, *there.notes, *missing_tools(settings))))
