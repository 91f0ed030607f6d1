"""A small client of the Debug Adapter Protocol: frames of JSON over a socket.

https://microsoft.github.io/debug-adapter-protocol/overview describes the frames and the order of requests.
"""

import itertools
import json
import socket
from collections import deque
from typing import Any

LIMIT_S = 20.0


class DapError(Exception):
    """The debug server refused a request, or went away."""


class Dap:
    """A connection to a debug server on 127.0.0.1; each wait takes at most ``LIMIT_S``."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S)
        self._incoming = self._socket.makefile("rb")
        self._numbers = itertools.count(1)
        self._events: deque[dict[str, Any]] = deque()

    def request(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a request and wait for its response; give the response's body."""
        number = self.send(command, **arguments)
        while (message := self._receive()).get("request_seq") != number:
            self._keep(message)
        if not message["success"]:
            details = (message.get("body") or {}).get("error") or {}
            raise DapError(f"{command}: {details.get('format') or message.get('message')}")
        return dict(message.get("body") or {})

    def send(self, command: str, **arguments: Any) -> int:
        """Send a request without waiting; give its number."""
        number = next(self._numbers)
        request = {"seq": number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(request).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return number

    def wait(self, event: str) -> dict[str, Any]:
        """Give the body of the next event of this name, also of one that has come already."""
        while True:
            while self._events:
                if (kept := self._events.popleft())["event"] == event:
                    return dict(kept.get("body") or {})
            self._keep(self._receive())

    def close(self) -> None:
        """Close the socket."""
        self._incoming.close()
        self._socket.close()

    def _keep(self, message: dict[str, Any]) -> None:
        if message["type"] == "event":
            self._events.append(message)

    def _receive(self) -> dict[str, Any]:
        length = 0
        while line := self._incoming.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = self._incoming.read(length)
        if not body:
            raise DapError("the debug server closed the connection")
        return dict(json.loads(body))
