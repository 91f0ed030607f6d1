"""What can go wrong between here and a target, each with what to do about it.

``hop`` is the machine as the user named it with its address, so that of a chain the right link is blamed.
Whatever a remote machine said is made inert before it becomes part of an error.
"""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.errors import HostError, RefusedError, UnreachableError
from remotego.core.target import Hop


def describe(hop: Hop) -> str:
    """Name a hop for an error."""
    return f"{hop.alias} ({hop.address})"


@dataclass(eq=False)
class ConnectError(UnreachableError):
    """No connection to a hop: name, network, or nobody there."""

    hop: str
    cause: str
    what = "cannot connect to {hop}: {cause}"
    remedy = "check its name, that it is up, and that this machine may reach it; `ssh -v` shows where it stops"


@dataclass(eq=False)
class ProxyCommandError(UnreachableError):
    """The ProxyCommand of ssh_config did not lead to an SSH server."""

    hop: str
    command: str
    cause: str
    what = "the ProxyCommand for {hop} failed: {cause} (command: {command})"
    remedy = "run the command by itself: it has to end at the server's SSH banner"


@dataclass(eq=False)
class HandshakeError(UnreachableError):
    """Something answers, but no SSH session comes of it."""

    hop: str
    cause: str
    what = "{hop} answers, but the SSH handshake fails: {cause}"
    remedy = (
        "if its sshd is busy (MaxStartups) or has banned this address (PerSourcePenalties), "
        "wait a minute; "
        "if it is older than OpenSSH 7.4, it offers only algorithms that are no longer safe"
    )


@dataclass(eq=False)
class LoginRefusedError(UnreachableError):
    """A hop accepts none of the user's keys."""

    hop: str
    tried: str
    what = "{hop} lets none of these keys in: {tried}"
    remedy = (
        "name the right key with IdentityFile, or load it with ssh-add (a key with a passphrase needs that "
        "where there is no terminal), and see that the account's authorized_keys has it; "
        "passwords are not used"
    )


@dataclass(eq=False)
class ConnectionLostError(UnreachableError):
    """A connection that worked has gone."""

    hop: str
    cause: str
    what = "the connection to {hop} is lost: {cause}"
    remedy = "see that the machine and the network are up, then run the same command again"


@dataclass(eq=False)
class JumpRefusedError(RefusedError):
    """A jump host does not pass connections on."""

    hop: str
    to: str
    said: str
    besides: str = ""
    what = "{hop} does not forward connections, so {to} cannot be reached through it ({said})"
    remedy = (
        "its sshd_config has to allow it for this account: AllowTcpForwarding yes, PermitOpen any, no DisableForwarding"
        "{besides}"
    )


@dataclass(eq=False)
class BridgeError(RefusedError):
    """A jump host forwards nothing, and a command on it that would do instead does not work."""

    hop: str
    to: str
    cause: str
    way_out: str
    what = "{hop} does not forward connections, and does not reach {to} by a command either: {cause}"
    remedy = "{way_out}; or have its sshd_config allow it for this account: AllowTcpForwarding yes, PermitOpen any"


@dataclass(eq=False)
class SessionRefusedError(RefusedError):
    """A host gives no further session on a connection."""

    hop: str
    said: str
    what = "{hop} refuses another session on this connection ({said})"
    remedy = "its sshd_config limits them (MaxSessions, 10 by default; 0 forbids sessions): end some, or raise it"


@dataclass(eq=False)
class ForwardingForbiddenError(RefusedError):
    """A target does not let us open a unix socket on it."""

    hop: str
    path: str
    said: str
    what = "{hop} forbids forwarding to its unix sockets, so {path} cannot be opened ({said})"
    remedy = (
        "its sshd_config has to allow it for this account: "
        "AllowStreamLocalForwarding and AllowTcpForwarding yes, no PermitOpen, no DisableForwarding; "
        "dropbear cannot do it at all"
    )


@dataclass(eq=False)
class SocketClosedError(RefusedError):
    """Nothing listens on a unix socket of a target, or this account may not open it."""

    hop: str
    path: str
    said: str
    what = "nothing answers at the socket {path} of {hop} ({said})"
    remedy = "see that the session is still running there, and that it belongs to the same account"


@dataclass(eq=False)
class PortForbiddenError(RefusedError):
    """A target does not let us open a port of its loopback."""

    hop: str
    port: int
    said: str
    what = "{hop} forbids forwarding to port {port} of its own loopback ({said})"
    remedy = (
        "its sshd_config has to allow it for this account: "
        "AllowTcpForwarding yes (or local), no PermitOpen that leaves 127.0.0.1:{port} out, no DisableForwarding"
    )


@dataclass(eq=False)
class PortClosedError(RefusedError):
    """Nothing listens on a port of a target's loopback."""

    hop: str
    port: int
    said: str
    what = "nothing answers at port {port} of {hop}'s own loopback ({said})"
    remedy = "see that the session is still running there"


@dataclass(eq=False)
class NoStreamError(RefusedError):
    """A script that was to become a stream ended before it was one."""

    hop: str
    said: str
    what = "no stream through a command on {hop}; it says: {said}"
    remedy = "see that the account may run commands there, and that the session it leads to is still running"


@dataclass(eq=False)
class OtherUserForwardError(RefusedError):
    """A socket was to be opened as another user, for whom sshd forwards nothing."""

    hop: str
    account: str
    user: str
    place: str
    what = "{hop} forwards to {place} as {account}, never as {user}"
    remedy = "go through a command that runs as {user}: --channel relay, or auto"


@dataclass(eq=False)
class SudoRefusedError(RefusedError):
    """A target does not let us run scripts as another user."""

    hop: str
    account: str
    user: str
    said: str
    what = "{hop} does not let {account} run commands as {user} without a password; it says: {said}"
    remedy = 'have its administrator add this line with visudo: "{account} ALL=({user}) NOPASSWD: /bin/sh -s"'


@dataclass(eq=False)
class NoShellError(HostError):
    """The account's shell does not run commands."""

    target: str
    account: str
    said: str
    what = "no POSIX shell answers for {account} on {target}; it says: {said}"
    remedy = (
        "see the login shell of {account} (getent passwd): nologin, a restricted shell, a ForceCommand "
        "in sshd_config or an `exit` in its rc files keep commands from running"
    )


@dataclass(eq=False)
class ScriptBrokenError(HostError):
    """A script began and never reached its end, though the connection is fine."""

    target: str
    said: str
    what = "the shell on {target} was ended in the middle of a script; it says: {said}"
    remedy = "something kills processes there: look for the out-of-memory killer, ulimits or a session limit"


@dataclass(eq=False)
class OutputFloodError(HostError):
    """A script printed more than an answer may hold."""

    target: str
    cap_bytes: int
    what = "{target} sent more than {cap_bytes} bytes of output; the exchange was ended"
    remedy = "look at what the login shell and the tools there print: an endless output is never an answer"


@dataclass(eq=False)
class ScriptTimeoutError(HostError):
    """A script did not end in time."""

    target: str
    timeout_s: float
    what = "the work on {target} was not done within {timeout_s:g} s and was ended"
    remedy = "see what keeps the machine busy (load, a hanging network file system), then try again"
