"""The verb that makes a policy of tiers."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from invoke import Context

from remotego.cli.render import MARK, Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.ops.policies import Policy, Tried


@verb(
    "policy",
    iterable=("company", "mirror", "public", "private"),
    explain={
        "company": "a proxy of your own; may be given several times, the best first",
        "mirror": "a national mirror of the public proxy; may be given several times",
        "public": "a public proxy; may be given several times",
        "ending": "direct or off: what stands behind all proxies",
        "private": "a pattern of modules that nobody else may hear of; may be given several times",
        "private_from": "company or origin: whether your proxy has private modules, or their repositories alone",
        "sumdb": "GOSUMDB (default: that of remotego.toml, else sum.golang.org)",
        "nothing_private": "there are no private modules",
    },
)
def policy(
    c: Context,
    company: list[str],
    mirror: list[str],
    public: list[str],
    private: list[str],
    ending: str | None = None,
    private_from: str | None = None,
    sumdb: str | None = None,
    nothing_private: bool = False,
) -> Report:
    """Make go's settings of tiers of proxies: | only between equivalents, and no private name to the public.

    The tiers come from the flags, else from goproxy in the [profile] tables of remotego.toml. Nothing is written: it
    prints what to type. The policy is tried on a path of each private pattern before, in all that may happen.

    Examples:
        proxy.policy --mirror https://goproxy.cn --public https://proxy.golang.org --private '*.corp.example'
        proxy.policy --company https://go.corp.example --private '*.corp.example'
        proxy.policy --private-from origin --json
    """
    from remotego.ops.policies import Flags, make_policy

    flags = Flags(company, mirror, public, private, ending, private_from, sumdb, nothing_private)
    made = make_policy(c.request.settings, flags)
    return Report(
        "proxy-policy",
        {
            "tiers": {
                name: list(value) if isinstance(value, tuple) else value for name, value in asdict(made.tiers).items()
            },
            "variables": dict(made.variables),
            "reasons": dict(made.reasons),
            "tried": [asdict(one) for one in made.tried],
            "notes": list(made.notes),
            "apply": _set_env(made),
        },
        columns=("variable", "value", "because"),
        rows=[(name, value or '""', made.reasons[name]) for name, value in made.variables.items()],
        notes=list(_notes(made)),
    )


def _notes(made: Policy) -> Iterator[str]:
    from remotego.golang.policy import FOLKLORE

    for one in made.tried:
        yield f"tried {one.path} ({one.pattern}): {_heard(one)}"
    yield from (f"note: {note}" for note in made.notes)
    yield f"note: {FOLKLORE}"
    yield f"on a host: remotego {_set_env(made)}"
    yield "in an editor: the same places as goproxy of a [profile] in remotego.toml, then `gen-settings --profile NAME`"


def _heard(one: Tried) -> str:
    if one.heard_by:
        return f"{MARK}{', '.join(one.heard_by)} would hear of {', '.join(one.told)}"
    return f"only {', '.join(one.insiders)} would hear of it" if one.insiders else "nobody would hear of it"


def _set_env(made: Policy) -> str:
    """Say what to type to have it in go's own file on a host."""
    words = [word for name, value in made.variables.items() for word in ("--set", f"{name}={value}")]
    return f"set-env --host HOST {shlex.join(words)}"
