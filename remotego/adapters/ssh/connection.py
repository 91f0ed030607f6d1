"""One SSH connection of a route: Fabric's Connection, made strict, bounded and free of surprises."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fabric import Config
from fabric import Connection as FabricConnection
from paramiko import SSHConfig

from remotego.adapters.ssh.errors import (
    ConnectError,
    ConnectionLostError,
    HandshakeError,
    JumpRefusedError,
    ProxyCommandError,
    SessionRefusedError,
    describe,
)
from remotego.adapters.ssh.forwarding import open_port, open_unix
from remotego.adapters.ssh.keys import KeyRing
from remotego.adapters.ssh.knownhosts import KnownKey, Mark
from remotego.adapters.ssh.link import BROKEN, CONNECT_FAILED, Link, Pipe, Refusal, direct_tcpip
from remotego.adapters.ssh.login import KeyStrategy
from remotego.adapters.ssh.patience import AUTH_S, BANNER_S, CHANNEL_S, DroppedError, insist
from remotego.adapters.ssh.session import until_freed
from remotego.adapters.ssh.stream import ChannelStream
from remotego.adapters.ssh.trust import TrustPolicy
from remotego.adapters.ssh.wire import Dial, ProxyProcess, Wire, dial
from remotego.core.errors import RemotegoError
from remotego.core.target import Hop
from remotego.core.terminal import inert

logging.getLogger("paramiko").addHandler(logging.NullHandler())
# Without a handler Python prints paramiko's warnings, with the server's raw text in them, to the terminal.


Detour = Callable[["Connection", Hop, JumpRefusedError], Wire]
"""Lays a wire from a jump host to a hop by other means than forwarding. Raises RemotegoError."""


class Connection(FabricConnection):  # type: ignore[misc]  # Fabric has no types
    """A hop to be reached by itself or through the ``gateway`` before it; ``early`` is its socket if begun.

    ``detour`` is the way through a gateway that refuses to forward.

    Nothing is read from Fabric's or Invoke's configuration files, nor from any ssh_config: the
    hop says it all. Host keys are checked here, on every hop, against ``known``.
    """

    def __init__(
        self,
        hop: Hop,
        known: Sequence[KnownKey],
        ring: KeyRing,
        gateway: Connection | None = None,
        early: Dial | None = None,
        detour: Detour | None = None,
    ) -> None:
        super().__init__(
            host=hop.hostname,
            user=hop.user,
            port=hop.port,
            config=Config(lazy=True, ssh_config=SSHConfig()),
            gateway=gateway or False,
            forward_agent=False,
            inline_ssh_env=False,
        )
        self._set(hop=hop, _known=known, _ring=ring, _early=early, _detour=detour, wire=None, lost=None)
        self.client.set_missing_host_key_policy(TrustPolicy(hop, known, gateway.hop if gateway else None))

    # Fabric compares by user, host and port, which two machines behind different jump hosts may share.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def link(self) -> Link:
        """The open link. Raises ConnectionLostError when it is down."""
        link: Link | None = self.client.get_transport()
        if link is None or not link.is_active():
            raise self.loss()
        return link

    @property
    def chain(self) -> tuple[Connection, ...]:
        """The connections this one rests on, outermost first, and itself last."""
        return (*self.gateway.chain, self) if self.gateway else (self,)

    @property
    def is_connected(self) -> bool:
        """Whether it is open, the gateways under it included."""
        link = self.client.get_transport()
        return link is not None and link.is_active() and (not self.gateway or self.gateway.is_connected)

    def start(self, command: str) -> Pipe:
        """Run a command. Raises SessionRefusedError, ConnectionLostError."""
        return until_freed(lambda: self._start(command), lambda: self.link.closed_s)

    def _start(self, command: str) -> Pipe:
        try:
            link = self.link
            session = link.open_session(CHANNEL_S)
            link.send_exec(session, command)
        except Refusal as refusal:
            raise SessionRefusedError(describe(self.hop), inert(refusal.said)) from refusal
        except BROKEN as error:
            raise self.loss() from error
        return session

    def open_unix(self, path: str, is_listening: Callable[[str], bool]) -> ChannelStream:
        """Open a unix socket of the hop. Raises what ``forwarding.open_unix`` raises."""
        return open_unix(self, path, is_listening)

    def open_port(self, port: int) -> ChannelStream:
        """Open a port of the hop's own loopback. Raises what ``forwarding.open_port`` raises."""
        return open_port(self, port)

    def ended(self, timeout_s: float) -> bool:
        """Wait a little for its end to show; True if it is down."""
        link: Link | None = self.client.get_transport()
        return link is None or link.ended(timeout_s)

    def open(self) -> None:
        """Connect, check the host key, sign in. On a failure all is closed before the error is raised."""
        if not self.is_connected:
            insist(self._open)

    def close(self) -> None:
        """Hang up. Safe to call twice."""
        self.client.close()
        if self.wire is not None:
            self.wire.close()

    def lose(self, cause: str) -> None:
        """Give the connection up: what waits on it fails with a ConnectionLostError."""
        self._set(lost=cause)
        self.close()

    def loss(self) -> ConnectionLostError:
        """Say which hop of the chain has gone, and why."""
        for each in self.chain:
            if each.lost is not None:
                return ConnectionLostError(describe(each.hop), each.lost)
        first = next((each for each in self.chain if not each.is_connected), None)
        if first is None:
            return ConnectionLostError(describe(self.hop), "it does not answer")
        return ConnectionLostError(describe(first.hop), "the other side closed it")

    def _open(self) -> None:
        command = ProxyProcess(self.hop.proxy_command) if self.hop.proxy_command else None
        try:
            self._set(wire=Wire(command) if command else self._lay_wire(), lost=None)
            self._sign_in()
        except RemotegoError as error:
            self.close()
            if command and isinstance(error, DroppedError):
                raise ProxyCommandError(
                    describe(self.hop), self.hop.proxy_command, command.said or "it ended"
                ) from error
            raise
        except BaseException:
            self.close()
            raise

    def _lay_wire(self) -> Wire:
        if self.gateway:
            try:
                return through(self.gateway, self.hop)
            except JumpRefusedError as refusal:
                if self._detour is None:
                    raise
                wire: Wire = self._detour(self.gateway, self.hop, refusal)
                return wire
        early, _ = self._early, self._set(_early=None)
        return early.wire() if early else dial(self.hop)

    def _sign_in(self) -> None:
        patience_s = self.hop.connect_timeout_s or BANNER_S
        kinds = {key.kind for key in self._known if key.mark is Mark.TRUSTED}
        strategy = KeyStrategy(self.hop, self._ring)
        try:
            self.client.connect(
                self.hop.hostname,
                port=self.hop.port,
                username=self.hop.user,
                sock=self.wire,
                timeout=2 * patience_s,
                banner_timeout=patience_s,
                auth_timeout=AUTH_S,
                channel_timeout=CHANNEL_S,
                transport_factory=partial(
                    Link, first_kinds=sorted(kinds), handshake_s=patience_s, depth=len(self.chain) - 1
                ),
                auth_strategy=strategy,
            )
        except BROKEN as error:
            raise self._handshake_error(error) from error
        self._set(transport=self.client.get_transport())

    def _handshake_error(self, error: Exception) -> RemotegoError:
        link: Any = self.client.get_transport()
        gateway: Connection | None = self.gateway or None
        if gateway and not gateway.is_connected:
            return gateway.loss()
        cause = inert(str(error)).strip() or type(error).__name__
        if link is not None and not link.remote_version:
            if self.wire.ended:
                return DroppedError(describe(self.hop), "it hangs up before it says anything")
            return HandshakeError(describe(self.hop), "it sends no SSH banner")
        return HandshakeError(describe(self.hop), cause)


def through(gateway: Connection, hop: Hop) -> Wire:
    """Open a channel to the next hop. Raises ConnectError, JumpRefusedError, ConnectionLostError."""
    jump, place = describe(gateway.hop), describe(hop)
    try:
        return Wire(gateway.link.open("direct-tcpip", direct_tcpip(hop.hostname, hop.port), CHANNEL_S))
    except Refusal as refusal:
        if refusal.code == CONNECT_FAILED:
            raise ConnectError(place, f"{jump} cannot reach it ({inert(refusal.said)})") from refusal
        raise JumpRefusedError(jump, place, inert(refusal.said)) from refusal
    except TimeoutError as error:
        raise ConnectError(place, f"{jump} got no answer from it within {CHANNEL_S:g} s") from error
    except BROKEN as error:
        raise gateway.loss() from error
