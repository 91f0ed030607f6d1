"""A program here whose input and output are a stream to a target: bytes both ways, until either end goes."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from remotego.core.errors import RemotegoError
from remotego.core.transport import Stream

PIECE_BYTES = 64 << 10
END_S = 10.0


@contextmanager
def plumbed(stream: Stream, argv: Sequence[str]) -> Iterator[threading.Event]:
    """Run a program on a stream while the block lasts; the event is set when either has ended before."""
    over = threading.Event()
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        threads = [
            threading.Thread(target=work, args=(process, stream, over), daemon=True) for work in (_inwards, _outwards)
        ]
        for thread in threads:
            thread.start()
        try:
            yield over
        finally:
            stream.close()
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_S)
            process.kill()
            for thread in threads:
                thread.join(END_S)


def _inwards(process: subprocess.Popen[bytes], stream: Stream, over: threading.Event) -> None:
    assert process.stdin is not None
    with (
        suppress(OSError, RemotegoError, ValueError),
        process.stdin as sink,
    ):  # closed: the program may wait for its end
        while data := stream.recv(PIECE_BYTES):
            sink.write(data)
            sink.flush()
    over.set()


def _outwards(process: subprocess.Popen[bytes], stream: Stream, over: threading.Event) -> None:
    assert process.stdout is not None
    with suppress(OSError, RemotegoError, ValueError):
        while data := process.stdout.read1(PIECE_BYTES):  # type: ignore[attr-defined]  # a BufferedReader has it
            stream.sendall(data)
    over.set()
