"""The socket under a connection, and how it learns that the other side is gone."""

import contextlib
import socket

from remotego.adapters.ssh.wire import Wire


def test_a_send_to_a_peer_that_hung_up_is_the_end() -> None:
    """The first sign of a hang-up may be a failing send: nothing has to have been received."""
    ours, theirs = socket.socketpair()
    theirs.close()
    wire = Wire(ours)
    with contextlib.suppress(OSError):
        wire.send(b"SSH-2.0-x\r\n")
    assert True is wire.ended
    wire.close()
