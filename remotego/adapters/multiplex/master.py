"""An ssh master: the process that is signed in to one hop and serves a control socket."""

from __future__ import annotations

import contextlib
import math
import os
import re
import secrets
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.multiplex.command import Program, bridge_by, master_argv, passage_by
from remotego.adapters.multiplex.control import Control, DenialError
from remotego.adapters.multiplex.diagnosis import (
    OPEN_FAILED,
    Refused,
    Scene,
    cause_of_loss,
    diagnose,
    find_refusal,
    rest,
)
from remotego.adapters.multiplex.forwarding import open_port, open_unix
from remotego.adapters.multiplex.log import Log
from remotego.adapters.multiplex.messages import alive_check
from remotego.adapters.multiplex.place import Place, end
from remotego.adapters.multiplex.session import MuxSession, open_session
from remotego.adapters.openssh import KeyLookup
from remotego.adapters.ssh.bridge import crossed
from remotego.adapters.ssh.errors import (
    BridgeError,
    ConnectError,
    ConnectionLostError,
    HandshakeError,
    JumpRefusedError,
    LoginRefusedError,
    SessionRefusedError,
    describe,
)
from remotego.adapters.ssh.knownhosts import names_of
from remotego.adapters.ssh.patience import BANNER_S, CHANNEL_S, DroppedError, insist
from remotego.adapters.ssh.session import SETTLE_S, until_freed
from remotego.adapters.ssh.stream import ChannelStream
from remotego.core.framing import compose_stream
from remotego.core.target import Hop
from remotego.core.transport import Script

LOGIN_S = 60.0
"""For signing in, once the host is trusted: a key may have to be touched."""

LEAVING = "this run is about to end"

_HANDSHAKE_DONE = re.compile("debug1: SSH2_MSG_SERVICE_ACCEPT received|debug1: Entering interactive session")
_SIGNED_IN = re.compile("debug1: Entering interactive session")
_TOUCH = "Confirm user presence"
_ALIVE_S = 5.0


@dataclass(frozen=True, slots=True)
class User:
    """How to reach the one at the terminal, if there ``is_there`` anybody.

    ``before_asking`` clears the terminal; ``lock`` keeps two hops from asking at once.
    """

    is_there: bool
    tell: Callable[[str], None]
    before_asking: Callable[[], None]
    lock: threading.Lock


Detour = Callable[["Master", Hop, JumpRefusedError], Script]
"""Gives the script on a jump host that connects to a hop. Raises RemotegoError."""


