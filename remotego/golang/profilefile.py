"""A profile in go's own file: written, changed for another one, and taken out to the bytes of before.

A login has one profile at a time. What the file was without any is not kept as a copy: it is made anew from the
variables that the journal says we have changed, and the digest in the journal proves that it is the same to the byte.
So a change of profile is one edit of one file, whatever was written beside ours in the meantime stays, and a command
that was killed between its journal entry, its edit and the end of the older entry leaves what any later one can read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remotego.core.change import RestoreGoEnv, RestoreProfile
from remotego.golang import goauth
from remotego.golang.goenvfile import Variable, edited, held, told, withdrawn
from remotego.host.homeedit import sha256


@dataclass(frozen=True, slots=True)
class Turn:
    """A file from one profile to another: its ``base`` without any (None: no file), and what it holds ``after``.

    ``variables`` are those that differ from the base, ``kept`` those that the user has given another value since an
    earlier profile was written, by that value: they stay. ``first`` is the digest of the file before the first profile.
    """

    base: bytes | None
    after: bytes
    variables: tuple[Variable, ...]
    kept: Mapping[str, str]
    first: str


def turn(
    content: bytes | None, acts: Sequence[RestoreProfile], wanted: Mapping[str, str], *, replace: bool = False
) -> Turn:
    """Plan the variables ``wanted`` in place of what ``acts``, the newest first, have written.

    ``replace``: put them also in the place of what the user has changed since.
    """
    kept = {} if replace else {name: value for name, value in changed(content, acts).items() if name in wanted}
    kept = {name: value for name, value in kept.items() if value != wanted[name]}
    base = unwound(content, acts)
    ours = {name: value for name, value in wanted.items() if name not in kept}
    surplus = [Variable(*one) for act in acts for one in act.variables if one[0] not in ours]
    after = edited(withdrawn(content or b"", surplus), ours)
    first = next((act.first for act in acts), "" if base is None else sha256(base))
    return Turn(base, after, told(base or b"", ours), kept, first)


def changed(content: bytes | None, acts: Sequence[RestoreProfile]) -> dict[str, str]:
    """Give the variables that a profile has set and the user has changed since, with the user's value."""
    if content is None:
        return {}
    values: dict[str, set[str]] = {name: set() for act in acts for name in act.kept}
    if sha256(content) not in {digest for act in acts for digest in (act.was, act.now)}:
        for act in acts:
            for name, ours, _ in act.variables:
                values.setdefault(name, set()).add(ours)
    found = {name: held(content, name) for name in values}
    return {
        name: value
        for name, value in found.items()
        if value is not None and not any(is_same(name, value, one) for one in values[name])
    }


def is_same(name: str, value: str, other: str) -> bool:
    """Tell whether two values are one profile's: an auth.connect that came before or after is no change of it."""
    return goauth.is_same_apart(value, other) if name == goauth.NAME else value == other


def beside_ours(wanted: Mapping[str, str], content: bytes | None) -> dict[str, str]:
    """Give the variables wanted, with the command of an auth.connect left in its place, the first."""
    ours = goauth.ours_in(held(content or b"", goauth.NAME))
    if ours is None or goauth.NAME not in wanted:
        return dict(wanted)
    return {**wanted, goauth.NAME: str(goauth.joined(ours, wanted[goauth.NAME]))}


def active(content: bytes | None, acts: Sequence[RestoreProfile]) -> RestoreProfile | None:
    """Tell which of the profiles written, the newest first, is the one in force.

    A command that was killed may have left an entry whose edit was never made, or one that the next had replaced.
    """
    digest = "" if content is None else sha256(content)
    return next((act for act in acts if act.now == digest), next(iter(acts), None))


def unwound(content: bytes | None, acts: Sequence[RestoreGoEnv]) -> bytes | None:
    """Give a file without what ``acts``, the newest first, have written; None where it is gone, or was made by them.

    What is as one of them has left it becomes exactly what it was before; else only our values go.
    """
    rest = list(acts)
    while rest and content is not None:
        digest = sha256(content)
        act = next((one for one in rest if one.now == digest), rest[0])
        rest.remove(act)
        content = _taken_back(content, act)
    first = {act.first for act in acts if isinstance(act, RestoreProfile)}
    bare = (content or b"").removesuffix(b"\n")
    return bare if content is not None and sha256(bare) in first else content


def _taken_back(content: bytes, act: RestoreGoEnv) -> bytes | None:
    if sha256(content) == act.was:
        return content
    base = withdrawn(content, [Variable(*one) for one in act.variables])
    if not base and act.was != sha256(b""):
        return None  # to go an empty file is none, and whatever made this one may have been taken back before
    # Our first line may have needed a line feed in front of it that the file did not end with.
    bare = base.removesuffix(b"\n")
    return bare if sha256(content) == act.now and sha256(bare) == act.was else base
