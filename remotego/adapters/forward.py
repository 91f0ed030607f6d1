"""The local end of a tunnel: a port on 127.0.0.1 that only its owner can use.

The port is bound and listening from the moment a Forward exists, before its number is written
anywhere, so nobody can take it and play the debugger to the editor. On Linux a peer is admitted
only if it belongs to the same user; other systems do not tell, and there every local user is let in.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from remotego.adapters.client import Client
from remotego.adapters.loopback import has_tables, listener_pid, peer_uid, process_name
from remotego.core.errors import RemotegoError, UsageError
from remotego.core.transport import Stream

HOST = "127.0.0.1"
MOST_CLIENTS = 64
"""Clients at once; more are turned away, so that nothing can exhaust our threads."""

_JOIN_S = 2.0
_RETRY_S = 0.1
"""Pause after a failed accept: out of file descriptors, most likely, and that passes."""

Connect = Callable[[], Stream]
Complaint = Callable[[Exception], None]
Watch = Callable[[int], None]


@dataclass(eq=False)
class PortTakenError(UsageError):
    """The wanted local port is in use."""

    port: int
    holder: str
    what = "port {port} of 127.0.0.1 is taken{holder}"
    remedy = "stop what uses it, or give another --local-port (gen-launch: any free one; debug in a terminal: also 0)"


class Forward:
    """A listener whose clients are connected to streams on a target, each with two threads.

    Clients that come before ``serve`` wait in the backlog. Raises PortTakenError.
    """

    def __init__(self, port: int = 0) -> None:
        self._listener = _listen(port)
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._clients: set[Client] = set()
        self._threads: list[threading.Thread] = []
        self._watch: Watch = lambda _: None

    def __enter__(self) -> Forward:
        """Enter; the port is held already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    @property
    def clients(self) -> int:
        """How many clients are connected now."""
        with self._lock:
            return len(self._clients)

    def serve(self, connect: Connect, complain: Complaint = lambda _: None, watch: Watch = lambda _: None) -> None:
        """Start letting clients in; returns at once.

        ``connect`` opens a stream for each client, in the client's own thread. If it fails, that
        client is hung up on, ``complain`` is told, and the port stays open. ``watch`` hears how many
        clients there are whenever one comes or goes, from the threads of these.
        """
        self._watch = watch
        self._start(self._accept, connect, complain)

    def close(self) -> None:
        """Give the port up and hang up on every client. Safe to call twice."""
        with self._lock:
            self._ended.set()
            clients, threads = list(self._clients), list(self._threads)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for client in clients:
            client.close()
        deadline_s = time.monotonic() + _JOIN_S
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline_s - time.monotonic()))

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name=f"forward {self.port}", daemon=True)
        with self._lock:
            self._threads = [each for each in self._threads if each.is_alive()] + [thread]
            thread.start()

    def _accept(self, connect: Connect, complain: Complaint) -> None:
        while not self._ended.is_set():
            try:
                sock, peer = self._listener.accept()
            except OSError:
                self._ended.wait(_RETRY_S)
                continue
            if self.clients < MOST_CLIENTS and _is_ours(sock, peer):
                self._start(self._attend, Client(sock), connect, complain)
            else:
                sock.close()

    def _attend(self, client: Client, connect: Connect, complain: Complaint) -> None:
        with self._lock:
            self._clients.add(client)
            self._watch(len(self._clients))
        try:
            if not self._ended.is_set():
                client.join(connect())
        except (RemotegoError, OSError) as error:
            complain(error)
        finally:
            client.close()
            with self._lock:
                self._clients.discard(client)
                self._watch(len(self._clients))


def is_free(port: int) -> bool:
    """Tell whether a port of 127.0.0.1 can be had now."""
    try:
        _listen(port).close()
    except (PortTakenError, OSError):
        return False
    return True


def _listen(port: int) -> socket.socket:
    """Bind and listen in one go: a port that is bound but not listening can be bound again by others."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise PortTakenError(port, _holder(port)) from error
    return sock


def _holder(port: int) -> str:
    pid = listener_pid(port)
    return f" by process {pid} ({process_name(pid)})" if pid else ""


def _is_ours(sock: socket.socket, peer: tuple[str, int]) -> bool:
    """Whether the process at the other end belongs to our user."""
    return not has_tables() or peer_uid(sock.getsockname(), peer) == os.getuid()
