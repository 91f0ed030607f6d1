"""Targets: machines a user names, and the chain of hops that leads to each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Hop:
    """One SSH connection of a route, as ``ssh -G`` resolves it.

    ``alias`` is what the user wrote; ``key_name`` is the name its host key is filed under
    in known_hosts (HostKeyAlias, ``host`` or ``[host]:port``). ``revoked_keys`` are lists of host keys
    that must not be trusted (RevokedHostKeys). ``agent`` is the socket of the identity agent, None for
    "no agent". ``proxy_command`` is a ProxyCommand with its tokens expanded; only the first hop of
    a route can have one.
    """

    alias: str
    hostname: str
    port: int
    user: str
    key_name: str
    known_hosts: tuple[Path, ...] = ()
    revoked_keys: tuple[Path, ...] = ()
    identities: tuple[Path, ...] = ()
    certificates: tuple[Path, ...] = ()
    identities_only: bool = False
    agent: str | None = None
    proxy_command: str | None = None
    connect_timeout_s: float | None = None

    @property
    def address(self) -> str:
        """``user@host:port``, for people."""
        return f"{self.user}@{self.hostname}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """A machine by the ``name`` its user gave it, and the ``route`` there: jump hosts first, itself last."""

    name: str
    route: tuple[Hop, ...]

    @property
    def hop(self) -> Hop:
        """The last hop: the target itself."""
        return self.route[-1]

    @property
    def jumps(self) -> tuple[Hop, ...]:
        """The jump hosts before it, in order."""
        return self.route[:-1]
