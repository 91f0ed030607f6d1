"""Messages to an ssh master over its control socket, and its replies (OpenSSH, PROTOCOL.mux, version 4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

VERSION = 4
UNIX_SOCKET = 0xFFFFFFFE
"""Stands for the port where the host is the path of a unix socket (PORT_STREAMLOCAL, -2)."""

_HELLO, _ALIVE_CHECK, _NEW_SESSION = 0x00000001, 0x10000004, 0x10000002
_OPEN_FORWARD, _CLOSE_FORWARD, _STDIO_FORWARD = 0x10000006, 0x10000007, 0x10000008
_OK, _DENIED, _FAILURE, _EXIT, _ALIVE, _OPENED = (0x80000000 + number for number in (1, 2, 3, 4, 5, 6))
_LOCAL = 1
_NUMBER = 0
"""Of each request: there is one at a time on a control connection."""

_NO_ESCAPE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Hello:
    """A master greets; ``version`` is of its protocol."""

    version: int


@dataclass(frozen=True, slots=True)
class Granted:
    """A request is done, or what it asked for is open."""


@dataclass(frozen=True, slots=True)
class Denied:
    """A request is refused, by the master or by the server."""

    reason: str


@dataclass(frozen=True, slots=True)
class Other:
    """Something else, such as a session's exit code."""

    kind: int


Reply = Hello | Granted | Denied | Other


def hello() -> bytes:
    """Greet the master, which greets as well."""
    return _packed(_HELLO, VERSION)


def alive_check() -> bytes:
    """Ask whether the master still works."""
    return _packed(_ALIVE_CHECK, _NUMBER)


def new_session(command: str) -> bytes:
    """Ask for a command to be run, without terminal or forwarding; three descriptors follow."""
    head = _packed(_NEW_SESSION, _NUMBER) + _string("")
    return head + _packed(0, 0, 0, 0, _NO_ESCAPE) + _string("") + _string(command)


def open_forward(listen: str, path: str) -> bytes:
    """Ask the master to listen on a unix socket here for a unix socket of the server."""
    return _packed(_OPEN_FORWARD, _NUMBER) + _forward(listen, path)


def close_forward(listen: str, path: str) -> bytes:
    """Ask the master to stop listening."""
    return _packed(_CLOSE_FORWARD, _NUMBER) + _forward(listen, path)


def stdio_forward(host: str, port: int) -> bytes:
    """Ask for a connection from the server to a port; two descriptors follow."""
    return _packed(_STDIO_FORWARD, _NUMBER) + _string("") + _string(host) + _packed(port)


def parse_reply(body: bytes) -> Reply:
    """Read a reply without its length. Raises ValueError for what is none."""
    try:
        kind, first = struct.unpack_from(">2I", body)
        if kind == _HELLO:
            return Hello(first)
        if kind in (_OK, _OPENED, _ALIVE):
            return Granted()
        if kind in (_DENIED, _FAILURE):
            (size,) = struct.unpack_from(">I", body, 8)
            return Denied(body[12 : 12 + size].decode("utf-8", "replace"))
    except struct.error as error:
        raise ValueError("a reply that is cut short") from error
    return Other(kind)


def framed(body: bytes) -> bytes:
    """Put the length before a message."""
    return _packed(len(body)) + body


def _forward(listen: str, path: str) -> bytes:
    return _packed(_LOCAL) + _string(listen) + _packed(UNIX_SOCKET) + _string(path) + _packed(UNIX_SOCKET)


def _packed(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def _string(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return _packed(len(data)) + data
