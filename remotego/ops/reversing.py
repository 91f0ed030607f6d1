"""A module proxy on this machine for a host without any network, for as long as the connection lasts."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from remotego.adapters.localtools import this_platform
from remotego.adapters.plumbing import plumbed
from remotego.core.change import Change
from remotego.core.errors import HostError, RefusedError, UnreachableError, UsageError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Script, Stream, Transport
from remotego.golang.machines import goarch_of
from remotego.goproxy.installed import Wish
from remotego.goproxy.server import BadProxyWishError, ClientSettings, ServerConfig, check, check_seeds, client_of
from remotego.host.store import path_of, plan_home, plan_push, plan_sweep
from remotego.host.survey import survey
from remotego.ops.building import PROXY, Workshop
from remotego.ops.engine import apply, ask
from remotego.ops.proxying import PROOF, build_proxy

_TAKEN = re.compile("goproxyd: listen .*: address already in use")
"""What our program says, amid what a login there prints as it begins."""

LOOK_S = 0.5
"""How often a wait looks up, so that it hears signals on every system (decision 0017)."""


@dataclass(eq=False)
class OneReverseHostError(UsageError):
    """Not one host is named."""

    number: int
    what = "--reverse holds one connection, and {number} hosts are named"
    remedy = "name one --host; another terminal can hold another"


@dataclass(eq=False)
class RemotePortTakenError(HostError):
    """Somebody listens there already, perhaps another one of ours."""

    host: str
    listen: str
    what = "{host}: the port is taken: {listen}: address already in use"
    remedy = "choose another by --listen, or end what listens there (`remotego proxy.status --host {host}`)"


@dataclass(eq=False)
class ReverseLostError(UnreachableError):
    """The connection has ended while it was held."""

    host: str
    what = "{host}: the connection has ended, and with it the way to the proxy here"
    remedy = "run the same again"


@dataclass(frozen=True, slots=True)
class Reversed:
    """What the host's programs need, and what was changed there: the program in the store.

    ``must_build``: a dry run has left out what only the bytes of that program can tell.
    """

    host: str
    client: ClientSettings
    changes: tuple[Change, ...]
    must_build: bool = False


def reverse_proxy(
    network: Network,
    name: str,
    settings: Settings,
    progress: Progress,
    wish: Wish,
    *,
    dry: bool,
    tell: Callable[[Reversed], None],
    stop: threading.Event,
) -> None:
    """Serve a host from here until ``stop``; ``tell`` is called once it is so.

    Raises ReverseLostError when the connection ends, RemotePortTakenError, BadProxyWishError, and what building and
    pushing raise.
    """
    _check(wish)
    progress.step(name, "connect")
    with network.reach(name) as host:
        have = ask(host, survey(settings.store))
        client = client_of(wish.config, (), None)
        artifact = build_proxy(have, settings, progress, name, dry=dry)
        if artifact is None:
            tell(Reversed(name, client, (*plan_home(have), *plan_sweep(have)), must_build=True))
            return
        changes = (*plan_push(artifact, have, prove=PROOF), *plan_sweep(have))
        if dry:
            tell(Reversed(name, client, changes))
            return
        apply(host, changes, have, progress)
        with _led(host, path_of(artifact, have), settings, wish) as over:
            tell(Reversed(name, client, changes))
            while not over.wait(LOOK_S):
                if stop.is_set():
                    return
        raise ReverseLostError(name)


def _check(wish: Wish) -> None:
    """Refuse what a proxy has no use for that ends with this command. Raises BadProxyWishError."""
    check(wish.config)
    check_seeds([seed for seed in wish.config.seeds if not Path(seed).is_dir()])
    if wish.config.tls or wish.config.tokens or not wish.config.is_local:
        raise BadProxyWishError(
            "--reverse", "it is for programs of one host: no --name, --cert or --token, and loopback"
        )
    if wish.supervisor != "auto":
        raise BadProxyWishError("--supervisor", "nobody looks after a proxy of --reverse: it ends with this command")


@contextmanager
def _led(host: Transport, program: str, settings: Settings, wish: Wish) -> Iterator[threading.Event]:
    """Have the host's port lead to a server here."""
    goos, machine = this_platform()
    mine = Workshop(go=settings.go).program(PROXY, goarch_of(machine.lower()), goos=goos, say=lambda _: None)
    stream = _listening(host, program, wish.config.listen)
    with plumbed(stream, [str(mine.path), "near", str(place_for(wish))]) as over:
        yield over


def _listening(host: Transport, program: str, listen: str) -> Stream:
    """Have a program listen there, and give the way to it. Raises RemotePortTakenError, and what ``pipe`` raises."""
    try:
        return host.pipe(Script(f'exec {shlex.join([program, "far", listen])} "$begin"'))
    except RefusedError as error:
        if _TAKEN.search(str(error)):
            raise RemotePortTakenError(host.name, listen) from error
        raise


def place_for(wish: Wish) -> Path:
    """Make a place here for proxies of this wish, with the cache that all share.

    Two that run at once with different wishes have different places; the address, which is the host's, makes none.
    """
    import platformdirs

    config = json.dumps(replace(wish.config, listen=ServerConfig().listen).as_json(), sort_keys=True)
    ours = platformdirs.user_cache_path("remotego") / "proxy"
    place = ours / hashlib.sha256(f"{config} {wish.offline}".encode()).hexdigest()[:12]
    for folder in (ours / "cache", place):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(place / "config.json", lambda fresh: fresh.write_text(config, encoding="utf-8"))
    _put(place / "cache", lambda fresh: fresh.symlink_to(ours / "cache"))
    if wish.offline:
        (place / "offline").touch()
    return place


def _put(path: Path, make: Callable[[Path], object]) -> None:
    """Make a file that appears whole: another of the same place may be reading it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    make(fresh)
    fresh.replace(path)
