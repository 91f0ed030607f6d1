"""One client of a forward: its socket joined to a stream on the target, each way in a thread."""

from __future__ import annotations

import contextlib
import socket
import threading

from remotego.core.errors import RemotegoError
from remotego.core.transport import Stream

_PIECE_BYTES = 1 << 16


class Client:
    """One accepted connection and the stream it is joined to."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lock = threading.Lock()
        self._stream: Stream | None = None
        self._closed = False
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def join(self, stream: Stream) -> None:
        """Copy both ways until both directions have ended or one has failed."""
        with self._lock:
            self._stream = stream
            if self._closed:
                stream.close()
                return
        outward = threading.Thread(target=self._send_out, args=(stream,), name="forward out", daemon=True)
        outward.start()
        self._bring_in(stream)
        outward.join()

    def close(self) -> None:
        """Hang up at both ends; threads that copy wake up."""
        with self._lock:
            self._closed = True
            stream = self._stream
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
        if stream is not None:
            stream.close()

    def _send_out(self, stream: Stream) -> None:
        try:
            while data := self._sock.recv(_PIECE_BYTES):
                stream.sendall(data)
            stream.shutdown_write()
        except (RemotegoError, OSError):
            self.close()

    def _bring_in(self, stream: Stream) -> None:
        try:
            while data := stream.recv(_PIECE_BYTES):
                self._sock.sendall(data)
            self._sock.shutdown(socket.SHUT_WR)
        except (RemotegoError, OSError):
            self.close()
