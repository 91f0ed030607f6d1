"""Verdicts: what the answers of a proxy make of it, told apart by their content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from remotego.golang.dirhash import h1
from remotego.golang.sumdb.database import Database
from remotego.golang.sumdb.record import parse_record
from remotego.golang.sumdb.tree import open_head
from remotego.goproxy.answers import Answer, Times
from remotego.goproxy.questions import ABSENT, KNOWN, LOOKUP, MODULE, SUPPORTED, TOOLCHAINS, Known

SLOW_S = 3.0
"""From here on a proxy is slow: name, connection, TLS and first byte of one small file together."""

BEHIND = 0.002
"""A checksum database that lacks this part of the records another one has is stale.

sum.golang.org has tens of millions of records and gets some ten thousand a day: this is several days of it.
"""

_GONE = (404, 410)
_TOOLCHAIN = re.compile(r"^v0\.0\.1-go(1(?:\.[0-9]{1,4}){1,2})\.[a-z0-9]+-[a-z0-9_]+$", re.MULTILINE)
_PAGE = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|meta|script)\b", re.IGNORECASE | re.DOTALL)

GOOD, SLOW, STALE, NO_SUMDB = "good", "slow", "stale", "no-sumdb"
USABLE = (GOOD, SLOW, STALE, NO_SUMDB)
"""Verdicts on proxies that serve right bytes; the further right, the less they are worth."""

WRONG_BYTES, WEB_PAGE, PORTAL = "wrong-bytes", "web-page", "captive-portal"
UNFIT = (WRONG_BYTES, WEB_PAGE, PORTAL)
"""Verdicts on what answers in a proxy's place, or gives something else than everybody has."""

