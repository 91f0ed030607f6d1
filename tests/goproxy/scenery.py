"""One description of an internet for both sides: the answers that real go gets, and the replies of the model."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from remotego.goproxy.asking import Ask, GoImport, Reply, Role
from tests.golang.checksums import NAME, Server
from tests.goproxy.modules import Files
from tests.goproxy.scripted import NOT_FOUND, PAGE, Answer, Request, Shelf

A, B, ELSEWHERE = "https://a.example", "https://b.example", "c.example"
PUBLIC, PRIVATE = "example.com/a/b", "git.corp.example/team/app"

_FILES = {"b.go": "package b\n", "sub/s.go": "package sub\n"}
MODULES: Mapping[str, Mapping[str, Files]] = {
    PUBLIC: {"v1.0.0": _FILES, "v1.1.0": _FILES},
    PRIVATE: {"v1.0.0": _FILES, "v1.1.0": _FILES},
}
NEWEST = "v1.1.0"

SILENT = ("reset", "hang", "refused")
"""Troubles in which no answer comes."""

REDIRECTS = {"301": (301, "https"), "302": (302, "https"), "302 http": (302, "http")}
"""Troubles in which the same path elsewhere is answered instead."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to requests to a ``host`` whose path has ``part`` in it: a status, "page", or one of the above."""

    host: str
    kind: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Scenery:
    """An internet: modules are on every host but where there is trouble; ``tags`` are pages of go-import by path."""

    database: Server
    troubles: tuple[Trouble, ...] = ()
    tags: Mapping[str, GoImport] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer:
        """Answer a real request."""
        kind = self._kind(request.host, request.path)
        if kind in REDIRECTS:
            status, scheme = REDIRECTS[kind]
            return Answer(status, to=f"{scheme}://{ELSEWHERE}{request.path}")
        if kind != "fine":
            return PAGE if kind == "page" else Answer(fault=kind) if kind in SILENT else Answer(int(kind))
        if request.path.endswith("?go-get=1"):
            tag = self.tags.get(f"{request.host}{request.path.partition('?')[0]}".rstrip("/"))
            return _page_of(tag) if tag else NOT_FOUND
        if request.host == NAME or "/sumdb/" in request.path:
            return self._of_database(request)
        return Shelf(MODULES).give(request.path)

    def reply(self, ask: Ask) -> Reply:
        """Say what the model's world answers to the same request."""
        where = urlsplit(ask.url)
        kind = self._kind(where.netloc, where.path + (f"?{where.query}" if where.query else ""))
        if kind in REDIRECTS:
            status, scheme = REDIRECTS[kind]
            return Reply(status, to=f"{scheme}://{ELSEWHERE}{where.path}")
        if kind != "fine":
            return Reply(200, page=True) if kind == "page" else Reply(None if kind in SILENT else int(kind))
        if ask.role is Role.IMPORT:
            tag = self.tags.get(f"{where.netloc}{where.path}".rstrip("/"))
            return Reply(tag=tag) if tag else Reply(404)
        if ask.role in (Role.SUPPORTED, Role.LOOKUP, Role.TILE):
            return Reply()
        if Shelf(MODULES).give(where.path) == NOT_FOUND:
            return Reply(404)
        return Reply(version=NEWEST if ask.role is Role.LIST else ask.version)

    def _kind(self, host: str, path: str) -> str:
        fitting = (one.kind for one in self.troubles if one.host == host and one.part in path)
        return next(fitting, "fine")

    def _of_database(self, request: Request) -> Answer:
        path = (
            request.path[request.path.find("/sumdb/") :]
            if "/sumdb/" in request.path
            else f"/sumdb/{NAME}{request.path}"
        )
        try:
            return Answer(200, self.database.get(f"{self.database.url}{path}"))
        except urllib.error.HTTPError as error:
            return Answer(error.code)


def _page_of(tag: GoImport) -> Answer:
    text = f'<html><meta name="go-import" content="{tag.prefix} {tag.vcs} {tag.url}"></html>'
    return Answer(200, text.encode(), "text/html")


Turns = list[dict[str, list[str]]]


def predicted(asked: Sequence[Ask]) -> Turns:
    """Arrange the model's requests: turns, and in each the requests of every lane in order."""
    turns: dict[int, dict[str, list[str]]] = {}
    for one in asked:
        turns.setdefault(one.turn, {}).setdefault(one.lane, []).append(_shown(one))
    return [turns[number] for number in sorted(turns)]


def recorded(requests: Sequence[Request], asked: Sequence[Ask]) -> Turns:
    """Arrange what real go has asked like the prediction: as many to a turn, each in its lane; the rest at the end.

    Tiles count as one request, however many the tree needs, and so does all that one run of git asks a repository.
    """
    rest = _merged([_plain(one) for one in requests])
    arranged: Turns = []
    for turn in predicted(asked):
        lanes = {url: lane for lane, urls in turn.items() for url in urls}
        size = sum(len(urls) for urls in turn.values())
        made: dict[str, list[str]] = {lane: [] for lane in turn}
        for url in rest[:size]:
            made.setdefault(lanes.get(url, "unexpected"), []).append(url)
        arranged.append(made)
        rest = rest[size:]
    return [*arranged, *([{"more": rest}] if rest else [])]


def _plain(request: Request) -> str:
    if request.agent.startswith("git/"):
        return f"git {request.url.partition('/info/refs')[0]}"
    return re.sub("/tile/.*", "/tile/", request.url)


def _merged(urls: Sequence[str]) -> list[str]:
    return [
        url
        for url, before in zip(urls, ["", *urls], strict=False)
        if url != before or not (url.endswith("/tile/") or url.startswith("git "))
    ]


def _shown(ask: Ask) -> str:
    return ask.url if ask.by == "go" else f"{ask.by} {ask.url}"
