"""Requests of the go command, and the replies they may get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from urllib.parse import urlsplit

from remotego.golang.goproxy import Proxy


class Role(Enum):
    """What a request wants."""

    LIST = "list"
    LATEST = "latest"
    INFO = "info"
    MOD = "mod"
    ZIP = "zip"
    IMPORT = "go-import"
    REPOSITORY = "repository"
    SUPPORTED = "sumdb supported"
    LOOKUP = "sumdb lookup"
    TILE = "sumdb tiles"


class Outcome(Enum):
    """How an attempt ends. Behind ``,`` go goes on after ABSENT alone, behind ``|`` after FAILED too."""

    DONE = "done"
    ABSENT = "absent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: ``path`` is the module path that it tells whoever hears it, ``place`` the entry of GOPROXY it is for.

    Requests of one ``turn`` with different ``lane`` are sent at the same time. ``by`` is "go", or the version control
    program that go starts.
    """

    role: Role
    url: str
    path: str
    place: str
    version: str = ""
    by: str = "go"
    turn: int = 0
    lane: str = ""


@dataclass(frozen=True, slots=True)
class GoImport:
    """A go-import tag: the repository at ``url`` has all paths below ``prefix``."""

    prefix: str
    vcs: str
    url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. ``status`` is None where there is none: refused, reset, timed out.

    ``page``: 200 and not what was asked for, such as the login page of a network. ``version``: the highest of a list,
    or that of @latest; "" where there is none. ``tag``: what a page of go-import says. ``to``: where a redirect leads.
    """

    status: int | None = 200
    page: bool = False
    version: str = ""
    tag: GoImport | None = None
    to: str = ""

    @property
    def outcome(self) -> Outcome:
        """What go makes of it (cmd/go's web.HTTPError.Is)."""
        if self.status == 200:
            return Outcome.DONE
        return Outcome.ABSENT if self.status in (404, 410) else Outcome.FAILED


World = Callable[[Ask], Reply]
"""What every request is answered with."""


class Wire:
    """The requests of one run of go, in order, and their replies from a world."""

    def __init__(self, world: World, *, asks_again: bool) -> None:
        self._world, self._asks_again = world, asks_again
        self.asked: list[Ask] = []
        self._turn, self._lane = 0, ""

    def turn(self, lane: str = "") -> None:
        """Begin requests that wait for those before them; with a ``lane``, beside those of other lanes."""
        if not (lane and self._lane):
            self._turn += 1
        self._lane = lane

    def get(self, ask: Ask) -> Reply:
        """Send a request, follow redirects, and ask once more after a 4xx of https, as go does.

        A password is never sent over http: go fails instead of asking.
        """
        if ask.url.startswith("http:") and "@" in urlsplit(ask.url).netloc:
            return Reply(None)
        reply = self._follow(ask)
        refused = reply.status is not None and 400 <= reply.status < 500
        if self._asks_again and refused and ask.url.startswith("https:") and ask.by == "go":
            reply = self._follow(ask)
        return reply

    def _follow(self, ask: Ask) -> Reply:
        secure = ask.url.startswith("https:")
        for _ in range(_HOPS):
            self.asked.append(replace(ask, turn=self._turn, lane=self._lane))
            reply = self._world(ask)
            if not reply.to:
                return reply
            if secure and not reply.to.startswith("https:"):
                return Reply(None)
            ask = replace(ask, url=reply.to)
        return Reply(None)


_HOPS = 10
"""How many requests a chain of redirects may have (cmd/go/internal/web, checkRedirect)."""


def try_places(places: tuple[Proxy, ...], attempt: Callable[[str], Outcome]) -> Outcome:
    """Ask one place after another as far as the list allows; say what the error that counts in the end is.

    Errors of ``direct`` count before those of proxies, these before "not there" (cmd/go's modfetch.TryProxies).
    """
    best, rank = Outcome.ABSENT, 0
    for place in places:
        outcome = attempt(place.url)
        if outcome is Outcome.DONE:
            return outcome
        if place.url == "direct":
            best, rank = outcome, 2
        elif rank < 2 and outcome is Outcome.FAILED:
            best, rank = outcome, 1
        if outcome is Outcome.FAILED and not place.whatever:
            break
    return best
