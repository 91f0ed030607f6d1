"""GOAUTH: what go asks for credentials, in its order, and ours among others (`go help goauth`)."""

from __future__ import annotations

import re

NAME = "GOAUTH"
OURS = " credential goauth"
"""What the command of an auth.connect ends with."""

DEFAULT, OFF = "netrc", "off"
BLOT = "***"
_TOLD_WHOLE = re.compile(rf"\S+|git /\S*|\S+{OURS}")


def commands(value: str | None) -> tuple[str, ...]:
    """Split a value; what is not set, or empty, is go's own default."""
    return tuple(word for one in (value or DEFAULT).split(";") if (word := one.strip()))


def ours_in(value: str | None) -> str | None:
    """Give the command of ours in a value, None where there is none."""
    return next((one for one in commands(value) if one.endswith(OURS)), None)


def apart(value: str | None) -> tuple[str, ...]:
    """Give the commands that are not ours; "off" is none."""
    return tuple(one for one in commands(value) if one != OFF and not one.endswith(OURS))


def joined(ours: str | None, value: str | None) -> str | None:
    """Give a value with ``ours`` first, or with none of ours: where "off" was, ours stands alone."""
    rest = apart(value)
    if ours is not None:
        return ";".join((ours, *rest))
    if ours_in(value) is None:
        return value
    return None if rest == (DEFAULT,) else ";".join(rest) or OFF


def is_same_apart(value: str | None, other: str | None) -> bool:
    """Tell whether two values have go ask the same, but for ours."""
    return apart(value) == apart(other)


def taken_out(value: str, now: str, was: str | None) -> str | None:
    """Give what a value is once a change from ``was`` to ``now`` is taken back; None: it is not set any more.

    An auth.connect and a profile both change it, and in any order: what one has put there stays when the other goes.
    A value that somebody else has changed is theirs. An empty one that we were put beside may be a profile's that has
    gone since, and counts as none.
    """
    if ours_in(now) and not ours_in(was):
        return (was or None) if is_same_apart(value, was) else joined(None, value)
    if value == now:
        return was
    return joined(ours_in(value), was) if is_same_apart(value, now) else value


def told(value: str) -> tuple[str, ...]:
    """Give the commands as a look at a host tells them: none behind one with arguments, which may be secrets.

    What host/contexts.sh blots out is blotted out here by the same rule, so that both can be compared.
    """
    found: list[str] = []
    for one in commands(value):
        if not _TOLD_WHOLE.fullmatch(one):
            return (*found, f"{one.split()[0]} {BLOT}")
        found.append(one)
    return tuple(found)
