"""The frame around a script: where an answer begins, asks for bytes, and ends.

A login shell may print anything before and after. Only what stands between marks that carry
this exchange's nonce counts, and without the end mark the answer is not an answer.
The whole script is one brace group, so the shell has read all of it before the first command
runs and standard input is free for payloads.
"""

from __future__ import annotations

from dataclasses import dataclass, field

COMMAND = "exec /bin/sh -s"
"""The one command every login shell met so far understands: bash, dash, ash, zsh, fish, tcsh."""


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes the script printed."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """The script waits for its next payload."""


@dataclass(frozen=True, slots=True)
class End:
    """The script has ended with this exit code."""

    exit_code: int


Event = Output | Ready | End


def compose(text: str, nonce: str) -> bytes:
    """Frame a script. ``payload N`` in it yields the next N bytes sent."""
    return f"""{{
umask 077; LC_ALL=C; export LC_ALL; unset CDPATH
exec 3>&1
payload() {{ printf '@{nonce} ready\\n' >&3; head -c "$1"; }}
printf '@{nonce} begin %s\\n' "$$"
(
{text}
)
printf '@{nonce} end %s\\n' "$?"
exit
}}
""".encode()


@dataclass(slots=True)
class FrameReader:
    """Reads a framed stream piece by piece, however the pieces are cut.

    ``shell_pid`` is the remote shell, which in OpenSSH leads a process group of its own.
    """

    nonce: str
    shell_pid: int | None = None
    begun: bool = False
    ended: bool = False
    noise: bytearray = field(default_factory=bytearray)
    _held: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[Event]:
        """Take the next piece; give what it completes."""
        self._held += data
        events: list[Event] = []
        while not self.ended and (event := self._next()) is not None:
            events.append(event)
        return events

    def _next(self) -> Event | None:
        if not self.begun and not self._begin():
            return None
        mark = self._held.find(self._sign)
        if mark < 0:
            return self._release(len(self._held) - self._beginning_of_sign())
        if mark > 0:
            return self._release(mark)
        word, newline, _ = self._held.partition(b"\n")
        if not newline:
            return None
        del self._held[: len(word) + 1]
        if word == self._sign + b"ready":
            return Ready()
        self.ended = True
        return End(int(word.removeprefix(self._sign + b"end ")))

    def _beginning_of_sign(self) -> int:
        """How many of the last bytes may be the beginning of a mark, and so have to wait for more."""
        sign = self._sign
        return next((size for size in range(len(sign) - 1, 0, -1) if self._held.endswith(sign[:size])), 0)

    @property
    def _sign(self) -> bytes:
        return f"@{self.nonce} ".encode()

    @property
    def preamble(self) -> bytes:
        """What was printed before the frame, or its end if that is long: a shell's excuse."""
        return bytes(self.noise if self.begun else self.noise + self._held)

    def _begin(self) -> bool:
        """Throw away what a login shell printed before the frame; keep a little of it for an error."""
        opening = self._sign + b"begin "
        mark = self._held.find(opening)
        line_end = self._held.find(b"\n", mark)
        if mark < 0:
            keep = len(opening)
            self.noise = (self.noise + self._held[:-keep])[-2048:]
            del self._held[:-keep]
        if mark < 0 or line_end < 0:
            return False
        self.shell_pid = int(self._held[mark + len(opening) : line_end])
        del self._held[: line_end + 1]
        self.begun = True
        return True

    def _release(self, size: int) -> Output | None:
        if size <= 0:
            return None
        data = bytes(self._held[:size])
        del self._held[:size]
        return Output(data)
