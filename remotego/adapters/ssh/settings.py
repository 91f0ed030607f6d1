"""One machine's ssh settings, as ``ssh -G`` prints them, and the hop they describe."""

from __future__ import annotations

import getpass
import os
import pwd
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.ssh.names import Destination
from remotego.adapters.ssh.tokens import Scene, expand, expand_agent, expand_path
from remotego.core.target import Hop


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys in lower case, each with its values in the order they were given."""

    values: Mapping[str, tuple[str, ...]]

    def first(self, key: str) -> str | None:
        """Give the value that counts; None where the key is absent."""
        return next(iter(self.values.get(key, ())), None)

    def each(self, key: str) -> tuple[str, ...]:
        """Give every value of a key that may be repeated; ``none`` stands for no value at all."""
        return tuple(value for value in self.values.get(key, ()) if value.lower() != "none")


def parse_settings(text: str) -> Settings:
    """Read ``ssh -G``: a key, a space, the value to the end of the line."""
    values: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if value:
            values[key.lower()] = (*values.get(key.lower(), ()), value)
    return Settings(values)


def scene_of(destination: Destination, settings: Settings) -> Scene:
    """Collect what the tokens in these settings stand for."""
    account = pwd.getpwuid(os.getuid())
    hostname = settings.first("hostname") or destination.host
    return Scene(
        alias=destination.host,
        hostname=hostname,
        port=_port(destination, settings),
        user=settings.first("user") or destination.user or getpass.getuser(),
        key_alias=settings.first("hostkeyalias") or destination.host,
        jumps=settings.first("proxyjump") or "",
        home=Path(account.pw_dir),
        local_user=account.pw_name,
        local_uid=account.pw_uid,
        local_host=socket.gethostname(),
        environ=os.environ,
    )


def hop_of(destination: Destination, settings: Settings, *, behind_jump: bool) -> Hop:
    """Turn settings into a hop. A hop ``behind_jump`` is reached through it, whatever ProxyCommand says.

    StrictHostKeyChecking is not read: ``no`` and ``accept-new`` would let whoever stands between
    take over a debugger, which is code execution at both ends, so host keys are always checked.
    Raises TokenError for a token or variable that cannot be filled in.
    """
    scene = scene_of(destination, settings)
    command = None if behind_jump else _command(settings)
    return Hop(
        alias=str(destination),
        hostname=scene.hostname,
        port=scene.port,
        user=scene.user,
        key_name=_key_name(settings, scene),
        known_hosts=_known_hosts(settings),
        revoked_keys=_revoked_keys(settings, scene),
        identities=tuple(expand_path(name, scene) for name in settings.each("identityfile")),
        certificates=tuple(expand_path(name, scene) for name in settings.each("certificatefile")),
        identities_only=settings.first("identitiesonly") == "yes",
        agent=expand_agent(settings.first("identityagent"), scene),
        proxy_command=expand(command, scene) if command else None,
        connect_timeout_s=_seconds(settings.first("connecttimeout")),
    )


def _port(destination: Destination, settings: Settings) -> int:
    return int(settings.first("port") or destination.port or 22)


def _command(settings: Settings) -> str | None:
    value = settings.first("proxycommand")
    return None if value is None or value.lower() == "none" else value


def _seconds(value: str | None) -> float | None:
    return float(value) if value is not None and value.isdecimal() and int(value) > 0 else None


def _key_name(settings: Settings, scene: Scene) -> str:
    """Name the host key as known_hosts does: by its alias, else the host, with its port unless 22."""
    if alias := settings.first("hostkeyalias"):
        return alias.lower()
    host = scene.hostname.lower()
    return host if scene.port == 22 else f"[{host}]:{scene.port}"


def _known_hosts(settings: Settings) -> tuple[Path, ...]:
    values = (*settings.each("userknownhostsfile"), *settings.each("globalknownhostsfile"))
    named = (value for value in values if "none" not in value.lower().split())
    return tuple(path for value in named for path in _files(value, Path))


def _revoked_keys(settings: Settings, scene: Scene) -> tuple[Path, ...]:
    """Find the lists of RevokedHostKeys, which ``ssh -G`` prints unexpanded."""
    values = settings.each("revokedhostkeys")
    return tuple(path for value in values for path in _files(value, lambda name: expand_path(name, scene)))


def _files(value: str, read: Callable[[str], Path]) -> list[Path]:
    """Split a list of files. Its quotes are gone: whether a blank is in a name, the files that exist decide."""
    words = value.split()
    found: list[Path] = []
    while words:
        tries = {size: read(" ".join(words[:size])) for size in range(len(words), 0, -1)}
        size = next((size for size, path in tries.items() if path.exists()), 1)
        found.append(tries[size])
        del words[:size]
    return found
