"""A paramiko Transport that wastes no round trip and never waits for ever.

Stock paramiko (5.1) asks for the user-auth service anew for each key, waits for the answer to each
exec request without a bound, keeps one failure reason for all channels, and cannot open a unix
socket. This module and ``userauth`` alone reach into paramiko; ``tests/adapters/test_ssh_link.py``
fails when the internals they use change.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from paramiko import Transport
from paramiko.buffered_pipe import PipeTimeout
from paramiko.channel import Channel
from paramiko.common import (
    CONNECTION_FAILED_CODE,
    cMSG_CHANNEL_OPEN,
    cMSG_CHANNEL_REQUEST,
    cMSG_CHANNEL_WINDOW_ADJUST,
    cMSG_GLOBAL_REQUEST,
)
from paramiko.message import Message
from paramiko.ssh_exception import ChannelException, SSHException

from remotego.adapters.ssh.nudge import LULLS_S, nudge
from remotego.adapters.ssh.session import ChannelBrokenError
from remotego.adapters.ssh.userauth import Login

BROKEN = (SSHException, EOFError, OSError)
"""What paramiko raises when a connection ends under a call; TimeoutError is an OSError."""

PACKET_BYTES, ENVELOPE_BYTES = 1 << 15, 128
"""What sshd takes in one packet, and more than encryption adds to one."""

PROHIBITED, CONNECT_FAILED, UNKNOWN_KIND = 1, 2, 3
"""Reasons for refusing a channel (RFC 4254, 5.1)."""


class Refusal(ChannelException):  # type: ignore[misc]  # paramiko has no types
    """A channel was refused; ``said`` is the server's own wording."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(code, said)
        self.said = said or CONNECTION_FAILED_CODE.get(code, f"code {code}")


