"""What stands on a host already: the command that has it so again, and what no forgotten flag may take from it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from remotego.core.errors import UsageError
from remotego.core.terminal import inert
from remotego.goproxy.installed import ProxyState, Wish
from remotego.goproxy.server import ServerConfig

_FLAGS: Mapping[str, str] = {"listen": "--listen", "upstream": "--upstream", "sumdb": "--sumdb", "nosumdb": "--nosumdb"}
"""Fields of a configuration that are texts, and their flags."""


@dataclass(eq=False)
class LessProtectedError(UsageError):
    """A proxy would lose its TLS or its token, and nobody has said so."""

    host: str
    lost: str
    command: str
    what = "{host}: the proxy there serves with {lost}, and by these flags it would serve without"
    remedy = "repeat its flags: `{command}`; or say --plain to have it without"


def check_kept(host: str, wish: Wish, state: ProxyState, *, guarded: bool) -> None:
    """See that a proxy keeps its TLS, and the token that ``guarded`` wishes. Raises LessProtectedError."""
    loses_tls = _config(state).get("tls") is True and not wish.config.tls
    lost = [*(["TLS"] if loses_tls else []), *(["a token"] if state.tokens and not guarded else [])]
    if lost:
        raise LessProtectedError(host, " and ".join(lost), render_command(host, state))


def render_command(host: str, state: ProxyState) -> str:
    """Write the command by which a proxy is deployed as it is; certificates of somebody's own are FILE in it."""
    return shlex.join(["remotego", "deploy-proxy", "--host", host, *map(inert, _words(state))])


def _words(state: ProxyState) -> Iterator[str]:
    config, usual = _config(state), ServerConfig()
    for field, flag in _FLAGS.items():
        value = config.get(field)
        if isinstance(value, str) and value != getattr(usual, field):
            yield from (flag, value)
    yield from _protection(config, state)
    size_bytes = config.get("max_bytes")
    if isinstance(size_bytes, int) and size_bytes != usual.max_bytes:
        yield from ("--max-gb", str(size_bytes >> 30))
    for seed in config.get("seeds") or ():
        yield from ("--seed", str(seed))
    switches = (("--offline", state.offline), ("--complete", config.get("missing_is_final") is True))
    yield from (flag for flag, is_on in switches if is_on)


def _protection(config: Mapping[str, Any], state: ProxyState) -> Iterator[str]:
    for name in state.names:
        yield from ("--name", name)
    if config.get("tls") is True and not state.names:
        yield from ("--cert", "FILE", "--key", "FILE")
    if state.tokens:
        yield "--token"


def _config(state: ProxyState) -> Mapping[str, Any]:
    return state.config if isinstance(state.config, dict) else {}
