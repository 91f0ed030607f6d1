"""The load of a tunnel: ``python load.py PORT bulk|ask|dap``. It says so when all that was expected came back.

``bulk`` and ``ask`` want an echo at the other end, ``dap`` wants dlv.
"""

from __future__ import annotations

import json
import socket
import sys
import threading

BULK_BYTES = 48 << 20
"""Sent and received at the same time: what an editor's tunnel never sees, and a core file would."""

ASKED, QUESTION_BYTES = 400, 220
"""Questions one after another, as an editor asks them; a DAP request is about so long."""

PIECE_BYTES = 1 << 18


def bulk(sock: socket.socket) -> int:
    """Send everything while receiving it; give how many bytes came back."""
    piece = bytes(PIECE_BYTES)

    def send() -> None:
        for _ in range(BULK_BYTES // PIECE_BYTES):
            sock.sendall(piece)
        sock.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    room, got = bytearray(PIECE_BYTES), 0
    while size := sock.recv_into(room):
        got += size
    sender.join()
    return got


def ask(sock: socket.socket) -> int:
    """Ask, wait for the answer, ask again; give how many bytes came back."""
    question, got = b"?" * QUESTION_BYTES, 0
    for _ in range(ASKED):
        sock.sendall(question)
        left = QUESTION_BYTES
        while left:
            left -= len(sock.recv(left))
        got += QUESTION_BYTES
    return got


def dap(sock: socket.socket) -> int:
    """Ask dlv itself, in the editor's protocol, and read its whole answers; give how many there were."""
    arguments = {"adapterID": "go", "clientID": "vscode", "pathFormat": "path", "linesStartAt1": True}
    with sock.makefile("rb") as answers:
        for number in range(1, ASKED + 1):
            request = {"seq": number, "type": "request", "command": "initialize", "arguments": arguments}
            body = json.dumps(request).encode()
            sock.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            size = int(answers.readline().partition(b":")[2])
            answers.readline()
            if not json.loads(answers.read(size))["success"]:
                return number - 1
    return ASKED


LOADS = {"bulk": (bulk, BULK_BYTES), "ask": (ask, ASKED * QUESTION_BYTES), "dap": (dap, ASKED)}


def main(port: int, kind: str) -> None:
    """Load the tunnel at a port of this machine."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        load, wanted = LOADS[kind]
        got = load(sock)
    print("whole" if got == wanted else f"{got} of {wanted}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
