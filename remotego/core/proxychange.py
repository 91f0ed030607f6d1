"""What is done for a module proxy on a target, and what takes it back; a part of ``core.change``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never


@dataclass(frozen=True, slots=True)
class StartProxy:
    """Have a proxy serve from the directory ``path`` by ``program``, or leave all as it was.

    ``order`` is what goproxyd reads from its standard input; there may be a key in it. ``says`` tells people of it.
    """

    path: str
    program: str
    order: str = field(repr=False)
    says: str


@dataclass(frozen=True, slots=True)
class DropProxy:
    """End a proxy and remove its directory, the cache with it."""

    path: str


@dataclass(frozen=True, slots=True)
class RemoveProxy:
    """The same, from the journal."""

    path: str


def describe_proxy_action(act: StartProxy | DropProxy | RemoveProxy) -> str:
    """Say what an action does, in a few words for a plan."""
    match act:
        case StartProxy(path, says=says):
            return f"{says}, from {path}"
        case DropProxy(path) | RemoveProxy(path):
            return f"end the proxy of {path} and remove it with its cache"
        case _:
            assert_never(act)
