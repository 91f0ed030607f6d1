"""A real OpenSSH server on loopback, run as the current user, with keys of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterable
from pathlib import Path

PATIENCE_S = 20.0
_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
PidFile none
AuthorizedKeysFile {directory}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
LogLevel VERBOSE
SetEnv SHLVL=2
Subsystem sftp internal-sftp
"""


def program() -> str | None:
    """Where sshd is, if it is anywhere."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    """Generate a key pair."""
    subprocess.run(
        ("ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", path.name, "-f", str(path)),
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return path


def public(path: Path) -> str:
    """Type and key of a public key file, without its comment."""
    return " ".join(path.with_name(path.name + ".pub").read_text().split()[:2])


def free_port() -> int:
    """Give a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Sshd:
    """One server. ``log`` is what it has said; ``host_keys`` are its private key files."""

    def __init__(self, directory: Path, host_keys: Iterable[Path], options: Iterable[str] = ()) -> None:
        self.directory = directory
        self.port = free_port()
        self.host_keys = list(host_keys)
        self._lines: list[str] = []
        self._news = threading.Condition()
        directory.mkdir(parents=True, exist_ok=True)
        keys = "".join(f"HostKey {key}\n" for key in self.host_keys)
        text = "".join(f"{option}\n" for option in options) + _CONFIG.format(port=self.port, directory=directory)
        config = directory / "sshd_config"
        config.write_text(keys + text)
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            (str(program()), "-D", "-e", "-f", str(config)),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_for("Server listening")

    @property
    def pid(self) -> int:
        """The listening process."""
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything it has logged so far."""
        with self._news:
            return "\n".join(self._lines)

    @property
    def sessions(self) -> list[int]:
        """Processes that serve connections: children of the listener and their children."""
        first = _children(self.pid)
        return [*first, *(pid for parent in first for pid in _children(parent))]

    def wait_for(self, pattern: str, count: int = 1) -> None:
        """Wait until the log has matched a pattern ``count`` times."""
        with self._news:
            if not self._news.wait_for(lambda: len(re.findall(pattern, "\n".join(self._lines))) >= count, PATIENCE_S):
                raise AssertionError(f"no {pattern!r} in sshd's log:\n" + "\n".join(self._lines))

    def count(self, pattern: str) -> int:
        """How often the log has matched."""
        return len(re.findall(pattern, self.log))

    def stop(self) -> None:
        """End the listener and everything it serves."""
        for pid in (*self.sessions, self.pid):
            for number in (signal.SIGCONT, signal.SIGKILL):
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    break
        self._process.wait(PATIENCE_S)

    def _read(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        for line in stream:
            with self._news:
                self._lines.append(line.decode("utf-8", "replace").rstrip())
                self._news.notify_all()


def established(port: int) -> int:
    """How many connections to a local port this machine has open, seen from the client's end."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    wanted = f":{port:04X}"
    return sum(line.split()[2].endswith(wanted) and line.split()[3] == "01" for line in lines)


def wait_until(holds: object, what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait for a condition outside this process, which nothing announces."""
    assert callable(holds)
    deadline_s = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline_s:
            raise AssertionError(f"waited in vain: {what}")
        threading.Event().wait(0.02)


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(word) for word in path.read_text().split()]
    except OSError:
        return []
