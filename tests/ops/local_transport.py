"""A Transport to this machine: a real shell on a pipe, framed as over SSH, without SSH."""

import contextlib
import os
import pwd
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from typing import assert_never

from remotego.core.errors import RefusedError
from remotego.core.framing import End, FrameReader, Opening, Output, Ready, compose, compose_stream
from remotego.core.transport import Answer, Payload, Script, Sent, Stream

BUSYBOX = "/usr/bin/busybox"
SHELLS: Mapping[str, tuple[str, ...]] = {
    "dash": ("/usr/bin/dash", "-s"),
    "bash": ("/usr/bin/bash", "--posix", "-s"),
    "busybox": (BUSYBOX, "sh", "-s"),
}
PIECE_BYTES = 1 << 16
END_TIMEOUT_S = 10


@dataclass(slots=True)
class Shell:
    """A running shell with a framed script on its input."""

    process: subprocess.Popen[bytes]
    frame: FrameReader
    payloads: list[Payload]
    printed: bytearray = field(default_factory=bytearray)
    exit_code: int | None = None

    def read(self, deadline_s: float) -> bool:
        """Read once; False at the end of the output. A request for bytes is answered with the next payload."""
        assert self.process.stdout is not None
        if not select([self.process.stdout], [], [], max(0.0, deadline_s - time.monotonic()))[0]:
            raise TimeoutError
        data = os.read(self.process.stdout.fileno(), PIECE_BYTES)
        for event in self.frame.feed(data):
            match event:
                case Output(printed):
                    self.printed += printed
                case Ready():
                    self.pour()
                case End(code):
                    self.exit_code = code
                case _:
                    assert_never(event)
        return bool(data)

    def pour(self) -> None:
        """Send the next payload; after the last one the input ends."""
        assert self.process.stdin is not None
        payload = self.payloads.pop(0)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(payload.path.read_bytes()[: payload.size_bytes])
            self.process.stdin.flush()
        if not self.payloads:
            self.hang_up()

    def hang_up(self) -> None:
        """End its input."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def signal(self, number: int) -> None:
        """Send a signal to the shell and all it started, as a terminal or a dying sshd would."""
        os.killpg(self.process.pid, number)

    def finish(self, timeout_s: float) -> Answer:
        """Read to the end. An exit code of -1 stands for a script that never reached it."""
        deadline_s = time.monotonic() + timeout_s
        while self.read(deadline_s):
            pass
        self.process.wait(timeout_s)
        assert self.process.stderr is not None
        said = self.process.stderr.read()
        return Answer(bytes(self.printed), said, -1 if self.exit_code is None else self.exit_code)


class LocalTransport:
    """Runs scripts on this machine in a shell of SHELLS, with a home directory of its own."""

    def __init__(self, home: Path, shell: str = "dash", path: str = os.defpath, user: str | None = None) -> None:
        self.home, self._shell, self._path, self._user = home, shell, path, user

    @property
    def name(self) -> str:
        """The shell's name."""
        return self._shell

    def run(self, script: Script, *, timeout_s: float = 60.0, sent: Sent | None = None) -> Answer:
        """Run to the end."""
        with self.start(script) as shell:
            if not script.payloads:
                shell.hang_up()
            answer = shell.finish(timeout_s)
        if sent is not None:
            for payload in script.payloads:
                sent(payload.size_bytes)
        return answer

    @contextlib.contextmanager
    def start(self, script: Script) -> Iterator[Shell]:
        """Start a script; nothing of it is left running afterwards."""
        frame = FrameReader(secrets.token_hex(8))
        with self.spawn() as process:
            assert process.stdin is not None
            process.stdin.write(compose(script.text, frame.nonce))
            process.stdin.flush()
            try:
                yield Shell(process, frame, list(script.payloads))
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start a shell that waits for a script; root alone can be another user."""
        return subprocess.Popen(
            SHELLS[self._shell],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"HOME": str(self.home), "PATH": self._path},
            cwd=self.home if self._user is None and self.home.is_dir() else "/",
            start_new_session=True,
            user=self._user,
            group=self._user and pwd.getpwnam(self._user).pw_gid,
            extra_groups=None if self._user is None else [],
        )

    def open(self, script: Script) -> "LocalExchange":
        """Start a script and keep talking to it; close it to end it."""
        return LocalExchange(self.start(script))

    def connect_unix(self, path: str) -> Stream:
        """Open a socket of this machine."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        return LocalStream(connection)

    def connect_port(self, port: int) -> Stream:
        """Open a port of this machine."""
        return LocalStream(socket.create_connection(("127.0.0.1", port)))

    def pipe(self, script: Script) -> Stream:
        """Run a script on a pipe of its own."""
        return LocalPipe.begin(self.spawn(), script)

    def as_user(self, user: str) -> "LocalTransport":
        """Give this machine as another user."""
        return LocalTransport(self.home, self._shell, self._path, user)


