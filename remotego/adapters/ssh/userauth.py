"""Public key authentication with paramiko, without its extra round trips and unbounded waits."""

from __future__ import annotations

import threading
from typing import Any

from paramiko import Transport
from paramiko.auth_handler import AuthHandler
from paramiko.common import cMSG_SERVICE_REQUEST, cMSG_USERAUTH_REQUEST
from paramiko.message import Message
from paramiko.ssh_exception import AuthenticationException

from remotego.adapters.ssh.nudge import LULLS_S, nudge

SERVICE = "ssh-userauth"


class Login(AuthHandler):  # type: ignore[misc]  # paramiko has no types
    """Public key authentication: the service request and the first key travel together."""

    def __init__(self, link: Transport) -> None:
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
        """Request the service once. An RSA key waits: which signatures will do comes before the answer."""
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
        for lull_s in LULLS_S:
            if event.wait(lull_s) or not self.transport.is_active():
                break
            nudge(self.transport)
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
