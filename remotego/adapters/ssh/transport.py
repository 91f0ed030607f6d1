"""The door to one target over SSH."""

from __future__ import annotations

import time
from collections.abc import Callable

from remotego.adapters.ssh.connection import Connection
from remotego.adapters.ssh.conversation import Conversation
from remotego.adapters.ssh.errors import ScriptTimeoutError
from remotego.adapters.ssh.exchange import ScriptExchange
from remotego.adapters.ssh.stream import UnixStream, listening_script, open_unix
from remotego.core.errors import HostError
from remotego.core.framing import Output
from remotego.core.transport import Answer, Script, Sent

_PROBE_S = 10.0


class SshTransport:
    """A target at the end of an open connection. Several threads may use it at once."""

    def __init__(self, name: str, connection: Connection, count: Callable[[], None]) -> None:
        """``count`` is called for each command that the target is asked to run."""
        self._name = name
        self._connection = connection
        self._count = count

    @property
    def name(self) -> str:
        """The target as its user named it."""
        return self._name

    def run(self, script: Script, *, timeout_s: float = 60.0, sent: Sent | None = None) -> Answer:
        """Run to the end. A non-zero exit code is an Answer, not an error.

        Raises UnreachableError when the connection is lost; NoShellError, ScriptBrokenError,
        ScriptTimeoutError and OutputFloodError (HostErrors) when the target does not do its part;
        OSError when a payload cannot be read here. On a timeout the remote process group is killed.
        """
        deadline_s = time.monotonic() + timeout_s
        talk = self._start(script, keeps_input=False, sent=sent)
        printed: list[bytes] = []
        try:
            while events := talk.events(deadline_s):
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

    def connect_unix(self, path: str) -> UnixStream:
        """Open a stream to a unix socket on the target.

        Raises ForwardingForbiddenError and SocketClosedError (RefusedErrors), UnreachableError.
        """
        return open_unix(self._connection, path, self._is_listening)

    def _is_listening(self, path: str) -> bool:
        try:
            return self.run(listening_script(path), timeout_s=_PROBE_S).exit_code == 0
        except HostError:
            return False

    def _start(self, script: Script, *, keeps_input: bool, sent: Sent | None = None) -> Conversation:
        self._count()
        return Conversation(self._name, self._connection, script, keeps_input=keeps_input, sent=sent)
