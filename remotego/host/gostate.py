"""Go on a host, as the windows and terminals of a login find it; its GOPROXY is tried by fetching.

The fetch asks for the versions of a small known module, into a temporary directory that goes again, with every
proxy of the list by itself and at the same time, each for no longer than FETCH_S.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from importlib.resources import files

from remotego.core.fact import Fact
from remotego.core.health import GoState, Place, Trial
from remotego.core.terminal import inert

FETCH_S = 10
"""How long a proxy may take, and a start-up file; go itself would wait without end."""

MODULE = "golang.org/x/mod"


def go_state(*, login: bool) -> Fact[GoState]:
    """Ask for the GoState of a ``login``'s interactive shell, or else of whoever runs the script."""
    script = files(__package__).joinpath("gostate.sh").read_text(encoding="utf-8")
    head = f"limit_s={FETCH_S}\nmodule={shlex.quote(MODULE)}\nlogin={int(login) or ''}"
    return Fact("go", f"{head}\n{script}", _parse)


def _parse(text: str) -> GoState:
    pairs = [(key, inert(value)) for key, equals, value in (line.partition("=") for line in text.split("\n")) if equals]
    one = dict(pairs)
    if "home" not in one:
        raise ValueError("it does not tell where home is")
    many = {
        name: [value for key, value in pairs if key == name]
        for name in ("exported", "said", "dangling", "closed", "place", "trial")
    }
    return GoState(
        path=one.get("go", ""),
        real=one.get("real", ""),
        version=one.get("version", "").removeprefix("go version "),
        problem=one.get("problem", ""),
        dangling=tuple(dict.fromkeys(many["dangling"])),
        closed=tuple(dict.fromkeys(many["closed"])),
        exported=_variables(many["exported"]),
        said=_variables(many["said"]),
        places=tuple(map(_place, many["place"])),
        trials=tuple(map(_trial, many["trial"])),
        home=one["home"],
    )


def _variables(lines: Sequence[str]) -> Mapping[str, str]:
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _place(line: str) -> Place:
    mine, writable, path = line.split("\t", 2)
    return Place(path, 0o700, mine=bool(mine), writable=bool(writable))


def _trial(line: str) -> Trial:
    proxy, tool, code, said = line.split("\t", 3)
    return Trial(proxy, tool, int(code), said)
