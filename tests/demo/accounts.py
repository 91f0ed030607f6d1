"""Who may log in at the demo's SSH servers, and where each server leads."""

from pathlib import Path
from typing import Any

import asyncssh

from tests.demo.place import LOGIN, TARGET_ADDRESS, Place


class Account(asyncssh.SSHServer):
    """Who may log in: one account, by public key only."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember the connection: forwards belong to it."""
        self.conn = conn

    def public_key_auth_supported(self) -> bool:
        """Offer this method and, by the defaults of the class, no other."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Admit the developer's key for the developer's account."""
        return username == LOGIN and key.public_data in {known.public_data for known in self._known()}

    def _known(self) -> list[asyncssh.SSHKey]:
        return list(asyncssh.read_public_key_list(self.place.authorized_keys))


class JumpHost(Account):
    """Leads to the target and nowhere else."""

    def connection_requested(
        self,
        dest_host: str,
        dest_port: int,
        orig_host: str,  # noqa: ARG002 - the signature is asyncssh's
        orig_port: int,  # noqa: ARG002
    ) -> Any:
        """Know one name beyond: the target's."""
        if (dest_host, dest_port) != (TARGET_ADDRESS, 22):
            return False
        return self.conn.forward_unix_connection(str(self.place.gate))


class TargetHost(Account):
    """Forwards to unix sockets of the account's own directories, and to no port."""

    def unix_connection_requested(self, dest_path: str) -> bool:
        """Admit what the account itself could reach and has made."""
        return Path(dest_path).resolve().is_relative_to(self.place.remote)
