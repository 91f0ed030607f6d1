"""Contradictions: where go says another thing than a profile does, because of what is exported there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remotego.golang import goauth
from remotego.golang.goenv import DEFAULT, ENVIRONMENT, ROOT, settings
from remotego.host.contexts import Contexts


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A variable by which go has another ``value`` than the one ``wanted``, in which contexts, and from where.

    ``cause`` is the file and line, as far as known, else the kind of place.
    """

    name: str
    wanted: str
    value: str
    contexts: tuple[str, ...]
    cause: str


def contradictions(seen: Contexts, wanted: Mapping[str, str]) -> tuple[Contradiction, ...]:
    """Compare what go says in each context that has one. An empty value stands for "not given": go's own default is it.

    GOTOOLCHAIN is what counts for go when it is asked by somebody else than us.
    """
    found: dict[tuple[str, str, str], list[str]] = {}
    for context in seen.contexts:
        for one in settings(context):
            meant = wanted.get(one.name)
            if meant is None or _is_same(one.name, one.value, meant) or (not meant and one.origin in (DEFAULT, ROOT)):
                continue
            exported = context.causes.get(one.name) if one.origin == ENVIRONMENT else None
            cause = str(exported) if exported else one.place or one.origin
            found.setdefault((one.name, one.value, cause), []).append(context.name)
    return tuple(
        Contradiction(name, wanted[name], value, tuple(places), cause) for (name, value, cause), places in found.items()
    )


def hides(variables: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Tell whether an environment keeps a value of go's own file from counting."""
    return any(variables.get(name) and not _is_same(name, variables[name], value) for name, value in wanted.items())


def _is_same(name: str, value: str, wanted: str) -> bool:
    """Compare what was seen on a host, where arguments of commands are blotted out, with what is meant."""
    return value == wanted or (name == goauth.NAME and bool(value) and goauth.told(value) == goauth.told(wanted))
