"""The frame around a script: where an answer begins, asks for bytes, and ends.

A login shell may print anything before and after. Only what stands between marks that carry
this exchange's nonce counts, and without the end mark the answer is not an answer.
The whole script is one brace group, so the shell has read all of it before the first command
runs and standard input is free for payloads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

COMMAND = "exec /bin/sh -s"
"""The one command every login shell met so far understands: bash, dash, ash, zsh, fish, tcsh."""

LINE_BYTES = 256
"""More than an opening line ever has."""

USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?|#[0-9]+")
"""What may be called a user of a target: nothing that a shell or sudo would read as more than a word."""


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


def command(user: str | None = None) -> str:
    """Give what starts the shell for a script: the login's own, or that of another ``user`` by sudo without a password.

    Raises ValueError for what cannot be the name of a user.
    """
    if user is None:
        return COMMAND
    if not USER.fullmatch(user):
        raise ValueError(f"not the name of a user: {user!r}")
    return f"exec sudo -n -H -u '{user}' -- /bin/sh -s"


def compose_stream(text: str, nonce: str) -> bytes:
    """Frame a script whose input and output become a stream of bytes.

    ``text`` prints the line ``$begin`` once the stream is up; what comes after that line is the stream's. When the
    script ends before, there is no stream, and its standard error says why.
    """
    return f"""{{
umask 077; LC_ALL=C; export LC_ALL; unset CDPATH
echo '@{nonce} shell'
begin='@{nonce} begin 0'
{text}
exit
}}
""".encode()


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
class Opening:
    """Waits for the line that opens a frame, or a stream, and throws away what was printed before.

    ``noise`` is the end of that: a shell's excuse. ``number`` is what the line says, None until it has come.
    ``answered`` says that of a stream's script at least the shell has begun.
    """

    nonce: str
    number: int | None = None
    answered: bool = False
    noise: bytearray = field(default_factory=bytearray)
    _held: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> bytes | None:
        """Take the next piece; give what follows the line once it is whole, None before.

        Raises ValueError for a line without a number or without an end.
        """
        opening = f"@{self.nonce} begin ".encode()
        self._held += data
        self.answered = self.answered or f"@{self.nonce} shell\n".encode() in self._held
        mark = self._held.find(opening)
        line_end = self._held.find(b"\n", mark)
        if mark < 0:
            self.noise = (self.noise + self._held[: -len(opening)])[-2048:]
            del self._held[: -len(opening)]
        if mark < 0 or line_end < 0:
            if mark >= 0 and len(self._held) - mark > LINE_BYTES:
                raise ValueError("an opening line without an end")
            return None
        self.number = int(self._held[mark + len(opening) : line_end])
        return bytes(self._held[line_end + 1 :])

    @property
    def preamble(self) -> bytes:
        """What was printed before the line, or its end if that is long."""
        printed = self.noise if self.number is not None else self.noise + self._held
        return bytes(printed.replace(f"@{self.nonce} shell\n".encode(), b""))


@dataclass(slots=True)
class FrameReader:
    """Reads a framed stream piece by piece, however the pieces are cut.

    ``shell_pid`` is the remote shell, which in OpenSSH leads a process group of its own.
    """

    nonce: str
    ended: bool = False
    _opening: Opening = field(init=False)
    _held: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        """Wait for the mark with our nonce."""
        self._opening = Opening(self.nonce)

    @property
    def begun(self) -> bool:
        """Whether the script has begun."""
        return self.shell_pid is not None

    @property
    def shell_pid(self) -> int | None:
        """The remote shell's process number; None before it is known."""
        return self._opening.number

    def feed(self, data: bytes) -> list[Event]:
        """Take the next piece; give what it completes. Raises ValueError for a mark that is none of ours."""
        if not self.begun:
            data = self._opening.feed(data) or b""
        self._held += data
        events: list[Event] = []
        while not self.ended and (event := self._next()) is not None:
            events.append(event)
        return events

    def _next(self) -> Event | None:
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
        return self._opening.preamble

    def _release(self, size: int) -> Output | None:
        if size <= 0:
            return None
        data = bytes(self._held[:size])
        del self._held[:size]
        return Output(data)
