"""Tunnels that stand while they are measured: ours, in a process of its own as for a user, and ``ssh -L``.

``python -m benchmarks.tunnel CONFIG ALIAS RUNG AGENT SOCKET`` prints its port and serves until its standard input ends.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from remotego.adapters.forward import Forward
from remotego.adapters.ssh.network import SshNetwork
from remotego.ops.channel import Ends, climb

PATIENCE_S = 20.0


def serve(config: Path, alias: str, rung: str, agent: str, path: str) -> None:
    """Forward a port to a socket as a debug session does."""
    with SshNetwork(config) as network, network.reach(alias) as host, Forward() as forward:
        channel = climb(host, Ends(path, agent), rung)
        forward.serve(lambda: channel.connect(host), lambda error: print(error, file=sys.stderr))
        print(forward.port, flush=True)
        sys.stdin.read()


@contextmanager
def ours(config: Path, alias: str, rung: str, agent: str, path: str) -> Iterator[int]:
    """The port of our tunnel."""
    words = (sys.executable, "-m", "benchmarks.tunnel", str(config), alias, rung, agent, path)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(PATIENCE_S)


@contextmanager
def session(config: Path, alias: str, rung: str, pid: int, store: str) -> Iterator[tuple[int, str]]:
    """A debug session as a user begins it: its port here, and its socket on the target."""
    words = ("debug", "--host", alias, "--pid", str(pid), "--channel", rung, "--local-port", "0", "--json")
    own = ("--ssh-config", str(config), "--store", store)
    with subprocess.Popen((sys.executable, "-m", "remotego", *words, *own), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            yield ready["port"], f"{ready['directory']}/session.sock"
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


@contextmanager
def theirs(config: Path, alias: str, path: str) -> Iterator[int]:
    """The port of an ``ssh -L``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    words = ("ssh", "-F", str(config), "-o", "ExitOnForwardFailure=yes", "-N", "-L", f"127.0.0.1:{port}:{path}", alias)
    with subprocess.Popen(words, stdin=subprocess.DEVNULL) as process:
        try:
            _await_listener(port)
            yield port
        finally:
            process.terminate()


def _await_listener(port: int) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    serve(Path(sys.argv[1]), *sys.argv[2:])
