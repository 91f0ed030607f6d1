"""The two machines of the demo, as one child process: ``python -m tests.demo.machines ROOT``.

It prints one line of JSON when both accept logins and the service runs: {"jump_port": N, "service_pid": N}.
It lives as long as its standard input stays open; then everything it started ends, and ROOT is removed,
so that nothing stays behind even when the demo itself is killed.
"""

import asyncio
import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import asyncssh

from tests.demo import processes
from tests.demo.accounts import Account, JumpHost, TargetHost
from tests.demo.place import JUMP, LOGIN, TARGET, Place

Session = asyncssh.SSHServerProcess[bytes]


class Machine:
    """What stands behind both servers: a process table with one parent for orphans."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.exits: dict[int, asyncio.Future[int]] = {}

    def reap(self) -> None:
        """Take note of ended children, as init does."""
        for pid, code in processes.reap().items():
            self._exit(pid).set_result(code)

    def _exit(self, pid: int) -> asyncio.Future[int]:
        return self.exits.setdefault(pid, asyncio.get_running_loop().create_future())

    def start_service(self) -> int:
        """Start the service as a system would: it belongs to no login."""
        env = {"TICKER_STATE_DIR": str(self.place.state), "TICKER_TRACEABLE": "1"}
        quiet = subprocess.DEVNULL
        child = subprocess.Popen(
            [self.place.service], env=env, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
        return child.pid

    async def login(self, process: Session) -> None:
        """Run a command in the account's shell, as sshd does, with the account's environment only."""
        argv = ["/bin/sh", "-c", process.command] if process.command else ["/bin/sh"]
        env, pipe = self._env(), subprocess.PIPE
        child = subprocess.Popen(
            argv,
            env=env,
            cwd=env["HOME"],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            bufsize=0,
            start_new_session=True,
        )
        assert child.stdin is not None
        feeding = asyncio.create_task(_feed(process.stdin, child.stdin))
        with contextlib.suppress(OSError, asyncssh.Error):  # the login may be cut off at any moment
            await process.redirect(stdout=child.stdout, stderr=child.stderr, send_eof=False)
            await process.stdout.drain()
            await process.stderr.drain()
            process.exit(await self._exit(child.pid))
        feeding.cancel()

    def _env(self) -> dict[str, str]:
        remote = self.place.remote
        return {
            "HOME": f"{remote}/home",
            "XDG_RUNTIME_DIR": f"{remote}/run",
            "TMPDIR": f"{remote}/tmp",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "SHELL": "/bin/sh",
            "USER": LOGIN,
            "LOGNAME": LOGIN,
        }


async def _feed(source: asyncssh.SSHReader[bytes], pipe: IO[bytes]) -> None:
    """Carry a login's input; by threads, as asyncio's pipe writer stumbles over readers that leave early."""
    with contextlib.suppress(OSError, asyncssh.Error), pipe:
        while data := await source.read(1 << 16):
            await asyncio.to_thread(_put, pipe, data)


def _put(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(data)
    pipe.flush()


async def serve(place: Place) -> None:
    """Run both machines until standard input ends."""
    machine = Machine(place)
    asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, machine.reap)
    async with (
        _listen(machine, JumpHost, JUMP, _port()) as jump,
        _listen(machine, TargetHost, TARGET, _gate(place)),
    ):
        opened = {"jump_port": jump.get_port(), "service_pid": machine.start_service()}
        print(json.dumps(opened), flush=True)
        await _end_of_input()
        processes.end_descendants()


def _listen(
    machine: Machine, kind: Callable[[Place], Account], name: str, sock: socket.socket
) -> contextlib.AbstractAsyncContextManager[asyncssh.SSHAcceptor]:
    place = machine.place
    return asyncssh.listen(
        sock=sock,
        server_factory=lambda: kind(place),
        server_host_keys=[place.host_key(name)],
        process_factory=machine.login,
        encoding=None,
        gss_host=None,
        agent_forwarding=False,
        x11_forwarding=False,
    )


def _port() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def _gate(place: Place) -> socket.socket:
    gate = socket.socket(socket.AF_UNIX)
    gate.bind(str(place.gate))
    return gate


async def _end_of_input() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def main() -> None:
    """Live as long as standard input is open; leave nothing."""
    place = Place(Path(sys.argv[1]))
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # a closed standard input is the one way to end this
    processes.adopt_orphans()
    try:
        asyncio.run(serve(place))
    finally:
        shutil.rmtree(place.root, ignore_errors=True)


if __name__ == "__main__":
    main()
