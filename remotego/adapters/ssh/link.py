"""The one place that reaches into paramiko: a Transport that wastes no round trip and never waits for ever.

Stock paramiko (5.1) asks for the user-auth service anew for each key, waits for the answer to each
exec request without a bound, keeps one failure reason for all channels, and cannot open a unix
socket. ``tests/adapters/test_link.py`` fails when the internals used here change.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from paramiko import Transport
from paramiko.auth_handler import AuthHandler
from paramiko.buffered_pipe import PipeTimeout
from paramiko.channel import Channel
from paramiko.common import (
    CONNECTION_FAILED_CODE,
    cMSG_CHANNEL_OPEN,
    cMSG_CHANNEL_REQUEST,
    cMSG_CHANNEL_WINDOW_ADJUST,
    cMSG_GLOBAL_REQUEST,
    cMSG_IGNORE,
    cMSG_SERVICE_REQUEST,
    cMSG_USERAUTH_REQUEST,
)
from paramiko.message import Message
from paramiko.ssh_exception import AuthenticationException, ChannelException, SSHException

SERVICE = "ssh-userauth"
PROHIBITED, CONNECT_FAILED, UNKNOWN_KIND = 1, 2, 3
"""Reasons for refusing a channel (RFC 4254, 5.1)."""


class Refusal(ChannelException):  # type: ignore[misc]
    """A channel was refused; ``said`` is the server's own wording."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(code, said)
        self.said = said or CONNECTION_FAILED_CODE.get(code, f"code {code}")


class Pipe(Channel):  # type: ignore[misc]  # paramiko has no types
    """A channel whose reads are bounded one by one; stock ones share a timeout among all threads."""

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
            self.transport._send_user_message(message)
        return data


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

    def __init__(self, wire: Any, *, first_kinds: Sequence[str] = (), **options: Any) -> None:
        """``first_kinds`` are the host key types to prefer: those known for this host."""
        super().__init__(wire, **options)
        self.auth_handler: Login | None = None
        self.name = "ssh link"
        self._first_kinds = tuple(first_kinds)
        self._refusals: dict[int, Refusal] = {}

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

    def auth_publickey(self, username: str, key: Any, event: None = None) -> list[str]:
        """Try one key. Returns methods the server wants on top of it; raises AuthenticationException."""
        return self.login.offer(username, key)

    def open(self, kind: str, extra: Message | None = None, timeout_s: float = 15.0) -> Pipe:
        """Open a channel whose request carries ``extra``. Raises Refusal, TimeoutError, SSHException."""
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
            self.channel_events[number] = event = threading.Event()
            self.channels_seen[number] = True
            channel._set_transport(self)
            channel._set_window(self.default_window_size, self.default_max_packet_size)
        self._send_user_message(message)
        if not event.wait(timeout_s):
            raise TimeoutError
        if number in self._refusals:
            raise self._refusals.pop(number)
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

        sshd announces its host keys after the login. Behind a jump host that small packet would hold
        the next one back for 40 ms (Nagle there, delayed acknowledgement on the jump host).
        """
        super()._parse_global_request(message)
        if self.clear_to_send.is_set():
            nudge = Message()
            nudge.add_byte(cMSG_IGNORE)
            nudge.add_string("")
            self._send_message(nudge)

    def close(self) -> None:
        """Close the connection and wake every thread that waits on it."""
        super().close()
        for event in list(self.channel_events.values()):
            event.set()
        if self.auth_handler is not None:
            self.auth_handler.abort()

    def send_exec(self, channel: Pipe, command: str) -> None:
        """Ask for a command without waiting for the answer; a refusal closes the channel."""
        self._request(channel, "exec", command, reply=True)

    def send_signal(self, channel: Pipe, name: str) -> None:
        """Send a signal (``TERM``, ``KILL``) to what runs in a channel; RFC 4254, 6.9."""
        self._request(channel, "signal", name, reply=False)

    def _request(self, channel: Pipe, kind: str, value: str, *, reply: bool) -> None:
        message = Message()
        message.add_byte(cMSG_CHANNEL_REQUEST)
        message.add_int(channel.remote_chanid)
        message.add_string(kind)
        message.add_boolean(reply)
        message.add_string(value)
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


class Login(AuthHandler):  # type: ignore[misc]  # paramiko has no types
    """Public key authentication: the service request and the first key travel together."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._asked = False
        self._accepted = threading.Event()
        self._wanted = threading.Event()

    def offer(self, user: str, key: Any) -> list[str]:
        """Sign in with a key. Returns the methods still wanted; raises AuthenticationException."""
        self._ask(wait="rsa" in key.get_name())
        message, algorithm = self._message(user, key, signed=True)
        blob = self._get_session_blob(key, "ssh-connection", user, algorithm)
        message.add_string(key.sign_ssh_data(blob, algorithm))
        return self._await(user, message)

    def would_take(self, user: str, key: Any) -> bool:
        """Ask whether a public key would do, before its owner is asked for the passphrase."""
        self._ask(wait=True)
        self._wanted.clear()
        message, _ = self._message(user, key, signed=False)
        try:
            self._await(user, message)
        except AuthenticationException:
            return self._wanted.is_set()
        return True

    def _ask(self, *, wait: bool) -> None:
        """Request the service once. An RSA key waits, since which signature to use comes before the answer."""
        if not self._asked:
            self._asked = True
            message = Message()
            message.add_byte(cMSG_SERVICE_REQUEST)
            message.add_string(SERVICE)
            self.transport._send_message(message)
        if wait and not self._accepted.wait(self.transport.auth_timeout):
            raise AuthenticationException("the server does not begin authentication")

    def _message(self, user: str, key: Any, *, signed: bool) -> tuple[Message, str]:
        kind, bits = self._get_key_type_and_bits(key)
        algorithm = self._finalize_pubkey_algorithm(kind)
        message = Message()
        message.add_byte(cMSG_USERAUTH_REQUEST)
        for text in (user, "ssh-connection", "publickey"):
            message.add_string(text)
        message.add_boolean(signed)
        message.add_string(algorithm)
        message.add_string(bits)
        return message, algorithm

    def _await(self, user: str, message: Message) -> list[str]:
        self.auth_method, self.username = "publickey", user
        self.auth_event = event = threading.Event()
        self.transport.saved_exception = None
        self.transport._send_message(message)
        found: list[str] = self.wait_for_response(event)
        return found

    def _parse_service_accept(self, _message: Message) -> None:
        self._accepted.set()

    def _parse_userauth_info_request(self, _message: Message) -> None:
        """For publickey this number means PK_OK: the key would do (RFC 4252, 7)."""
        self._wanted.set()
        if self.auth_event is not None:
            self.auth_event.set()

    def abort(self) -> None:
        """End every wait: the connection has gone."""
        self._accepted.set()
        super().abort()


def _base(kind: str) -> str:
    """The key type behind a signature algorithm: rsa-sha2-512 signs with an ssh-rsa key."""
    return "ssh-rsa" if kind.startswith("rsa-sha2-") else kind


def streamlocal(path: str) -> Message:
    """What ``direct-streamlocal@openssh.com`` wants: the path and two reserved fields (PROTOCOL, 2.4)."""
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
