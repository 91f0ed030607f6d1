"""A module proxy on a host: deployed, looked at, removed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from remotego.adapters.tokens import token_file, trust_folder, write_trust
from remotego.core.artifact import Artifact
from remotego.core.change import Change
from remotego.core.errors import HostError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.golang.machines import goarch_of
from remotego.goproxy.authority import check_authority
from remotego.goproxy.installed import (
    NoProxyError,
    ProxyState,
    Wish,
    absent_seeds,
    parse_state,
    plan_drop,
    plan_proxy,
    proxy,
)
from remotego.goproxy.server import ClientSettings, ServerConfig, check, check_seeds, client_of
from remotego.goproxy.standing import check_kept
from remotego.host.journal import journal
from remotego.host.store import path_of, plan_home, plan_push, plan_sweep
from remotego.host.survey import Survey, survey
from remotego.ops.building import PROXY, Workshop
from remotego.ops.engine import apply, ask
from remotego.ops.proxytokens import Protection, choose_token, forget, put_aside, settle

PROOF = ("version",)
"""What a pushed goproxyd must be able to do before it gets its name."""


@dataclass(eq=False)
class SilentProxyError(HostError):
    """A proxy was started and what is said of it cannot be read."""

    host: str
    said: str
    what = "{host}: the proxy was started, and what it says of itself cannot be read: {said}"
    remedy = "look with `remotego proxy.status --host {host}`"


@dataclass(frozen=True, slots=True)
class DeployedProxy:
    """``state`` is how it is now, in a dry run how it was; ``artifact`` is None where a dry run would have to build.

    ``token_file`` is where the token is here, None without one, or where it was made elsewhere.
    """

    state: ProxyState
    changes: tuple[Change, ...]
    client: ClientSettings
    artifact: Artifact | None
    token_file: Path | None

    @property
    def must_build(self) -> bool:
        """Whether a dry run has left out what only the bytes can tell."""
        return self.artifact is None


def deploy_proxy(
    network: Network,
    name: str,
    settings: Settings,
    progress: Progress,
    wish: Wish,
    protection: Protection,
    *,
    dry: bool,
) -> DeployedProxy:
    """Have a proxy on a host as wished: one question, and nothing more where it is there and well.

    A token is made here, kept in a file for its owner alone, and only its digest goes to the host. Raises
    BadProxyWishError, LessProtectedError, ProxyFailedError, SilentProxyError, UntrustedAuthorityError and what building
    and pushing raise.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        have, before, absent = ask(host, survey(settings.store), proxy(settings.store), absent_seeds(wish.config.seeds))
        chosen = choose_token(name, before.tokens, protection)
        wish = replace(wish, config=replace(wish.config, tokens=chosen.digests))
        check(wish.config)
        check_seeds(absent)
        if not protection.plain:
            check_kept(name, wish, before, guarded=protection.token)
        artifact = build_proxy(have, settings, progress, name, dry=dry)
        client = client_of(wish.config, wish.names or wish.cert_names, str(trust_folder(name)) if wish.names else None)
        if artifact is None:
            changes = (*plan_home(have), *plan_proxy(wish, f"{have.root}/store/{PROXY}", before), *plan_sweep(have))
            return DeployedProxy(before, changes, client, None, None)
        push = plan_push(artifact, have, prove=PROOF)
        serve = plan_proxy(wish, path_of(artifact, have), before)
        changes = (*push, *serve, *plan_sweep(have))
        file = token_file(name) if chosen.token else None
        if dry:
            return DeployedProxy(before, changes, client, artifact, file)
        put_aside(name, client.url, chosen.token)
        said = apply(host, changes, have, progress)
        settle(name, client.url, chosen.token)
        state = _read(name, said) if serve else before
        if state.ca:
            check_authority(name, state.ca, wish.names)
            write_trust(name, state.ca)
        return DeployedProxy(state, changes, client, artifact, file)


def build_proxy(have: Survey, settings: Settings, progress: Progress, name: str, *, dry: bool) -> Artifact | None:
    """Give the program for a host; None where a dry run would have to build it. Raises what building raises."""
    goarch, workshop = goarch_of(have.machine), Workshop(go=settings.go)
    if dry:
        return workshop.cached(PROXY).get(goarch)
    return workshop.program(PROXY, goarch, say=lambda text: progress.step(name, text))


def _read(name: str, said: str) -> ProxyState:
    try:
        return parse_state(said)
    except ValueError as error:
        raise SilentProxyError(name, str(error)) from error


@dataclass(frozen=True, slots=True)
class RemovedProxy:
    """``changes`` is empty when there was none."""

    place: str
    changes: tuple[Change, ...]


def look_at_proxy(network: Network, name: str, settings: Settings, progress: Progress) -> ProxyState:
    """Tell how the proxy of a host is, in one round trip. Raises NoProxyError."""
    progress.step(name, "connect")
    with network.reach(name) as host:
        state = ask(host, proxy(settings.store))
    if not state.there:
        raise NoProxyError(name)
    return state


def remove_proxy(network: Network, name: str, settings: Settings, progress: Progress, *, dry: bool) -> RemovedProxy:
    """End the proxy of a host and remove it with its cache; the program stays in the store until an undo.

    Its token and the certificate trusted for it go here, too.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        have, state, entries = ask(host, survey(settings.store), proxy(settings.store), journal(settings.store))
        changes = tuple(plan_drop(state, entries))
        if not dry:
            apply(host, changes, have, progress)
            forget(name, state)
    return RemovedProxy(state.place, changes)


def client_of_state(state: ProxyState) -> ClientSettings:
    """Give what clients need of a proxy that is there. Raises ValueError where its configuration is not as ours."""
    match state.config:
        case {"listen": str(listen), "tls": bool(tls), "sumdb": str(sumdb), "nosumdb": str(nosumdb), **_rest}:
            config = ServerConfig(listen=listen, tls=tls, sumdb=sumdb, nosumdb=nosumdb)
            return client_of(config, state.names or state.cert_names, f"{state.place}/trust" if state.ca else None)
        case _:
            raise ValueError("its configuration was written by another version")
