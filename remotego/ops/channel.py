"""Channel: the way to a session's dlv, the first of three rungs that the target lets us use.

1. streamlocal: sshd forwards to the session's unix socket.
2. relay: a command on the target, the agent, joins its input and output to that socket.
3. tcp: sshd forwards to a port of the target's loopback; dlv itself listens there, and lets in its own user only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from remotego.core.errors import HostError, RefusedError
from remotego.core.transport import Stream, Transport
from remotego.host.relay import relay_socket

Rung = Literal["streamlocal", "relay", "tcp"]

AUTO, TCP = "auto", "tcp"


@dataclass(eq=False)
class NoChannelError(RefusedError):
    """No rung holds. ``said`` tells what became of each; ``untried`` that dlv was not asked to listen on a port."""

    host: str
    said: str
    untried: bool
    what = "{host} lets no way to the session through: {said}"
    remedy = (
        "its sshd_config could open one for this account: "
        "AllowStreamLocalForwarding yes and AllowTcpForwarding yes, without PermitOpen (streamlocal); "
        "MaxSessions 3 or more and no ForceCommand (relay); "
        "AllowTcpForwarding yes or local, PermitOpen any or 127.0.0.1:* (tcp); DisableForwarding forbids two of them"
    )


@dataclass(frozen=True, slots=True)
class Ends:
    """Where a session is reached on its target: its ``socket`` and the ``agent`` that could lead there, or, for a
    session begun with ``tcp``, dlv's own ``port`` on 127.0.0.1: it listens on one or the other.
    """

    socket: str
    agent: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A rung that holds, and what it leads to."""

    rung: Rung
    ends: Ends

    def connect(self, host: Transport) -> Stream:
        """Open a stream to dlv for one more client. Raises what the rung raises."""
        ends = self.ends
        match self.rung:
            case "streamlocal":
                return host.connect_unix(ends.socket)
            case "relay":
                return host.pipe(relay_socket(ends.agent, ends.socket))
            case "tcp":
                return host.connect_port(ends.port or 0)
            case _:
                assert_never(self.rung)


def climb(host: Transport, ends: Ends, wanted: str = AUTO, before: NoChannelError | None = None) -> Channel:
    """Find the first rung on which a client reaches the session; ``wanted`` names one, or "auto".

    A session has to be up: only there it shows what the target allows. Raises NoChannelError; one that is ``untried``
    tells to begin the session anew with dlv on a port, and to give it here as ``before``. Raises UnreachableError.
    """
    said = [before.said] if before else []
    for channel in (Channel(rung, ends) for rung in _rungs(ends, wanted)):
        try:
            _knock(host, channel)
        except (RefusedError, HostError) as error:
            said.append(f"{channel.rung}: {error}")
        else:
            return channel
    untried = ends.port is None and wanted in (AUTO, TCP)
    raise NoChannelError(host.name, "; ".join(said) or "it was begun for other ways than the one asked for", untried)


def _rungs(ends: Ends, wanted: str) -> list[Rung]:
    there: list[Rung] = ["streamlocal", "relay"] if ends.port is None else ["tcp"]
    return [rung for rung in there if wanted in (AUTO, rung)]


def _knock(host: Transport, channel: Channel) -> None:
    """Come and go as a client. dlv itself never closes a connection that has said nothing; the guard's door does."""
    stream = channel.connect(host)
    try:
        if channel.rung == TCP:
            stream.sendall(b"\n")
    finally:
        stream.close()