@dataclass(eq=False)
class LocalRefusedError(RefusedError):
    """A script ended before it was a stream."""

    said: str
    what = "no stream; it says: {said}"
    remedy = "see what it says"


@dataclass(slots=True)
class LocalPipe:
    """The input and output of a script; ``ahead`` has been read already."""

    process: subprocess.Popen[bytes]
    ahead: bytes

    @classmethod
    def begin(cls, process: subprocess.Popen[bytes], script: Script) -> "LocalPipe":
        """Wait until the script says that the stream is up."""
        opening = Opening(secrets.token_hex(8))
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(compose_stream(script.text, opening.nonce))
        process.stdin.flush()
        while data := os.read(process.stdout.fileno(), PIECE_BYTES):
            if (ahead := opening.feed(data)) is not None:
                return cls(process, ahead)
        _, said = process.communicate(timeout=END_TIMEOUT_S)
        raise LocalRefusedError(said.decode())

    def recv(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; empty at the end."""
        data, self.ahead = self.ahead[:size], self.ahead[size:]
        assert self.process.stdout is not None
        return data or os.read(self.process.stdout.fileno(), size)

    def sendall(self, data: bytes, /) -> None:
        """Write everything."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def shutdown_write(self) -> None:
        """End its input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        for end in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert end is not None
            with contextlib.suppress(BrokenPipeError):
                end.close()


@dataclass(frozen=True, slots=True)
class LocalStream:
    """A connected unix socket."""

    connection: socket.socket

    def recv(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; empty at the end."""
        return self.connection.recv(size)

    def sendall(self, data: bytes, /) -> None:
        """Write everything."""
        self.connection.sendall(data)

    def shutdown_write(self) -> None:
        """Say that nothing more will be written."""
        self.connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close both ways."""
        self.connection.close()


class LocalExchange:
    """A script that is talked to, line by line."""

    def __init__(self, starting: "contextlib.AbstractContextManager[Shell]") -> None:
        self._starting = starting
        self.shell = starting.__enter__()

    def read_line(self, timeout_s: float) -> bytes | None:
        """Next line; None at the end. Raises TimeoutError."""
        deadline_s = time.monotonic() + timeout_s
        while b"\n" not in self.shell.printed:
            if self.shell.exit_code is not None or not self.shell.read(deadline_s):
                return None
        line, _, rest = bytes(self.shell.printed).partition(b"\n")
        self.shell.printed[:] = rest
        return line

    def send(self, data: bytes) -> None:
        """Write to its input."""
        assert self.shell.process.stdin is not None
        self.shell.process.stdin.write(data)
        self.shell.process.stdin.flush()

    def answer(self, timeout_s: float) -> Answer:
        """Wait for the end."""
        return self.shell.finish(timeout_s)

    def close(self) -> None:
        """End its input and wait for it."""
        self.shell.hang_up()
        with contextlib.suppress(TimeoutError, subprocess.TimeoutExpired):
            self.shell.finish(END_TIMEOUT_S)
        self._starting.__exit__(None, None, None)
