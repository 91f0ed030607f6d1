"""The conversation with ``agent credential serve`` (remotego/agent/PROTOCOL.md): orders, questions and answers."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remotego.core.secret import Secret
from remotego.core.terminal import inert
from remotego.core.transport import Script
from remotego.credentials.entry import Entry

END = b'{"end":true}\n'
ALIVE = b"{}\n"
BEGUN = b"begun"
_CHAIN_MOST = 8
_TEXT_MOST = 2048


@dataclass(frozen=True, slots=True)
class Up:
    """The server listens. ``git`` is the file git includes, ``netrc`` one for an old go; "" where not wanted."""

    socket: str
    git: str = ""
    netrc: str = ""


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
class Turned:
    """The server has turned somebody away by itself: another user (``why`` "stranger") or what was no question."""

    why: str
    pid: int
    uid: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The server has ended, and nothing of it is left."""

    why: str


Event = Up | Question | Turned | Ended


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

    A blank in a word would end it, so such a secret is left out.
    """
    lines = [
        f"machine {entry.prefix.netloc} login {secret.user or 'x'} password {secret.password}\n"
        for entry, secret in granted
        if not any(char.isspace() for char in secret.user + secret.password)
    ]
    return "".join(lines)


def parse_event(line: bytes) -> Event:
    """Read a line of the server. Raises ValueError for what is none: whatever is there may be hostile."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("the server there said what is no JSON") from error
    match data:
        case {"event": "up", "socket": str(socket)}:
            return Up(inert(socket), _text(data, "git"), _text(data, "netrc"))
        case {"event": "ask", "number": int(number), "kind": str(kind), "operation": str(operation), "url": str(url)}:
            names = data.get("chain") or []
            chain = tuple(inert(str(name))[:32] for name in names[:_CHAIN_MOST]) if isinstance(names, list) else ()
            who = _number(data, "pid"), _number(data, "uid")
            return Question(number, inert(kind), inert(operation), inert(url)[: _TEXT_MOST + 1], *who, chain)
        case {"event": "stranger" | "malformed" as why}:
            return Turned(why, _number(data, "pid"), _number(data, "uid"))
        case {"event": "ended", "why": str(why)}:
            return Ended(inert(why)[:200])
        case _:
            raise ValueError("the server there said what is no event")


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name, "")
    return inert(value)[:_TEXT_MOST] if isinstance(value, str) else ""


def _number(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name, -1)
    return value if type(value) is int else -1


def _line(words: Mapping[str, Any]) -> bytes:
    return json.dumps(words).encode() + b"\n"
