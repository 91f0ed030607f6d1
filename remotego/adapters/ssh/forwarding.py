"""Sockets of a connection's host as streams: direct-streamlocal@openssh.com, direct-tcpip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from remotego.adapters.ssh.errors import (
    ForwardingForbiddenError,
    PortClosedError,
    PortForbiddenError,
    SocketClosedError,
    describe,
)
from remotego.adapters.ssh.link import BROKEN, CONNECT_FAILED, Link, Refusal, direct_tcpip, streamlocal
from remotego.adapters.ssh.patience import CHANNEL_S
from remotego.adapters.ssh.session import Line
from remotego.adapters.ssh.stream import LOOPBACK, ChannelStream
from remotego.core.terminal import inert


class Linked(Line, Protocol):
    """A connection that is a link of channels."""

    @property
    def link(self) -> Link:
        """The open link. Raises ConnectionLostError when it is down."""
        ...


def open_unix(connection: Linked, path: str, is_listening: Callable[[str], bool]) -> ChannelStream:
    """Open ``path`` on the connection's host.

    sshd answers alike whether forwarding is forbidden or nobody listens, so on a refusal
    ``is_listening`` is asked. Raises ForwardingForbiddenError, SocketClosedError, UnreachableError.
    """
    place = describe(connection.hop)
    try:
        pipe = connection.link.open("direct-streamlocal@openssh.com", streamlocal(path), CHANNEL_S)
    except Refusal as refusal:
        forbidden = refusal.code != CONNECT_FAILED or is_listening(path)
        kind = ForwardingForbiddenError if forbidden else SocketClosedError
        raise kind(place, path, inert(refusal.said)) from refusal
    except BROKEN as error:
        raise connection.loss() from error
    return ChannelStream(connection, pipe)


def open_port(connection: Linked, port: int) -> ChannelStream:
    """Open a port of the host's own loopback. Raises PortForbiddenError, PortClosedError, UnreachableError.

    Unlike with unix sockets, servers tell whether forwarding is forbidden or nobody listens.
    """
    try:
        pipe = connection.link.open("direct-tcpip", direct_tcpip(LOOPBACK, port), CHANNEL_S)
    except Refusal as refusal:
        kind = PortClosedError if refusal.code == CONNECT_FAILED else PortForbiddenError
        raise kind(describe(connection.hop), port, inert(refusal.said)) from refusal
    except BROKEN as error:
        raise connection.loss() from error
    return ChannelStream(connection, pipe)
