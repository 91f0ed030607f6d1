"""The two machines of the demo, as one child process: ``python -m tests.demo.machines ROOT``.

It prints one line of JSON when both accept logins and the service runs: {"jump_port": N, "service_pid": N}.
It lives as long as its standard input stays open; then everything it started ends, and ROOT is removed,
so that nothing stays behind even when the demo itself is killed.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncssh

from tests.demo import processes
from tests.demo.place import JUMP, LOGIN, TARGET, TARGET_ADDRESS, Place

Session = asyncssh.SSHServerProcess[bytes]


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
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> Awaitable[asyncssh.forward.SSHForwarder] | bool:
        """Know one name beyond: the target's."""
        if (dest_host, dest_port) != (TARGET_ADDRESS, 22):
            return False
        return self.conn.forward_unix_connection(str(self.place.gate))


class TargetHost(Account):
    """Forwards to unix sockets of the account's own directories, and to no port."""

    def unix_connection_requested(self, dest_path: str) -> bool:
        """Admit what the account itself could reach and has made."""
        return Path(dest_path).resolve().is_relative_to(self.place.remote)


class Machine:
    """What stands behind both servers: a process table with one parent for orphans."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.exits: dict[int, asyncio.Future[int]] = {}

    def reap(self) -> None:
        """Take note of ended children, as init does."""
        for pid, code in processes.reap().items():
            self._exit(pid).set_result(code)

    def _exit(self, pid: int) -> asyncio.Future[int]:
        return self.exits.setdefault(pid, asyncio.get_running_loop().create_future())

    def start_service(self) -> int:
        """Start the service as a system would: it belongs to no login."""
        env = {"TICKER_STATE_DIR": str(self.place.state), "TICKER_TRACEABLE": "1"}
        quiet = subprocess.DEVNULL
        child = subprocess.Popen(
            [self.place.service], env=env, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
        return child.pid

    async def login(self, process: Session) -> None:
        """Run a command in the account's shell, as sshd does, with the account's environment only."""
        argv = ["/bin/sh", "-c", process.command] if process.command else ["/bin/sh"]
        pipe = subprocess.PIPE
        child = subprocess.Popen(
            argv, env=self._env(), cwd=self._env()["HOME"], stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
        await process.redirect(stdin=child.stdin, stdout=child.stdout, stderr=child.stderr)
        code = await self._exit(child.pid)
        await process.wait_closed() if process.is_closing() else process.exit(code)

    def _env(self) -> dict[str, str]:
        remote = self.place.remote
        return {
            "HOME": f"{remote}/home",
            "XDG_RUNTIME_DIR": f"{remote}/run",
            "TMPDIR": f"{remote}/tmp",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "SHELL": "/bin/sh",
            "USER": LOGIN,
            "LOGNAME": LOGIN,
        }
