"""The conversation with ``agent credential serve`` (remotego/agent/PROTOCOL.md): orders, questions and answers."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remotego.core.errors import UsageError
from remotego.core.secret import Secret
from remotego.core.terminal import inert
from remotego.core.transport import Script
from remotego.credentials.entry import SCHEMES, Entry

END = b'{"end":true}\n'
ALIVE = b"{}\n"
BEGUN = b"begun"
_CHAIN_MOST = 8
_HIDDEN_MOST = 20
_TEXT_MOST = 2048


@dataclass(eq=False)
class UnfitNetrcError(UsageError):
    """A credential that no netrc can hold."""

    url: str
    reason: str
    what = "the credential for {url} cannot stand in a netrc: it {reason}"
    remedy = "leave --netrc and --link-netrc out (go 1.24 and later needs neither), or allow that URL by itself"


@dataclass(frozen=True, slots=True)
class Up:
    """The server listens. ``git`` is the file git includes, ``netrc`` one for an old go; "" where not wanted.

    Behind ours, the netrc has what the login's own has: ``kept`` machines, and ``hidden`` ones, which ours has too.
    """

    socket: str
    git: str = ""
    netrc: str = ""
    kept: int = 0
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Somebody there wants a credential: ``kind`` "git" or "go", ``operation`` "get" or "erase".

    ``chain`` are the names of the process and those that started it, as the kernel there says. It is a claim: whoever
    runs as the same user, or root, can make it say anything.
    """

    number: int
    kind: str
    operation: str
    url: str
    pid: int
    uid: int
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """Nobody waits for the answer to a question any more."""

    number: int


@dataclass(frozen=True, slots=True)
class Turned:
    """The server has turned somebody away by itself: another user (``why`` "stranger") or what was no question."""

    why: str
    pid: int
    uid: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The server has ended, and nothing of it is left."""

    why: str


Event = Up | Question | Gone | Turned | Ended


def render_serve(agent: str) -> Script:
    """Start the server; its order is the first line of input."""
    return Script(f"trap '' HUP INT TERM PIPE\necho {BEGUN.decode()}\n{shlex.quote(agent)} credential serve")


def write_order(
    id_: str, entries: Sequence[Entry], *, lease_s: float, expires_s: float, netrc: str = "", link_netrc: bool = False
) -> bytes:
    """Give the order. Only ``netrc`` has a secret in it."""
    prefixes = sorted({str(one) for entry in entries for one in entry.prefix.spellings})
    return _line(
        {
            "id": id_,
            "lease_s": lease_s,
            "expires_s": expires_s,
            "prefixes": prefixes,
            "netrc": netrc,
            "link_netrc": link_netrc,
        }
    )


def write_grant(question: Question, entry: Entry, secret: Secret) -> bytes:
    """Answer with a credential, for all below the entry's prefix."""
    return _line(
        {
            "answer": question.number,
            "user": secret.user,
            "password": secret.password,
            "bearer": entry.scheme == "bearer",
            "paths": [one.path for one in entry.prefix.spellings],
        }
    )


def write_refusal(question: Question, why: str, *, outside: bool = False) -> bytes:
    """Answer with a reason; ``outside``: another connection may allow what this one does not."""
    return _line({"answer": question.number, "refuse": why.replace("\n", " "), "outside": outside})


def write_netrc(granted: Sequence[tuple[Entry, Secret]]) -> str:
    """Give a netrc. It knows hosts only: no path, and for programs other than go no port (netrc(5), `go help goauth`).

    Raises UnfitNetrcError for what it cannot hold: a word with a blank in it, two credentials for one host, a token
    that is not sent as a password.
    """
    machines: dict[str, Secret] = {}
    for entry, secret in granted:
        host = entry.prefix.netloc
        if any(char.isspace() for char in secret.user + secret.password):
            raise UnfitNetrcError(str(entry.prefix), "has a blank in it")
        if entry.scheme != SCHEMES[0]:
            raise UnfitNetrcError(str(entry.prefix), f"is sent as {entry.scheme}, and one of a netrc never is")
        if machines.setdefault(host, secret) != secret:
            raise UnfitNetrcError(str(entry.prefix), f"is another one than that for the rest of {host}")
    return "".join(
        f"machine {host} login {one.user or 'x'} password {one.password}\n" for host, one in machines.items()
    )


def parse_event(line: bytes) -> Event:
    """Read a line of the server. Raises ValueError for what is none: whatever is there may be hostile."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("the server there said what is no JSON") from error
    match data:
        case {"event": "up", "socket": str(socket)}:
            hidden = _names(data, "netrc_hidden", _HIDDEN_MOST, 253)
            kept = max(0, _number(data, "netrc_kept"))
            return Up(inert(socket), _text(data, "git"), _text(data, "netrc"), kept, hidden)
        case {"event": "ask", "number": int(number), "kind": str(kind), "operation": str(operation), "url": str(url)}:
            who = _number(data, "pid"), _number(data, "uid"), _names(data, "chain", _CHAIN_MOST, 32)
            return Question(number, inert(kind), inert(operation), inert(url)[: _TEXT_MOST + 1], *who)
        case {"event": "gone", "number": int(number)}:
            return Gone(number)
        case {"event": "stranger" | "malformed" as why}:
            return Turned(why, _number(data, "pid"), _number(data, "uid"))
        case {"event": "ended", "why": str(why)}:
            return Ended(inert(why)[:200])
        case _:
            raise ValueError("the server there said what is no event")


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name, "")
    return inert(value)[:_TEXT_MOST] if isinstance(value, str) else ""


def _names(data: Mapping[str, Any], name: str, most: int, longest: int) -> tuple[str, ...]:
    values = data.get(name)
    return tuple(inert(str(one))[:longest] for one in values[:most]) if isinstance(values, list) else ()


def _number(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name, -1)
    return value if type(value) is int else -1


def _line(words: Mapping[str, Any]) -> bytes:
    return json.dumps(words).encode() + b"\n"
