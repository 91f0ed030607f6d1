"""The door to one target over SSH."""

from __future__ import annotations

from collections.abc import Callable

from remotego.adapters.ssh.command import CommandStart
from remotego.adapters.ssh.conversation import Conversation
from remotego.adapters.ssh.errors import (
    OtherUserForwardError,
    ScriptTimeoutError,
    SessionRefusedError,
    describe,
)
from remotego.adapters.ssh.exchange import ScriptExchange
from remotego.adapters.ssh.patience import Patience
from remotego.adapters.ssh.session import Line
from remotego.adapters.ssh.stream import listening_script
from remotego.core.errors import HostError
from remotego.core.framing import Event, Output, command
from remotego.core.transport import Answer, Script, Sent, Stream

_PROBE_S = 10.0


class SshTransport:
    """A target at the end of an open connection. Several threads may use it at once."""

    def __init__(self, name: str, connection: Line, count: Callable[[], None], user: str | None = None) -> None:
        """``count`` is called for each command that the target is asked to run; sudo makes it ``user``'s."""
        self._name = name
        self._connection = connection
        self._count = count
        self._user = user

    @property
    def name(self) -> str:
        """The target as its user named it."""
        return self._name

    def run(self, script: Script, *, timeout_s: float = 60.0, sent: Sent | None = None) -> Answer:
        """Run to the end. A non-zero exit code is an Answer, not an error.

        ``timeout_s`` counts anew with each piece of a payload that has gone.
        Raises UnreachableError when the connection is lost; SudoRefusedError; NoShellError, ScriptBrokenError,
        ScriptTimeoutError and OutputFloodError (HostErrors) when the target does not do its part;
        OSError when a payload cannot be read here. On a timeout the remote process group is killed.
        """
        patience = Patience(timeout_s, sent)
        talk = self._start(script, keeps_input=False, sent=patience.sent)
        printed: list[bytes] = []
        try:
            while events := _events(talk, patience):
                printed += [event.data for event in events if isinstance(event, Output)]
            return Answer(b"".join(printed), talk.stderr(), talk.exit_code or 0)
        except TimeoutError:
            talk.kill()
            raise ScriptTimeoutError(self._name, timeout_s) from None
        finally:
            talk.close()

    def open(self, script: Script) -> ScriptExchange:
        """Start a script and keep talking to it. Raises what ``run`` raises, but for timeouts."""
        return ScriptExchange(self._start(script, keeps_input=True))

    def connect_unix(self, path: str) -> Stream:
        """Open a stream to a unix socket on the target.

        Raises ForwardingForbiddenError, SocketClosedError, OtherUserForwardError (RefusedErrors), UnreachableError.
        """
        self._forwards_to(path)
        return self._connection.open_unix(path, self._is_listening)

    def connect_port(self, port: int) -> Stream:
        """Open a stream to a port of 127.0.0.1 on the target.

        Raises PortForbiddenError, PortClosedError, OtherUserForwardError (RefusedErrors), UnreachableError.
        """
        self._forwards_to(f"port {port}")
        return self._connection.open_port(port)

    def pipe(self, script: Script) -> Stream:
        """Run a script whose input and output become the stream. It takes no payloads.

        Raises SessionRefusedError, NoStreamError, SudoRefusedError (RefusedErrors), UnreachableError,
        NoShellError and ScriptTimeoutError (HostErrors).
        """
        self._count()
        return CommandStart(self._name, self._connection, script.text, self._user).stream()

    def as_user(self, user: str) -> SshTransport:
        """Give the same way in, where scripts are run as another user. Raises ValueError for what is no user's name."""
        command(user)
        return SshTransport(self._name, self._connection, self._count, user)

    def _forwards_to(self, place: str) -> None:
        if self._user is not None:
            hop = self._connection.hop
            raise OtherUserForwardError(describe(hop), hop.user, self._user, place)

    def _is_listening(self, path: str) -> bool:
        """Whether somebody listens; a target that gives no session to ask in is believed to forbid."""
        try:
            return self.run(listening_script(path), timeout_s=_PROBE_S).exit_code == 0
        except SessionRefusedError:
            return True
        except HostError:
            return False

    def _start(self, script: Script, *, keeps_input: bool, sent: Sent | None = None) -> Conversation:
        self._count()
        return Conversation(self._name, self._connection, script, keeps_input=keeps_input, sent=sent, user=self._user)


def _events(talk: Conversation, patience: Patience) -> list[Event]:
    """Wait for the next output, as long as bytes go. Raises what ``talk`` raises."""
    while True:
        try:
            return talk.events(patience.deadline_s)
        except TimeoutError:
            if patience.is_over:
                raise
