"""Answers: what ``gateway probe`` tells of proxies (remotego/gateway/PROTOCOL.md), read."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from remotego.core.terminal import inert


@dataclass(frozen=True, slots=True)
class Times:
    """The steps of one request in seconds: name, connection, TLS, first byte after the request, all. 0: not taken."""

    resolve_s: float = 0.0
    connect_s: float = 0.0
    tls_s: float = 0.0
    first_byte_s: float = 0.0
    total_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request has brought. ``status`` is 0 without an answer of HTTP, ``error`` the code of why there is none.

    An ``error`` with a status is an answer that has begun and did not come whole.
    ``hops`` are the addresses that redirects have led to, ``location`` the one that was not followed; ``via`` is the
    HTTP proxy that it went through.
    """

    status: int = 0
    type: str = ""
    body: bytes = b""
    truncated: bool = False
    hops: tuple[str, ...] = ()
    location: str = ""
    error: str = ""
    text: str = ""
    via: str = ""
    times: Times = field(default_factory=Times)


@dataclass(frozen=True, slots=True)
class Told:
    """All that was told: answers by proxy and by question, and how many addresses the machine has."""

    answers: dict[str, dict[str, Answer]]
    addresses: int


def read_answers(text: str) -> Told:
    """Read the lines of a whole run. Raises ValueError for anything else."""
    found: dict[str, dict[str, Answer]] = {}
    lines = [_line(line) for line in text.split("\n") if line.strip()]
    match lines:
        case [{"network": {"addresses": int(addresses)}}, *middle, {"done": {"answers": int(count)}}]:
            pass
        case _:
            raise ValueError("what it tells is not complete")
    for line in middle:
        proxy, request, answer = _answer(line)
        found.setdefault(proxy, {})[request] = answer
    if count != len(middle):
        raise ValueError(f"it counted {count} answers and told of {len(middle)}")
    return Told(found, addresses)


def _line(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it said {inert(text)[:200]!r}") from error


def _answer(line: Any) -> tuple[str, str, Answer]:
    match line:
        case {
            "answer": {
                "proxy": str(proxy),
                "request": str(request),
                "status": int(status),
                "times": {
                    "resolve_s": float() | int() as resolve_s,
                    "connect_s": float() | int() as connect_s,
                    "tls_s": float() | int() as tls_s,
                    "first_byte_s": float() | int() as first_byte_s,
                    "total_s": float() | int() as total_s,
                },
                **rest,
            }
        }:
            times = Times(float(resolve_s), float(connect_s), float(tls_s), float(first_byte_s), float(total_s))
        case _:
            raise ValueError(f"it said {inert(repr(line))[:200]}")
    return (
        proxy,
        request,
        Answer(
            status=status,
            type=inert(str(rest.get("type", ""))),
            body=base64.b64decode(str(rest.get("body", ""))),
            truncated=bool(rest.get("truncated")),
            hops=_hops(rest.get("hops")),
            location=inert(str(rest.get("location", ""))),
            error=inert(str(rest.get("error", ""))),
            text=inert(str(rest.get("text", ""))),
            via=inert(str(rest.get("via", ""))),
            times=times,
        ),
    )


def _hops(data: Any) -> tuple[str, ...]:
    match data:
        case None:
            return ()
        case [*hops]:
            return tuple(inert(str(hop)) for hop in hops)
        case _:
            raise ValueError(f"it said {inert(repr(data))[:200]} of redirects")
