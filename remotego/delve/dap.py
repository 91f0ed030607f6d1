"""What a debug client may not ask of dlv about a process it has not started: messages of DAP, rewritten on their way.

VS Code's red square, its Restart button and a compound with ``stopAll`` ask dlv to end the process
(``disconnect`` with ``terminateDebuggee``), and dlv sends it SIGINT (Delve, service/dap/server.go and
pkg/proc/native). dlv offers ``restart`` too, which fails for an attached process and leaves it standing.
Frames: https://microsoft.github.io/debug-adapter-protocol/overview. dlv tells DAP from JSON-RPC by the first byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

LONGEST_BYTES = 1 << 16
"""A longer message is none of those we change; it passes as it comes."""

_HEAD = re.compile(rb"Content-Length: *([0-9]{1,9})\r\n(?:[^\r\n]+\r\n)*\r\n")
_HEAD_BYTES = 512
_FIRST = b"C"

Edit = Callable[[dict[str, Any]], bool]
"""Changes a message in place; tells whether it did."""


def spare(message: dict[str, Any]) -> bool:
    """Let a client leave, but not take the process with it."""
    arguments = message.get("arguments")
    if (message.get("type"), message.get("command")) != ("request", "disconnect") or not isinstance(arguments, dict):
        return False
    if arguments.get("terminateDebuggee") is not True:
        return False
    arguments["terminateDebuggee"] = False
    return True


def forget_restart(message: dict[str, Any]) -> bool:
    """Offer no restart: an editor then leaves and attaches anew, which works."""
    body = message.get("body")
    if not isinstance(body, dict) or not body.get("supportsRestartRequest"):
        return False
    body["supportsRestartRequest"] = False
    return True


class Rewriter:
    """One direction of a connection. Only messages that contain ``word`` are looked into.

    Whatever is not DAP passes untouched.
    """

    def __init__(self, edit: Edit, word: bytes) -> None:
        self._edit, self._word = edit, word
        self._held = b""
        self._passing_bytes = 0
        self._is_dap: bool | None = None

    def feed(self, data: bytes) -> bytes:
        """Take in what has come, and give what can go on."""
        if self._is_dap is None and data:
            self._is_dap = data.startswith(_FIRST)
        if not self._is_dap:
            return data
        self._held += data
        pieces = []
        while piece := self._next():
            pieces.append(piece)
        return b"".join(pieces)

    def rest(self) -> bytes:
        """Give what is left when nothing more comes."""
        left, self._held = self._held, b""
        return left

    def _next(self) -> bytes:
        """Give the next whole message, or a part of a long one; nothing where more has to come."""
        if self._passing_bytes:
            piece, self._held = self._held[: self._passing_bytes], self._held[self._passing_bytes :]
            self._passing_bytes -= len(piece)
            return piece
        head = _HEAD.match(self._held)
        if head is None:
            return self._give_up() if len(self._held) > _HEAD_BYTES else b""
        size_bytes = int(head[1])
        if size_bytes > LONGEST_BYTES:
            self._passing_bytes = head.end() + size_bytes
            return self._next()
        end = head.end() + size_bytes
        if len(self._held) < end:
            return b""
        whole, self._held = self._held[:end], self._held[end:]
        return self._rewritten(whole, whole[head.end() :])

    def _rewritten(self, whole: bytes, body: bytes) -> bytes:
        if self._word not in body:
            return whole
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return whole
        if not isinstance(message, dict) or not self._edit(message):
            return whole
        changed = json.dumps(message).encode()
        return b"Content-Length: %d\r\n\r\n%s" % (len(changed), changed)

    def _give_up(self) -> bytes:
        self._is_dap = False
        return self.rest()


def from_client() -> Rewriter:
    """What a client sends."""
    return Rewriter(spare, b"terminateDebuggee")


def from_dlv() -> Rewriter:
    """What dlv answers."""
    return Rewriter(forget_restart, b"supportsRestartRequest")