class Pipe(Channel):  # type: ignore[misc]  # paramiko has no types
    """A channel whose reads are bounded one by one; stock ones share a timeout among all threads."""

    def send(self, data: bytes) -> int:
        """Send some of the data."""
        with _translated():
            sent: int = super().send(data)
            return sent

    def recv(self, size: int) -> bytes:
        """Receive some bytes, none at the end."""
        with _translated():
            data: bytes = super().recv(size)
            return data

    def recv_stderr(self, size: int) -> bytes:
        """Receive some bytes of standard error, none at the end."""
        with _translated():
            data: bytes = super().recv_stderr(size)
            return data

    def shutdown_write(self) -> None:
        """Say that nothing more will be written."""
        with _translated():
            super().shutdown_write()

    def close(self) -> None:
        """Close both ways; of a connection that breaks meanwhile there is nothing left to close."""
        with contextlib.suppress(*BROKEN):
            super().close()

    def nudge(self) -> None:
        """Keep a jump host's delayed acknowledgement from holding back what comes next."""
        if self.transport.is_nested:
            nudge(self.transport)

    def wait_exit(self, timeout_s: float) -> None:
        """Wait until the command has ended, or for so long."""
        self.status_event.wait(timeout_s)

    def _set_remote_channel(self, chanid: int, window_bytes: int, packet_bytes: int) -> None:
        """Send packets that, once encrypted, fit into one packet of the connection below."""
        super()._set_remote_channel(chanid, window_bytes, min(packet_bytes, self.transport.packet_bytes))

    def _close_internal(self) -> Any:
        """Note when either side closes it: the other may take a moment to do so, too."""
        if self.active and not self.closed:
            self.transport.closed_s = time.monotonic()
        return super()._close_internal()

    def recv_soon(self, size: int, timeout_s: float) -> bytes:
        """Receive what is about to come, with nudges; the same as ``recv_within`` after a while."""
        for lull_s in LULLS_S:
            if lull_s < timeout_s:
                with contextlib.suppress(TimeoutError):
                    return self.recv_within(size, lull_s)
                nudge(self.transport)
                timeout_s -= lull_s
        return self.recv_within(size, timeout_s)

    def recv_within(self, size: int, timeout_s: float) -> bytes:
        """Receive some bytes, none at the end. Raises TimeoutError."""
        try:
            data: bytes = self.in_buffer.read(size, timeout_s)
        except PipeTimeout:
            raise TimeoutError from None
        if (room := self._check_add_window(len(data))) > 0:
            message = Message()
            message.add_byte(cMSG_CHANNEL_WINDOW_ADJUST)
            message.add_int(self.remote_chanid)
            message.add_int(room)
            with contextlib.suppress(*BROKEN):  # the next read tells
                self.transport._send_user_message(message)
        return data


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Raise what paramiko makes of a broken connection as an OSError."""
    try:
        yield
    except (SSHException, EOFError) as error:
        raise ChannelBrokenError(str(error)) from error


class Link(Transport):  # type: ignore[misc]  # paramiko has no types
    """A client Transport with safe algorithms only, the fast cipher first."""

    _preferred_ciphers = (
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
    )
    _preferred_macs = (
        "hmac-sha2-256-etm@openssh.com",
        "hmac-sha2-512-etm@openssh.com",
        "hmac-sha2-256",
        "hmac-sha2-512",
    )

    def __init__(
        self, wire: Any, *, first_kinds: Sequence[str] = (), handshake_s: float = 15.0, depth: int = 0, **options: Any
    ) -> None:
        """``first_kinds`` are the host key types to prefer: those known for this host.

        ``depth`` counts the connections below this one. ``closed_s`` is when a channel was last closed.
        """
        super().__init__(wire, **options)
        self.is_nested = depth > 0
        self.packet_bytes = PACKET_BYTES - depth * ENVELOPE_BYTES
        self.handshake_timeout = handshake_s
        self.auth_handler: Login | None = None
        self.name = "ssh link"
        self.closed_s = -math.inf
        self._first_kinds = tuple(first_kinds)
        self._refusals: dict[int, Refusal] = {}
        self._answers: dict[int, threading.Event] = {}
        self._spare: Pipe | None = None

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        """Host key algorithms, known ones first; no certificates, which paramiko does not verify."""
        offered = self._filter_algorithm("keys")
        return tuple(sorted(offered, key=lambda kind: _base(kind) not in self._first_kinds))

    @property
    def login(self) -> Login:
        """The authentication of this connection."""
        found: Login | None = self.auth_handler
        if found is None:
            self.auth_handler = found = Login(self)
        return found

    def auth_publickey(self, username: str, key: Any, _event: None = None) -> list[str]:
        """Try one key. Returns methods the server wants on top of it; raises AuthenticationException."""
        return self.login.offer(username, key)

    def open(self, kind: str, extra: Message | None = None, timeout_s: float = 15.0) -> Pipe:
        """Open a channel whose request carries ``extra``. Raises Refusal, TimeoutError, SSHException."""
        return self._opened(self._ask_to_open(kind, extra), timeout_s)

    def open_session(self, timeout_s: float = 15.0) -> Pipe:
        """Open a session, and in the same flight another one for the next time. Raises what ``open`` raises.

        OpenSSH only: dropbear (2022.83) hangs up when one session ends while another waits unused.
        """
        if "OpenSSH" not in self.remote_version:
            return self.open("session", timeout_s=timeout_s)
        with self.lock:
            spare, self._spare = self._spare, None
        wanted = spare or self._ask_to_open("session")
        next_spare = None if spare else self._ask_to_open("session")
        try:
            return self._opened(wanted, timeout_s)
        except Refusal:
            if spare is None:
                raise
            return self.open("session", timeout_s=timeout_s)
        finally:
            if next_spare:
                with self.lock:
                    self._spare = next_spare

    def _ask_to_open(self, kind: str, extra: Message | None = None) -> Pipe:
        with self.lock:
            number = self._next_channel()
            message = Message()
            message.add_byte(cMSG_CHANNEL_OPEN)
            message.add_string(kind)
            message.add_int(number)
            message.add_int(self.default_window_size)
            message.add_int(self.default_max_packet_size)
            message.add_bytes(extra.asbytes() if extra else b"")
            channel = Pipe(number)
            self._channels.put(number, channel)
            self.channel_events[number] = self._answers[number] = threading.Event()
            self.channels_seen[number] = True
            channel._set_transport(self)
            channel._set_window(self.default_window_size, self.default_max_packet_size)
        self._send_user_message(message)
        return channel

    def _opened(self, channel: Pipe, timeout_s: float) -> Pipe:
        """Wait for the answer to a request."""
        if not self._answers.pop(channel.chanid).wait(timeout_s):
            raise TimeoutError
        if channel.chanid in self._refusals:
            raise self._refusals.pop(channel.chanid)
        if not self.active:
            raise self.get_exception() or SSHException("the connection has ended")
        return channel

    def _parse_channel_open_failure(self, message: Message) -> None:
        copy = Message(message.asbytes())
        number, code, said = copy.get_int(), copy.get_int(), copy.get_binary()
        self._refusals[number] = Refusal(code, said.decode("utf-8", "replace"))
        super()._parse_channel_open_failure(message)
        self.saved_exception = None

    def _parse_global_request(self, message: Message) -> None:
        """Refuse it, as stock, and say something back even where no answer is wanted.

        sshd announces its host keys after the login, and that small packet would hold the next one back.
        """
        super()._parse_global_request(message)
        nudge(self)

    def close(self) -> None:
        """Close the connection and wake every thread that waits on it."""
        super().close()
        for event in [*self.channel_events.values(), *self._answers.values()]:
            event.set()
        if self.auth_handler is not None:
            self.auth_handler.abort()

    def send_exec(self, channel: Pipe, command: str) -> None:
        """Ask for a command without waiting for the answer; a refusal closes the channel."""
        message = Message()
        message.add_byte(cMSG_CHANNEL_REQUEST)
        message.add_int(channel.remote_chanid)
        message.add_string("exec")
        message.add_boolean(True)
        message.add_string(command)
        self._send_user_message(message)

    def ask_for_life(self) -> None:
        """Send a request that any server answers, if only with a refusal; blocks while the link is stuck."""
        message = Message()
        message.add_byte(cMSG_GLOBAL_REQUEST)
        message.add_string("keepalive@openssh.com")
        message.add_boolean(True)
        self._send_user_message(message)

    def ended(self, timeout_s: float) -> bool:
        """Wait a little for the link's thread to notice its end; True if the link is down."""
        self.join(timeout_s)
        return not self.is_alive() or not self.active


def _base(kind: str) -> str:
    """The key type behind a signature algorithm: rsa-sha2-512 signs with an ssh-rsa key."""
    return "ssh-rsa" if kind.startswith("rsa-sha2-") else kind


def streamlocal(path: str) -> Message:
    """What ``direct-streamlocal@openssh.com`` wants: the path, two reserved fields (PROTOCOL, 2.4)."""
    message = Message()
    message.add_string(path)
    message.add_string("")
    message.add_int(0)
    return message


def direct_tcpip(host: str, port: int) -> Message:
    """What ``direct-tcpip`` wants: where to, and from where (RFC 4254, 7.2)."""
    message = Message()
    message.add_string(host)
    message.add_int(port)
    message.add_string("127.0.0.1")
    message.add_int(0)
    return message
