"""A module proxy on this machine for a host without any network, for as long as the connection lasts."""

from __future__ import annotations

import json
import os
import shlex
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.localtools import this_platform
from remotego.adapters.plumbing import plumbed
from remotego.core.change import Change
from remotego.core.errors import UnreachableError, UsageError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Script, Transport
from remotego.golang.machines import goarch_of
from remotego.goproxy.server import BadProxyWishError, ClientSettings, ServerConfig, check, client_of
from remotego.host.store import path_of, plan_push, plan_sweep
from remotego.host.survey import survey
from remotego.ops.building import PROXY, Workshop
from remotego.ops.engine import apply, ask
from remotego.ops.proxying import PROOF

LOOK_S = 0.5
"""How often a wait looks up, so that it hears signals on every system (decision 0017)."""


@dataclass(eq=False)
class OneReverseHostError(UsageError):
    """Not one host is named."""

    number: int
    what = "--reverse holds one connection, and {number} hosts are named"
    remedy = "name one --host; another terminal can hold another"


@dataclass(eq=False)
class ReverseLostError(UnreachableError):
    """The connection has ended while it was held."""

    host: str
    what = "{host}: the connection has ended, and with it the way to the proxy here"
    remedy = "run the same again"


@dataclass(frozen=True, slots=True)
class Reversed:
    """What the host's programs need, and what was changed there: the program in the store."""

    host: str
    client: ClientSettings
    changes: tuple[Change, ...]


def reverse_proxy(
    network: Network,
    name: str,
    settings: Settings,
    progress: Progress,
    config: ServerConfig,
    *,
    dry: bool,
    tell: Callable[[Reversed], None],
) -> None:
    """Serve a host from here until a KeyboardInterrupt; ``tell`` is called once it is so.

    Raises ReverseLostError when the connection ends, BadProxyWishError, and what building and pushing raise.
    """
    check(config)
    if config.tls or config.tokens or not config.is_local:
        raise BadProxyWishError(
            "--reverse", "it is for programs of one host: no --name, --cert or --token, and loopback"
        )
    progress.step(name, "connect")
    with network.reach(name) as host:
        program, changes = _bring(host, settings, progress, dry=dry)
        client = client_of(config, (), None)
        if dry:
            tell(Reversed(name, client, changes))
            return
        with _led(host, program, settings, config) as over:
            tell(Reversed(name, client, changes))
            while not over.wait(LOOK_S):
                pass
        raise ReverseLostError(name)


def _bring(host: Transport, settings: Settings, progress: Progress, *, dry: bool) -> tuple[str, tuple[Change, ...]]:
    have = ask(host, survey(settings.store))
    workshop = Workshop(go=settings.go)
    artifact = workshop.program(PROXY, goarch_of(have.machine), say=lambda text: progress.step(host.name, text))
    changes = (*plan_push(artifact, have, prove=PROOF), *plan_sweep(have))
    if not dry:
        apply(host, changes, have, progress)
    return path_of(artifact, have), changes


@contextmanager
def _led(host: Transport, program: str, settings: Settings, config: ServerConfig) -> Iterator[threading.Event]:
    """Have the host's port lead to a server here."""
    goos, machine = this_platform()
    mine = Workshop(go=settings.go).program(PROXY, goarch_of(machine.lower()), goos=goos, say=lambda _: None)
    place = _place(config)
    stream = host.pipe(Script(f'exec {shlex.join([program, "far", config.listen])} "$begin"'))
    with plumbed(stream, [str(mine.path), "near", str(place)]) as over:
        yield over


def _place(config: ServerConfig) -> Path:
    import platformdirs

    place = platformdirs.user_cache_path("remotego") / "proxy"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = place / f".config.{os.getpid()}"
    fresh.write_text(json.dumps(config.as_json()), encoding="utf-8")
    fresh.replace(place / "config.json")
    return place