class Master:
    """A hop reached by itself, or through the ``gateway`` before it. ``closed_s`` is when a session was last closed."""

    def __init__(
        self,
        program: Program,
        hop: Hop,
        place: Place,
        config: Path | None,
        user: User,
        gateway: Master | None = None,
        detour: Detour | None = None,
    ) -> None:
        self.hop = hop
        self.gateway = gateway
        self.control = place.socket()
        self._program, self._place, self._config, self._user = program, place, config, user
        self._detour = detour
        self._passage = passage_by(program, gateway.control) if gateway else None
        self._is_bridged = False
        self.closed_s = -math.inf
        self._process: subprocess.Popen[bytes] | None = None
        self._log: Log | None = None

    @property
    def chain(self) -> tuple[Master, ...]:
        """The masters this one rests on, outermost first, and itself last."""
        return (*self.gateway.chain, self) if self.gateway else (self,)

    @property
    def is_connected(self) -> bool:
        """Whether it is there and answers."""
        if self._process is None or self._process.poll() is not None:
            return False
        try:
            control = Control(self.control, _ALIVE_S)
        except OSError:
            return False
        with contextlib.closing(control), contextlib.suppress(OSError, DenialError):
            control.ask(alive_check())
            return True
        return False

    def open(self) -> None:
        """Sign in, by a detour where the gateway does not forward.

        Raises UnreachableError, RefusedError for a jump host that does not forward.
        """
        try:
            self._open()
        except JumpRefusedError as refusal:
            if self.gateway is None or self._detour is None:
                raise
            self._cross(self.gateway, self._detour(self.gateway, self.hop, refusal))

    def _cross(self, gateway: Master, script: Script) -> None:
        """Sign in by a script on the gateway whose input and output lead to this hop."""
        nonce, frame = secrets.token_hex(16), self._place.socket()
        frame.write_bytes(compose_stream(script.text, nonce))
        os.mkfifo(f"{frame}.go", 0o600)
        self._passage = bridge_by(self._program, gateway.control, frame, f"@{nonce} begin 0")
        self._is_bridged = True
        self._open()
        self._user.tell(crossed(gateway.hop))

    def _open(self) -> None:
        """Sign in without asking anybody; if no key does, and the user is there, let ssh ask for what opens one."""
        try:
            insist(lambda: self._sign_in(asks=False))
        except LoginRefusedError:
            if not self._user.is_there:
                raise
            with self._user.lock:
                self._user.before_asking()
                insist(lambda: self._sign_in(asks=True))

    def start(self, command: str) -> MuxSession:
        """Run a command. Raises SessionRefusedError, ConnectionLostError."""
        return until_freed(lambda: self._start(command), lambda: self.closed_s)

    def _start(self, command: str) -> MuxSession:
        mark = self.mark
        try:
            return open_session(self, command)
        except DenialError as denial:
            refused = self.wait_refusal(mark)
            raise SessionRefusedError(describe(self.hop), refused.said if refused else denial.said) from denial
        except OSError as error:
            raise self.loss() from error

    def open_unix(self, path: str, is_listening: Callable[[str], bool]) -> ChannelStream:
        """Open a unix socket of the hop. Raises what ``forwarding.open_unix`` raises."""
        return open_unix(self, path, is_listening)

    def open_port(self, port: int) -> ChannelStream:
        """Open a port of the hop's own loopback. Raises what ``forwarding.open_port`` raises."""
        return open_port(self, port)

    def socket(self) -> Path:
        """Give a path where it may listen."""
        return self._place.socket()

    def ask(self) -> Control:
        """Connect to its control socket. Raises OSError."""
        return Control(self.control, CHANNEL_S)

    @property
    def mark(self) -> int:
        """A point in its log."""
        return self._log.count if self._log else 0

    def wait_refusal(self, mark: int) -> Refused | None:
        """Find what the server has refused since a point in the log, where it may be about to show."""
        if self._log is None:
            return None
        with contextlib.suppress(TimeoutError):
            self._log.wait_for(OPEN_FAILED, SETTLE_S, mark)
        return find_refusal(self._log.lines(mark))

    def ended(self, timeout_s: float) -> bool:
        """Wait a little for its end; True if it has gone."""
        if self._process is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        return self._process.returncode is not None

    def loss(self) -> ConnectionLostError:
        """Say which hop of the chain has gone, and why."""
        gone = next((each for each in self.chain if each.ended(0 if each.gateway else SETTLE_S)), None)
        if gone is None or gone._log is None:
            return ConnectionLostError(describe(self.hop), "it does not answer")
        gone._log.wait_end(SETTLE_S)
        return ConnectionLostError(describe(gone.hop), cause_of_loss(gone._log.lines()))

    def close(self) -> None:
        """End the process and what it has started. Safe to call twice."""
        if self._process is not None:
            end(self._process)

    def _sign_in(self, *, asks: bool) -> None:
        mark = self.gateway.mark if self.gateway else 0
        log = self._launch(asks=asks)
        try:
            self._await(log, asks=asks)
            if self.is_connected:
                return
            raise self._failure(log, mark)
        except BaseException:
            self.close()
            raise

    def _launch(self, *, asks: bool) -> Log:
        self.control.unlink(missing_ok=True)
        argv = master_argv(self._program, self.hop, self.control, passage=self._passage, config=self._config, asks=asks)
        self._process = process = self._place.start(argv, attended=asks)
        if process is None or process.stderr is None:
            raise ConnectError(describe(self.hop), LEAVING)
        self._log = log = Log(process.stderr, self._pass_on)
        return log

    def _await(self, log: Log, *, asks: bool) -> None:
        """Wait until it is signed in or has ended."""
        place, patience_s = describe(self.hop), self.hop.connect_timeout_s or BANNER_S
        try:
            log.wait_for(_HANDSHAKE_DONE, 2 * patience_s)
        except TimeoutError:
            raise HandshakeError(place, f"it takes longer than {2 * patience_s:g} s") from None
        try:
            log.wait_for(_SIGNED_IN, None if asks else LOGIN_S)
        except TimeoutError:
            raise HandshakeError(place, f"signing in takes longer than {LOGIN_S:g} s") from None

    def _failure(self, log: Log, mark: int) -> Exception:
        """Explain the end of the process."""
        self.close()
        log.wait_end(SETTLE_S)
        if self.gateway and not self.gateway.is_connected:
            return self.gateway.loss()
        known = KeyLookup(names_of(self.hop.key_name), self.hop.known_hosts).keys()
        scene = Scene(self.hop, self.gateway.hop if self.gateway else None, known)
        error = diagnose(scene, log.lines(), self.gateway.wait_refusal(mark) if self.gateway else None)
        if self._is_bridged and self.gateway and isinstance(error, DroppedError):
            said = rest(log.lines()) or error.cause
            return BridgeError(describe(self.gateway.hop), describe(self.hop), said, "see why that command ends")
        return error

    def _pass_on(self, line: str) -> None:
        if line.startswith(_TOUCH):
            self._user.tell(line)
