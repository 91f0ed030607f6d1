"""A proxy of ours on a target: what is there, asked in one script, and what has it be as wanted."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from remotego.core.change import Change
from remotego.core.errors import MissingError
from remotego.core.fact import Fact
from remotego.core.proxychange import DropProxy, RemoveProxy, StartProxy
from remotego.core.sdkchange import Forget
from remotego.core.terminal import inert
from remotego.goproxy.server import ServerConfig, render_order
from remotego.host.journal import Entry
from remotego.host.proxy import PLACE
from remotego.host.root import TRUSTED, guarded

_SCRIPT = """\
{trusted}
program=$(readlink -- "$root/{place}/program" 2>/dev/null)
case $program in "$root"/store/goproxyd-*) ;; *) echo absent; exit 0 ;; esac
trusted -d "$root" && trusted -d "$root/store" && trusted -d "$root/{place}" && trusted -f "$program" ||
  {{ echo absent; exit 0; }}
"$program" status "$root/{place}"
"""


@dataclass(eq=False)
class NoProxyError(MissingError):
    """There is no proxy of ours on the host."""

    host: str
    what = "{host}: there is no module proxy of ours"
    remedy = "`remotego deploy-proxy --host {host}` puts one there"


@dataclass(frozen=True, slots=True)
class ProxyState:
    """What ``goproxyd status`` tells: ``place`` is its directory, ``config`` what it was told, ``ca`` what to trust.

    ``health`` is "" while it answers, else why it does not; ``keeper`` and ``server`` are process numbers, 0 for none.
    ``lingers`` is "no" where systemd ends it with the last login of its user.
    """

    place: str
    there: bool = False
    config: Any = None
    program: str = ""
    supervisor: str = ""
    names: tuple[str, ...] = ()
    cert_sha256: str = ""
    cert_names: tuple[str, ...] = ()
    ca: str = field(default="", repr=False)
    current: bool = False
    offline: bool = False
    keeper: int = 0
    server: int = 0
    health: str = ""
    lingers: str = ""
    size_bytes: int = 0

    @property
    def tokens(self) -> tuple[str, ...]:
        """The digests of the tokens it takes."""
        found = self.config.get("tokens") if isinstance(self.config, dict) else None
        return tuple(str(one) for one in found or ())


@dataclass(frozen=True, slots=True)
class Wish:
    """A proxy as it shall be: ``names`` for a certificate of its own making, or ``cert`` and ``key`` in PEM.

    ``cert_names`` are those that ``cert`` is for.
    """

    config: ServerConfig
    supervisor: str = "auto"
    names: tuple[str, ...] = ()
    cert: str = ""
    key: str = field(default="", repr=False)
    offline: bool = False
    cert_names: tuple[str, ...] = ()


def proxy(store: str | None = None) -> Fact[ProxyState]:
    """Ask what proxy there is. ``store`` is as in ``survey``."""
    script = _SCRIPT.format(trusted=TRUSTED, place=PLACE)
    return guarded("proxy", store, script, lambda root, text: _parse(f"{root}/{PLACE}", text))


def absent_seeds(seeds: Sequence[str]) -> Fact[tuple[str, ...]]:
    """Ask which of these are no directories there."""
    rows = (f"test -d {shlex.quote(seed)} || echo {number}" for number, seed in enumerate(seeds))
    return Fact("seeds", "\n".join((*rows, ":")), lambda text: tuple(seeds[number] for number in _numbers(text, seeds)))


def _numbers(text: str, among: Sequence[str]) -> list[int]:
    """Read numbers of things. Raises ValueError where there is none of a number."""
    return [range(len(among)).index(int(word)) for word in text.split()]


def _parse(place: str, text: str) -> ProxyState:
    return ProxyState(place) if text.strip() == "absent" else parse_state(text)


def parse_state(text: str) -> ProxyState:
    """Read a line of ``goproxyd status``, the last of a text. Raises ValueError."""
    lines = text.strip().splitlines()
    try:
        match json.loads(lines[-1] if lines else ""):
            case {
                "there": bool(there),
                "place": str(place),
                "config": config,
                "program": str(program),
                "supervisor": str(supervisor),
                "names": [*names],
                "cert_sha256": str(cert),
                "cert_names": [*cert_names],
                "ca": str(ca),
                "current": bool(current),
                "offline": bool(offline),
                "keeper": int(keeper),
                "server": int(server),
                "health": str(health),
                "lingers": str(lingers),
                "size_bytes": int(size_bytes),
            }:
                return ProxyState(
                    place=inert(place),
                    there=there,
                    config=config,
                    program=inert(program),
                    supervisor=inert(supervisor),
                    names=tuple(inert(str(name)) for name in names),
                    cert_sha256=inert(cert),
                    cert_names=tuple(inert(str(name)) for name in cert_names),
                    ca=ca,
                    current=current,
                    offline=offline,
                    keeper=keeper,
                    server=server,
                    health=inert(health),
                    lingers=inert(lingers),
                    size_bytes=size_bytes,
                )
    except (ValueError, RecursionError) as error:
        raise ValueError(f"goproxyd said {inert(text)[:200]!r}") from error
    raise ValueError(f"goproxyd said {inert(text)[:200]!r}")


def plan_proxy(wish: Wish, program: str, state: ProxyState) -> list[Change]:
    """Have a proxy run as wished by ``program``; [] where it does.

    The first of these changes is journalled with what removes it. Later ones replace the former proxy while its
    downloads go on; they have no way back of their own, but the journal's.
    """
    if _is_so(wish, program, state):
        return []
    rest = {
        "program": program,
        "supervisor": wish.supervisor,
        "names": list(wish.names),
        "cert": wish.cert,
        "key": wish.key,
        "ca": "",
        "offline": wish.offline,
    }
    start = StartProxy(state.place, program, render_order(wish.config, rest), _says(wish))
    undo = () if state.there else (RemoveProxy(state.place),)
    return [Change("replace the proxy" if state.there else "have a proxy serve", (start,), undo)]


def _is_so(wish: Wish, program: str, state: ProxyState) -> bool:
    kept = state.supervisor == wish.supervisor or (wish.supervisor == "auto" and state.supervisor != "")
    cert = hashlib.sha256(wish.cert.encode()).hexdigest() if wish.cert else state.cert_sha256
    return (
        (state.there, state.config, state.program) == (True, wish.config.as_json(), program)
        and (state.names, state.cert_sha256, state.offline) == (wish.names, cert, wish.offline)
        and kept
        and state.current
        and not state.health
        and bool(state.keeper)
    )


def _says(wish: Wish) -> str:
    scheme = "https" if wish.config.tls else "http"
    guarded_by = " with a token" if wish.config.tokens else ""
    source = "its cache alone" if wish.offline or wish.config.upstream == "off" else wish.config.upstream
    return f"serve {scheme}://{wish.config.listen}{guarded_by} out of {source}"


def plan_drop(state: ProxyState, entries: Sequence[Entry]) -> list[Change]:
    """End a proxy for good; the journal forgets how. [] where there is none."""
    if not state.there:
        return []
    done = tuple(
        entry.name
        for entry in entries
        if any(isinstance(act, RemoveProxy) and act.path == state.place for act in entry.undo)
    )
    forget = (Forget(done),) if done else ()
    return [Change("remove the proxy", (DropProxy(state.place), *forget), ())]
