"""A connection to the control socket of an ssh master: one request each, open for as long as what it asked for."""

from __future__ import annotations

import contextlib
import socket
import struct
from pathlib import Path

from remotego.adapters.multiplex.messages import VERSION, Denied, Granted, Hello, Reply, framed, hello, parse_reply

_LONGEST_BYTES = 256 << 10
"""Of a message (mux.c takes no longer ones)."""


class DenialError(Exception):
    """The master, or the server behind it, says no; ``said`` is its own wording."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class Control:
    """Connects and exchanges greetings. Raises OSError when there is no master that answers."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(str(path))
            self._send(hello())
            if self._receive() != Hello(VERSION):
                raise OSError("the ssh master speaks another protocol")
        except BaseException:
            self._socket.close()
            raise

    def ask(self, request: bytes, *handed: socket.socket) -> None:
        """Send a request with what it hands over, and wait until it is granted. Raises DenialError, OSError."""
        self._send(request)
        for each in handed:
            socket.send_fds(self._socket, [b"\0"], [each.fileno()])
        match self._receive():
            case Granted():
                return
            case Denied(reason):
                raise DenialError(reason)
            case other:
                raise OSError(f"the ssh master answers with {other}")

    def wait_end(self, timeout_s: float) -> None:
        """Wait until the master has said that the session's command has ended, or has gone."""
        with contextlib.suppress(OSError):
            self._socket.settimeout(timeout_s)
            self._socket.recv(1)

    def close(self) -> None:
        """Hang up: the master closes the session or stream it has opened for us. Safe to call twice."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _send(self, body: bytes) -> None:
        self._socket.sendall(framed(body))

    def _receive(self) -> Reply:
        (size,) = struct.unpack(">I", self._read(4))
        if size > _LONGEST_BYTES:
            raise OSError("the ssh master does not speak its protocol")
        try:
            return parse_reply(self._read(size))
        except ValueError as error:
            raise OSError(str(error)) from error

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = self._socket.recv(size - len(data))
            if not piece:
                raise ConnectionResetError("the ssh master has hung up")
            data += piece
        return bytes(data)
