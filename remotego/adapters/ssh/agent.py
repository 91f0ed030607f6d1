"""The keys that an ssh-agent holds."""

from __future__ import annotations

import socket

from paramiko.agent import AgentKey, AgentSSH
from paramiko.ssh_exception import SSHException

AGENT_TIMEOUT_S = 30.0
"""An agent may ask its user to touch or confirm a key; longer than this it is taken for hung."""


class HopAgent(AgentSSH):  # type: ignore[misc]  # paramiko has no types
    """The agent at a socket; has no keys if none answers there."""

    def __init__(self, path: str | None) -> None:
        super().__init__()
        if path is None:
            return
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(AGENT_TIMEOUT_S)
        try:
            sock.connect(path)
            self._connect(sock)
        except (OSError, SSHException):
            sock.close()
            self._conn = None

    @property
    def keys(self) -> tuple[AgentKey, ...]:
        """What it holds."""
        return tuple(self.get_keys())

    def close(self) -> None:
        """Hang up."""
        self._close()