_FAILURES: Mapping[str, tuple[str, str]] = {
    "refused": ("refused", "nobody listens there: the connection was refused"),
    "reset": ("reset", "the connection was cut off"),
    "unreachable": ("unreachable", "there is no way to its network"),
    "unresolved": ("unresolved", "its name cannot be resolved"),
    "certificate": (
        "wrong-certificate",
        "its certificate is not one this machine trusts: a company that inspects TLS, a captive portal, or an attack",
    ),
    "tls": ("tls", "it does not speak TLS as expected"),
    "no-connection": ("unreachable", "it took no connection in time"),
    "silent": ("silent", "it took the connection, and then said nothing in time"),
    "cut": ("cut", "an answer has begun and did not come whole"),
    "http-proxy": ("http-proxy", "the HTTP proxy on the way does not let it through"),
    "redirect-to-http": (PORTAL, "it leads away to http"),
    "redirect-loop": ("failing", "it redirects on and on"),
    "no-network": ("no-network", "this machine has no network: no address beyond its own"),
    "unreadable": ("failing", "its files cannot be read"),
    "unsupported": ("unsupported", "this is no URL of a proxy"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A ``code`` for machines and a ``text`` for people; ``usable``: it serves right bytes.

    ``times`` are those of the known module. ``tree_size`` and ``newest_go`` say how far behind others it is, None
    where it did not tell; ``via`` is the HTTP proxy on the way.
    """

    code: str
    text: str
    times: Times = field(default_factory=Times)
    tree_size: int | None = None
    newest_go: str | None = None
    via: str = ""

    @property
    def usable(self) -> bool:
        """Whether go gets right bytes from it."""
        return self.code in USABLE

    @property
    def unfit(self) -> bool:
        """Whether it was answered with wrong content. What fails, or is cut short, is not that."""
        return self.code in UNFIT

    @property
    def latency_s(self) -> float:
        """How long it took to the first byte of a small file, from nothing."""
        times = self.times
        return times.resolve_s + times.connect_s + times.tls_s + times.first_byte_s


def judge(
    answers: Mapping[str, Answer], database: Database | None, known: Known = KNOWN, slow_s: float = SLOW_S
) -> Verdict:
    """Judge one proxy by its answers. ``database`` is the one that go is to check sums by, None for none."""
    module = answers.get(MODULE)
    if module is None:
        return Verdict("unknown", "it was not asked")
    first = _of_module(module, known)
    if first is not None:
        return replace(first, times=module.times, via=module.via)
    found = _of_rest(answers, database, known)
    if found.code == GOOD and found.latency_s > slow_s:
        return replace(found, code=SLOW, text=f"right bytes, but {found.latency_s:.1f} s to the first of them")
    return found


def compare(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Find the stale ones: those that lack what others have."""
    newest = max((one.newest_go for one in verdicts.values() if one.newest_go), key=_order, default=None)
    largest = max((one.tree_size or 0 for one in verdicts.values()), default=0)
    return {name: _beside(one, newest, largest) for name, one in verdicts.items()}


def _of_module(answer: Answer, known: Known) -> Verdict | None:
    """Judge by the known module; None where it is what it should be."""
    name = f"{known.module} {known.version}"
    if bad := _broken(answer):
        return bad
    if answer.status in _GONE:
        return Verdict("lacks", f"it does not have {name} ({answer.status}), which everybody else has")
    if bad := _by_status(answer.status) or _page(answer):
        return bad
    actual = h1([("go.mod", hashlib.sha256(answer.body).hexdigest())])
    if answer.truncated or actual != known.sum:
        return Verdict(WRONG_BYTES, f"the go.mod of {name} has the hash {actual} there instead of {known.sum}")
    return None


def _broken(answer: Answer, what: str = "") -> Verdict | None:
    """Judge an answer that is none, or not whole; ``what`` was asked for."""
    if not answer.error:
        return None
    code, text = _FAILURES.get(answer.error, ("failing", "it cannot be asked"))
    detail = answer.location or answer.text
    return Verdict(code, f"{what}{text} ({detail})" if detail else f"{what}{text}")


def _by_status(status: int) -> Verdict | None:
    match status:
        case 200:
            return None
        case 401 | 407:
            return Verdict(
                "needs-token", f"it wants to know who asks ({status}): go takes that from ~/.netrc or GOAUTH"
            )
        case 403:
            return Verdict("forbidden", "it does not serve this machine or this login (403)")
        case 429:
            return Verdict("limited", "it has been asked too often (429)")
        case 511:
            return Verdict(PORTAL, "the network wants a login first (511)")
        case _:
            return Verdict("failing", f"it answers {status}")


def _page(answer: Answer) -> Verdict | None:
    """A page for people where a file was asked for: from somewhere else it is a captive portal's."""
    if not (answer.type.lower().startswith("text/html") or _PAGE.match(answer.body)):
        return None
    if answer.hops:
        return Verdict(PORTAL, f"it leads away to a web page ({answer.hops[-1]})")
    return Verdict(WEB_PAGE, "it answers with a web page instead of a file: a captive portal, or no module proxy")


def _of_rest(answers: Mapping[str, Answer], database: Database | None, known: Known) -> Verdict:
    module = answers[MODULE]
    seen = Verdict(GOOD, "right bytes", module.times, newest_go=_newest_of(answers.get(TOOLCHAINS)), via=module.via)
    if bad := _of_absent(answers.get(ABSENT, Answer())):
        return replace(seen, code=bad.code, text=bad.text)
    if database is None:
        return seen
    supported, lookup = (answers.get(name, Answer()) for name in (SUPPORTED, LOOKUP))
    if supported.status in _GONE:
        text = f"right bytes, but it passes on no {database.name} ({supported.status}): go asks that directly"
        return replace(seen, code=NO_SUMDB, text=text)
    if bad := _of_support(supported, database) or _of_lookup(lookup, database):
        return replace(seen, code=bad.code, text=bad.text)
    return _of_record(seen, lookup, database, known)


def _of_absent(answer: Answer) -> Verdict | None:
    """Judge by the status alone, as go does."""
    what = "for a module that nobody has: "
    if answer.status in _GONE:
        return None
    if bad := _broken(answer, what):
        return bad
    said = f"it answers {answer.status}" if answer.status else "it says nothing"
    return Verdict("hides-absence", f"{what}{said}; go then never asks the next proxy")


def _of_support(answer: Answer, database: Database) -> Verdict | None:
    """Only 404 and 410 have go ask the database itself; after all else it ends (cmd/go, modfetch/sumdb.go)."""
    what = f"asked whether it passes on {database.name}, "
    if bad := _broken(answer, what):
        return bad
    return None if answer.status == 200 else Verdict("failing", f"{what}it answers {answer.status}: go ends with that")


def _of_lookup(answer: Answer, database: Database) -> Verdict | None:
    what = f"for a lookup in {database.name}, which it says that it passes on, "
    if bad := _broken(answer, what):
        return bad
    if answer.status != 200:
        return Verdict("failing", f"{what}it answers {answer.status}")
    return _page(answer)


def _of_record(seen: Verdict, answer: Answer, database: Database, known: Known) -> Verdict:
    """Check the record's lines and the signature of the tree head behind it; tiles are left to go."""
    try:
        record = parse_record(answer.body)
        head = open_head(record.note, database.key)
    except ValueError as error:
        return replace(seen, code=WRONG_BYTES, text=f"what it passes on is not from {database.name}: {error}")
    line = f"{known.module} {known.version}/go.mod {known.sum}"
    if line not in record.text.split("\n"):
        text = f"what it passes on from {database.name} has no line for the go.mod of {known.module} {known.version}"
        return replace(seen, code=WRONG_BYTES, text=text)
    return replace(seen, text=f"right bytes, sums by {database.name}", tree_size=head.tree.size)


def _newest_of(answer: Answer | None) -> str | None:
    if answer is None or answer.status != 200 or _page(answer):
        return None
    return max(_TOOLCHAIN.findall(answer.body.decode("utf-8", "replace")), key=_order, default=None)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _beside(one: Verdict, newest: str | None, largest: int) -> Verdict:
    """Judge one beside the best of the others."""
    if one.code not in (GOOD, SLOW):
        return one
    if newest and one.newest_go and _order(one.newest_go) < _order(newest):
        return replace(one, code=STALE, text=f"it is behind: its newest Go is {one.newest_go}, another's {newest}")
    if one.tree_size is not None and one.tree_size < largest * (1 - BEHIND):
        missing = largest - one.tree_size
        return replace(
            one, code=STALE, text=f"it is behind: its checksum database lacks {missing} of {largest} records"
        )
    return one
