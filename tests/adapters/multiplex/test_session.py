"""Our ends of a session, without ssh."""

from __future__ import annotations

import socket
import time

import pytest

from remotego.adapters.multiplex.control import Control
from remotego.adapters.multiplex.session import MuxSession


class Gone:
    """A master that has ended."""

    closed_s = 0.0
    is_connected = False

    def ask(self) -> Control:
        """Not to be asked."""
        raise ConnectionRefusedError


def test_a_wait_for_bytes_of_a_session_that_another_thread_has_closed_ends_as_at_the_end() -> None:
    """The thread that sends closes it at a failure, between any two waits of the thread that reads."""
    session = MuxSession(Gone(), None, *socket.socketpair(), None)
    session.close()
    assert (b"", b"") == (session.recv_within(1, 1.0), session.recv(1))


def test_a_wait_is_bounded() -> None:
    """In seconds."""
    ours, theirs = socket.socketpair()
    session = MuxSession(Gone(), None, ours, ours, None)
    before_s = time.monotonic()
    with theirs, pytest.raises(TimeoutError):
        session.recv_within(1, 0.01)
    session.close()
    assert time.monotonic() - before_s < 5
