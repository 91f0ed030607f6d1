"""A framed script on a channel: bytes in, events out, every wait bounded and every loss named."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Iterator
from typing import assert_never

from remotego.adapters.ssh.errors import (
    NoShellError,
    OutputFloodError,
    ScriptBrokenError,
    SudoRefusedError,
    describe,
)
from remotego.adapters.ssh.session import READ_BYTES, SETTLE_S, Line, Tail
from remotego.core.errors import RemotegoError
from remotego.core.framing import End, Event, FrameReader, Output, Ready, command, compose
from remotego.core.terminal import inert
from remotego.core.transport import CAP_BYTES, Payload, Script, Sent

PIECE_BYTES = 1 << 20
ASIDE_S = 5.0
"""How long killing a script from outside may take."""

_KILL_GROUP_OR_TREE = """{{
tree() {{
    kill -STOP "$1"
    for status in $(grep -l "^PPid:.$1\\$" /proc/[0-9]*/status); do
        status=${{status#/proc/}}
        (tree "${{status%/status}}")
    done
    kill -KILL "$1"
}}
kill -KILL -{pid} || tree {pid}
exit
}} 2>/dev/null
"""
"""sshd gives each session a process group of its own; dropbear does not, so there the tree is walked."""


class Conversation:
    """A script under way on one channel. ``held_bytes`` is what was received and not yet handed on."""

    def __init__(
        self,
        name: str,
        connection: Line,
        script: Script,
        *,
        keeps_input: bool,
        sent: Sent | None = None,
        user: str | None = None,
    ) -> None:
        self.exit_code: int | None = None
        self.held_bytes = 0
        self._name = name
        self._connection = connection
        self._frame = FrameReader(secrets.token_hex(16))
        self._payloads = list(script.payloads)
        self._keeps_input = keeps_input
        self._sent = sent
        self._user = user
        self._command = command(user)
        self._failure: Exception | None = None
        self._pouring = False
        self._channel = connection.start(self._command)
        self._errors = Tail(self._channel)
        self._begin(script)

    def events(self, deadline_s: float) -> list[Event]:
        """Wait for the next output; [] only when the script has ended.

        Raises TimeoutError at ``deadline_s`` (monotonic), ConnectionLostError, NoShellError,
        ScriptBrokenError, OutputFloodError.
        """
        while self.exit_code is None:
            events = self._read_frame(self._receive(deadline_s))
            for event in events:
                self._heed(event)
            if events:
                return events
        return []

    def send(self, data: bytes) -> None:
        """Write to the script's standard input; waits while the script does not read."""
        try:
            self._channel.sendall(data)
        except OSError as error:
            raise self._diagnose() from error

    def stderr(self) -> bytes:
        """What it wrote to standard error, the last 64 KiB."""
        return self._errors.wait(SETTLE_S)

    def kill(self) -> None:
        """End the script with its process group, and close the channel.

        A signal request would not do: sshd heeds it only for users other than root, and dropbear
        drops the connection. So the shell is killed from a second session on the same connection,
        by the user it runs as.
        """
        self._channel.close()
        if pid := self._frame.shell_pid:
            self._run_aside(_KILL_GROUP_OR_TREE.format(pid=pid))

    def _run_aside(self, text: str) -> None:
        """Run sh of which only its being done matters."""
        with contextlib.suppress(RemotegoError, OSError):
            channel = self._connection.start(self._command)
            try:
                channel.sendall(text.encode())
                channel.recv_within(1, ASIDE_S)
            finally:
                channel.close()

    def close(self) -> None:
        """Close the channel; after a script's end mark, once its shell has ended too.

        dropbear closes a session that is opened while the shell of the one before ends (2022.83).
        """
        if self.exit_code is not None:
            self._channel.wait_exit(SETTLE_S)
        self._channel.close()

    def _begin(self, script: Script) -> None:
        """Send the script. If it cannot be taken, what came back instead is read as ever, and says why."""
        with contextlib.suppress(OSError):
            self._channel.sendall(compose(script.text, self._frame.nonce))
            self._end_input_when_done()

    def _receive(self, deadline_s: float) -> bytes:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        receive = self._channel.recv_within if self._pouring else self._channel.recv_soon
        data = receive(READ_BYTES, left_s)
        if not data:
            raise self._failure or self._diagnose()
        self.held_bytes += len(data)
        if self.held_bytes > CAP_BYTES:
            self.kill()
            raise OutputFloodError(self._name, CAP_BYTES)
        return data

    def _read_frame(self, data: bytes) -> list[Event]:
        try:
            return self._frame.feed(data)
        except ValueError as error:
            self.kill()
            raise ScriptBrokenError(self._name, "an end mark without an exit code") from error

    def _heed(self, event: Event) -> None:
        match event:
            case Ready() if self._payloads:
                payload = self._payloads.pop(0)
                self._pouring = True
                threading.Thread(target=self._pour, args=(payload,), name="payload", daemon=True).start()
            case End(code):
                self.exit_code = code
            case Ready() | Output():
                pass
            case _:
                assert_never(event)

    def _pour(self, payload: Payload) -> None:
        """Send a payload, in a thread of its own so that output is still read meanwhile."""
        try:
            for piece in _pieces(payload):
                if not self._pass_on(piece):
                    return
            self._pouring = False
            self._end_input_when_done()
        except Exception as error:  # noqa: BLE001  (the reading thread raises it)
            self._failure = error
            self._channel.close()

    def _pass_on(self, piece: bytes) -> bool:
        """Send a piece; False when the channel has ended, which the reading thread finds out by itself."""
        try:
            self._channel.sendall(piece)
        except OSError:
            return False
        if self._sent is not None:
            self._sent(len(piece))
        return True

    def _end_input_when_done(self) -> None:
        """Let a script that reads on see the end of its input instead of waiting for ever."""
        if not self._keeps_input and not self._payloads:
            self._channel.shutdown_write()

    def _diagnose(self) -> RemotegoError:
        """Tell a lost connection from a shell that did not do its part."""
        if self._connection.ended(0.1 if self._channel.eof_received else SETTLE_S):
            return self._connection.loss()
        said = inert(self._frame.preamble + self._errors.wait(SETTLE_S)).strip()[-1000:] or "(nothing)"
        if self._frame.begun:
            return ScriptBrokenError(self._name, said)
        account = self._connection.hop.user
        if self._user is not None:
            return SudoRefusedError(describe(self._connection.hop), account, self._user, said)
        return NoShellError(self._name, account, said)


def _pieces(payload: Payload) -> Iterator[bytes]:
    """Cut a file into pieces. Raises OSError when it is shorter than it was."""
    with payload.path.open("rb") as file:
        left = payload.size_bytes
        while left:
            piece = file.read(min(left, PIECE_BYTES))
            if not piece:
                raise OSError(f"{payload.path} has become {left} bytes shorter while it was sent")
            yield piece
            left -= len(piece)
