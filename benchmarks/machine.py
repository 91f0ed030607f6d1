"""What the figures were taken on: cores, load, programs, and what the delaying proxy really does."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.proxy import delayed

PINGS = 20
BULK_BYTES = 64 << 20
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Machine:
    """``load``: the runnable processes of the last minute, before anything was measured."""

    cores: int
    load: float
    system: str
    python: str
    openssh: str


@dataclass(frozen=True, slots=True)
class Line:
    """A proxied line as measured: median round trip of one byte, and bytes a second of a bulk transfer."""

    rtt_ms: float
    bytes_per_s: float


def look() -> Machine:
    """Look at this machine."""
    ssh = subprocess.run(("ssh", "-V"), capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        load=load(),
        system=platform.platform(terse=True),
        python=platform.python_version(),
        openssh=ssh.stderr.split(",")[0].strip(),
    )


def load() -> float:
    """The load average of the last minute."""
    return float(Path("/proc/loadavg").read_text().split()[0])


def measure_line(rtt_ms: float) -> Line:
    """Ping through a proxy with this round trip, then send it many bytes."""
    with (
        _peer() as port,
        delayed("127.0.0.1", port, rtt_ms) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE_S) as sock,
    ):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        measured_ms = median(_ping(sock) for _ in range(PINGS)) * 1000
        begun = time.monotonic()
        sock.sendall(bytes(BULK_BYTES - PINGS))
        sock.recv(1)
        took_s = time.monotonic() - begun
    return Line(measured_ms, BULK_BYTES / took_s)


def _ping(sock: socket.socket) -> float:
    begun = time.monotonic()
    sock.sendall(b"?")
    sock.recv(1)
    return time.monotonic() - begun


@contextmanager
def _peer() -> Iterator[int]:
    """A listener that echoes the pings one by one, then says once when the bulk has arrived."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_S)
        thread = threading.Thread(target=_answer, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(PATIENCE_S)


def _answer(listener: socket.socket) -> None:
    sock, _ = listener.accept()
    with sock:
        sock.settimeout(PATIENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(PINGS):
            sock.sendall(sock.recv(1))
        left = BULK_BYTES - PINGS
        while left and (data := sock.recv(1 << 18)):
            left -= len(data)
        sock.sendall(b"!")
