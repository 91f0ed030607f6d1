"""A module proxy on a target as sh: have it serve, end it; a part of ``host.shell``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from remotego.core.change import Change
from remotego.core.errors import HostError
from remotego.core.proxychange import DropProxy, RemoveProxy, StartProxy
from remotego.host.journal import Entry
from remotego.host.scripts import assign, read

PLACE = "proxy"
"""Name of its directory below ours."""


@dataclass(eq=False)
class ProxyFailedError(HostError):
    """The proxy on the target does not serve as it should."""

    root: str
    said: str
    what = "the proxy in {root} could not be changed: {said}"
    remedy = "mend the cause it names, such as a port that is taken (--listen), and run the same again"


def render_proxy_action(act: StartProxy | DropProxy) -> str:
    """Render one action for a batch."""
    match act:
        case StartProxy(path, program, order):
            words = shlex.join(["start_proxy", path, program, order])
        case DropProxy(path):
            words = shlex.join(["stop_proxy", path])
        case _:
            assert_never(act)
    return f"{words} || {{ echo '#proxy' >&2; fail; }}"


def about_proxies(acts: Sequence[object]) -> list[str]:
    """Give the sh that actions about proxies need; nothing where there are none."""
    return [read("proxy")] if any(isinstance(act, StartProxy | DropProxy) for act in acts) else []


def abandon_proxies(change: Change) -> list[str]:
    """End the proxy that a change has begun before it failed; the lines return 1 where that fails, too."""
    places = [act.path for act in change.undo if isinstance(act, RemoveProxy)]
    return [f"abandon_proxy {shlex.quote(path)} || return 1" for path in places]


def undo_proxies(entries: Sequence[Entry], root: str) -> list[str]:
    """End proxies before the programs they run by are removed."""
    places = sorted({act.path for entry in entries for act in entry.undo if isinstance(act, RemoveProxy)})
    if not places:
        return []
    return [assign({"root": root}), read("proxy"), *(f"stop_proxy {shlex.quote(path)} || exit 1" for path in places)]


def explain_proxy(text: str, said: Sequence[str], root: str) -> ProxyFailedError | None:
    """Say what a proxy could not do; None where it is not about one."""
    if "#proxy" not in text.splitlines():
        return None
    ours = [line.removeprefix("goproxyd: ") for line in said if line.startswith("goproxyd: ")]
    return ProxyFailedError(f"{root}/{PLACE}", "; ".join(ours or said[-3:]) or "it does not say why")
