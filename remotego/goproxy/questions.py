"""Questions: what a proxy is asked to find out by content what it is worth to go.

A known module's go.mod must have the hash that everybody else has for it; a module that nobody has must be answered
404 or 410, the only answers after which go asks the next proxy of a list behind ``,`` (cmd/go's proxy.go).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.golang.modulepath import escaped
from remotego.golang.sumdb.database import Database
from remotego.golang.sumdb.lookup import lookup_path

TIMEOUT_S = 10.0
"""How long one request may take; go itself would wait without end."""

CAP_BYTES = 1 << 20
"""How much of a body is read: a list of golang.org/toolchain has 200 KB."""

MODULE, ABSENT, TOOLCHAINS, SUPPORTED, LOOKUP = "module", "absent", "toolchains", "supported", "lookup"

_KNOWN = re.compile(r"(?P<module>[^\s@=]+)@(?P<version>v[^\s@=]+)=(?P<sum>h1:[A-Za-z0-9+/]{43}=)")


@dataclass(eq=False)
class BadKnownError(UsageError):
    """What is given as a known module is none."""

    text: str
    what = "{text!r} is no known module"
    remedy = "give MODULE@VERSION=h1:HASH as go.sum has it for the go.mod: rsc.io/quote@v1.5.2=h1:LzX7hefJ..."


@dataclass(frozen=True, slots=True)
class Known:
    """A module whose go.mod is known to everybody by its ``sum``, as go.sum has it."""

    module: str
    version: str
    sum: str


KNOWN = Known("rsc.io/quote", "v1.5.2", "h1:LzX7hefJvL54yjefDEDHNONDjII0t9xZLPXsUe+TKr0=")
"""The module of Go's own tutorial, as cmd/go's testdata has it and sum.golang.org says."""


@dataclass(frozen=True, slots=True)
class Question:
    """A path below a proxy, and the name by which its answer is known."""

    name: str
    path: str


def parse_known(text: str) -> Known:
    """Read ``MODULE@VERSION=h1:HASH``. Raises BadKnownError."""
    found = _KNOWN.fullmatch(text)
    if found is None:
        raise BadKnownError(text)
    return Known(found["module"], found["version"], found["sum"])


def questions(known: Known, database: Database | None, nonce: str, *, ages: bool = True) -> tuple[Question, ...]:
    """Give what to ask, the known module first; without a ``database`` nothing about one.

    ``ages``: also for what tells stale ones from others, 200 KB and of no weight for who is of use.
    ``nonce`` makes the module that nobody has a new one each time. It is named below the known one, so that a company's
    list of permitted hosts does not answer for it.
    """
    path = escaped(known.module)
    asked = [
        Question(MODULE, f"{path}/@v/{escaped(known.version)}.mod"),
        Question(ABSENT, f"{path}/absent{nonce}/@v/v1.0.0.info"),
    ]
    if ages:
        asked.append(Question(TOOLCHAINS, "golang.org/toolchain/@v/list"))
    if database is not None:
        below = f"sumdb/{database.name}"
        asked.append(Question(SUPPORTED, f"{below}/supported"))
        asked.append(Question(LOOKUP, f"{below}/{lookup_path(path, escaped(known.version))}"))
    return tuple(asked)


def render_order(
    proxies: Sequence[str],
    asked: Sequence[Question],
    variables: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> str:
    """Write the order for ``gateway probe`` (remotego/gateway/PROTOCOL.md) as one line.

    ``variables`` replace those of its environment; an empty value takes one away.
    """
    order = {
        "proxies": list(proxies),
        "requests": [{"name": one.name, "path": one.path} for one in asked],
        "timeout_s": timeout_s,
        "cap_bytes": CAP_BYTES,
        "variables": dict(variables or {}),
    }
    return json.dumps(order)
