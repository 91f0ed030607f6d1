"""A TCP proxy on loopback that delays every byte by half a round trip each way; its rate can be limited too.

``python -m benchmarks.proxy HOST PORT RTT_MS BYTES_PER_S`` (0: no limit) prints its port and serves until its standard
input ends. For each connection that has ended it prints how often the talk turned to the client: its round trips.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO

PIECE_BYTES = 1 << 18
END_S, SETTLE_S = 15.0, 0.5


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a connection."""

    name: str
    reader: StreamReader
    writer: StreamWriter

    async def read(self) -> bytes:
        """Receive some bytes and acknowledge them at once, so that the kernel adds no delay of its own (tcp(7))."""
        data = await self.reader.read(PIECE_BYTES)
        self.set_option(socket.TCP_QUICKACK)
        return data

    def set_option(self, option: int) -> None:
        """Switch a TCP option on."""
        with suppress(OSError):
            self.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, option, 1)


@dataclass(slots=True)
class Talk:
    """One connection: how its bytes are delayed, how many a second pass each way, and who has spoken in turn."""

    delay_s: float
    bytes_per_s: float = 0
    turns: list[str] = field(default_factory=list)

    async def carry(self, speaker: Side, sink: StreamWriter) -> None:
        """Pass on what one side says, and then its end; the other way stays open."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving, free_s = asyncio.create_task(self._arrive(under_way, sink)), 0.0
        with suppress(ConnectionError):
            while data := await speaker.read():
                if self.turns[-1:] != [speaker.name]:
                    self.turns.append(speaker.name)
                free_s = max(free_s, asyncio.get_running_loop().time()) + self._takes_s(data)
                under_way.put_nowait((free_s + self.delay_s, data))
                if self.bytes_per_s:
                    await asyncio.sleep(free_s - asyncio.get_running_loop().time())
        under_way.put_nowait((self._due(), b""))
        await arriving

    async def _arrive(self, under_way: asyncio.Queue[tuple[float, bytes]], sink: StreamWriter) -> None:
        with suppress(ConnectionError):
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(due - asyncio.get_running_loop().time())
                if not data:
                    break
                sink.write(data)
        with suppress(OSError):  # the other end may have hung up meanwhile
            sink.write_eof()

    def _takes_s(self, data: bytes) -> float:
        return len(data) / self.bytes_per_s if self.bytes_per_s else 0.0

    def _due(self) -> float:
        return asyncio.get_running_loop().time() + self.delay_s


async def serve(host: str, port: int, delay_s: float, bytes_per_s: float) -> None:
    """Serve until standard input ends."""

    async def accept(reader: StreamReader, writer: StreamWriter) -> None:
        talk, client = Talk(delay_s, bytes_per_s), Side("client", reader, writer)
        server = Side("server", *await asyncio.open_connection(host, port, limit=PIECE_BYTES))
        for each in (client, server):
            each.set_option(socket.TCP_NODELAY)
        with suppress(asyncio.CancelledError):  # at the end of the proxy; asyncio would print it
            await asyncio.gather(talk.carry(client, server.writer), talk.carry(server, client.writer))
        server.writer.close()
        writer.close()
        print(talk.turns.count("client"), flush=True)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, limit=PIECE_BYTES)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy in a process of its own, listening on 127.0.0.1."""

    port: int
    _output: IO[bytes]

    def talks(self) -> list[int]:
        """Round trips of each connection that has ended since last asked, when no more end for a while."""
        said = b""
        while select.select([self._output], [], [], SETTLE_S)[0] and (more := os.read(self._output.fileno(), 4096)):
            said += more
        return [int(line) for line in said.split()]


@contextmanager
def delayed(host: str, port: int, rtt_ms: float, bytes_per_s: float = 0) -> Iterator[Proxy]:
    """Run a proxy to ``host:port`` for as long as the block lasts."""
    argv = (sys.executable, "-m", "benchmarks.proxy", host, str(port), str(rtt_ms), str(bytes_per_s))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield Proxy(int(process.stdout.readline()), process.stdout)
        finally:
            process.stdin.close()
            process.wait(timeout=END_S)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 2000, float(sys.argv[4])))
