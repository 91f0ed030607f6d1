"""A TCP proxy on loopback that delays every byte by half a round trip each way, and limits nothing else.

``python -m benchmarks.proxy HOST PORT RTT_MS`` prints its port and serves until its standard input ends.
For each connection that has ended it prints ``round trips N``: how often the talk turned to the client.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import cast

HELD_BYTES = 256 << 20
"""Bytes under way in one direction before the sender is held up: far more than any link holds."""

START_S = 15.0


class Side(asyncio.Protocol):
    """One end of a connection: what it receives leaves at the ``peer`` after ``delay_s``."""

    def __init__(self, delay_s: float, spoken: list[str], name: str) -> None:
        self.peer: Side | None = None
        self.transport: asyncio.Transport | None = None
        self._delay_s, self._spoken, self._name = delay_s, spoken, name
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._held_bytes = 0
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(HELD_BYTES)

    def data_received(self, data: bytes) -> None:
        """Put bytes on their way."""
        if self._spoken[-1:] != [self._name]:
            self._spoken.append(self._name)
        self._set_out(data)

    def eof_received(self) -> bool:
        """Pass the end on after all bytes; the other way stays open."""
        self._set_out(b"")
        return True

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        """Hang up at the other side once all bytes have arrived."""
        self._loop.call_later(self._delay_s, self._hang_up)

    def arrive(self, data: bytes) -> None:
        """Write what the peer has sent; empty means its end."""
        if self.transport is None or self.transport.is_closing():
            return
        if data:
            self.transport.write(data)
        else:
            with suppress(OSError):  # the other end may have hung up meanwhile
                self.transport.write_eof()

    def _set_out(self, data: bytes) -> None:
        if not self._delay_s:
            self._deliver(data)
            return
        self._under_way.append((self._loop.time() + self._delay_s, data))
        self._held_bytes += len(data)
        if self._held_bytes > HELD_BYTES and self.transport is not None:
            self.transport.pause_reading()
        if len(self._under_way) == 1:
            self._loop.call_later(self._delay_s, self._land)

    def _land(self) -> None:
        """Deliver all that is due, in order; wait for the rest."""
        now = self._loop.time()
        while self._under_way and self._under_way[0][0] <= now:
            _, data = self._under_way.popleft()
            self._held_bytes -= len(data)
            self._deliver(data)
        if self._under_way:
            self._loop.call_later(self._under_way[0][0] - now, self._land)
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def _deliver(self, data: bytes) -> None:
        if self.peer is not None:
            self.peer.arrive(data)

    def _hang_up(self) -> None:
        self._land()
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.close()


async def _serve(host: str, port: int, delay_s: float) -> None:
    loop = asyncio.get_running_loop()

    async def join(client: Side, spoken: list[str]) -> None:
        _, server = await loop.create_connection(lambda: Side(delay_s, spoken, "server"), host, port)
        client.peer, server.peer = server, client
        assert client.transport is not None
        client.transport.resume_reading()

    joining: set[asyncio.Task[None]] = set()

    class Client(Side):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            cast(asyncio.Transport, transport).pause_reading()
            task = loop.create_task(join(self, self._spoken))
            joining.add(task)
            task.add_done_callback(joining.discard)

        def connection_lost(self, error: Exception | None) -> None:
            super().connection_lost(error)
            print("round trips", self._spoken.count("client"), flush=True)

    server = await loop.create_server(lambda: Client(delay_s, [], "client"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin, lambda: ended.set() if not sys.stdin.read(1) else None)
    await ended.wait()


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy in a process of its own, listening on 127.0.0.1."""

    port: int
    process: subprocess.Popen[str]

    def round_trips(self) -> int:
        """Wait for the next connection to end; how often its talk turned to the client."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline().split()[-1])


@contextmanager
def delayed(host: str, port: int, rtt_ms: float) -> Iterator[Proxy]:
    """Run a proxy to ``host:port`` for as long as the block lasts."""
    argv = (sys.executable, "-m", "benchmarks.proxy", host, str(port), str(rtt_ms))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield Proxy(int(process.stdout.readline()), process)
        finally:
            process.stdin.close()
            process.wait(timeout=START_S)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 2000))
