"""The owner of a session and the other account of the same host, with the same tools in their hands."""

import shlex
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from tests.demo.developer import free_port
from tests.lab.lab import Lab

ATTEMPTS = 50
OWNER, OTHER = "dev", "other"
STRANGER = 65534
"""A user of this machine who is nobody in particular."""

STATE = b'{"method":"RPCServer.State","params":[{"NonBlocking":true}],"id":1}\n'
"""Asks Delve, without changing anything; whoever gets an answer could as well have run code."""

ALIVE = b"{}\n"
"""What a controller tells a guard."""

CALLER = """\
import os, socket, sys
"x".encode("idna")  # loaded while the files can still be read
uid, port, attempts = map(int, sys.argv[1:4])
if uid != os.getuid():
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
answers = 0
for _ in range(attempts):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(sys.argv[4].encode())
            answers += bool(client.recv(1))
    except OSError:
        pass
print(answers)
"""


def answers_to(uid: int, port: int, attempts: int) -> int:
    """How often a user of this machine gets an answer at a port of it."""
    argv = [sys.executable, "-c", CALLER, *map(str, (uid, port, attempts)), STATE.decode()]
    return int(subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120).stdout)


@dataclass(frozen=True, slots=True)
class Victim:
    """A session on ``app`` that is up: its ``directory``, its ``socket`` and the pids of what runs for it.

    ``relay`` is a program both accounts may run, which connects standard input and output to a unix socket.
    """

    lab: Lab
    store: str
    ready: dict[str, Any]
    record: dict[str, Any]
    relay: str
    service: int

    @property
    def directory(self) -> str:
        """The session's directory."""
        return str(self.ready["directory"])

    @property
    def dlv(self) -> int:
        """The pid of dlv."""
        return int(self.record["dlv"][0])

    @property
    def guard(self) -> int:
        """The pid of the guard."""
        return int(self.record["keeper"][0])

    def sh(self, user: str, script: str, *words: str, host: str = "app", given: str = "") -> tuple[int, str]:
        """Exit code and output of a script that an account runs on a host, with ``given`` on its standard input."""
        argv = ["docker", "exec", "-i", "--user", user, self.lab.containers[host], "bash", "-c", script, "bash", *words]
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin", **self.lab.engine.env}
        done = subprocess.run(
            argv, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, env=env
        )
        return done.returncode, done.stdout

    def talk(self, user: str, path: str, words: bytes) -> str:
        """What comes back when an account sends something to a unix socket there."""
        said = shlex.quote(words.decode())
        script = f'{{ printf %s {said}; sleep 0.3; }} | timeout 5 "$1" relay "$2" 2>/dev/null'
        return self.sh(user, script, self.relay, path)[1]

    def through(self, alias: str, whither: str, words: bytes) -> bytes:
        """What comes back through a forward that an account has made for itself: ``ssh -L PORT:whither alias``."""
        port = free_port()
        argv = ["ssh", "-F", str(self.lab.ssh_config), "-N", "-L", f"127.0.0.1:{port}:{whither}", alias]
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tunnel:
            try:
                return _asked(port, words)
            finally:
                tunnel.kill()


def _asked(port: int, words: bytes) -> bytes:
    """The first bytes of an answer, once somebody listens."""
    deadline_s = time.monotonic() + 20
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                client.sendall(words)
                return client.recv(1 << 16)
        except ConnectionRefusedError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.05)
        except OSError:
            return b""
