"""Where go finds a module that no proxy is asked for: by its path, or by what a page at that path says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from remotego.golang.patterns import matches
from remotego.goproxy.asking import Ask, GoImport, Outcome, Reply, Role, Wire
from remotego.goproxy.rules import Rules

DIRECT = "direct"

_KNOWN = (
    (re.compile(r"((?:github\.com|bitbucket\.org)/[\w.\-]+/[\w.\-]+)(?:/[\w.\-]+)*"), "git"),
    (re.compile(r"(hub\.jazz\.net/git/[a-z0-9]+/[\w.\-]+)(?:/[\w.\-]+)*"), "git"),
    (re.compile(r"(git\.apache\.org/[a-z0-9_.\-]+\.git)(?:/[\w.\-]+)*"), "git"),
    (re.compile(r"(git\.openstack\.org/[\w.\-]+/[\w.\-]+)(?:\.git)?(?:/[\w.\-]+)*"), "git"),
    (re.compile(r"(chiselapp\.com/user/[A-Za-z0-9]+/repository/[\w.\-]+)"), "fossil"),
)
"""Sites whose repositories go knows by the path alone (cmd/go/internal/vcs, vcsPaths)."""

_CLOSED = (
    "github.com/",
    "bitbucket.org/",
    "hub.jazz.net/git/",
    "git.apache.org/",
    "git.openstack.org/",
    "chiselapp.com/",
)
"""Below these no page is ever asked for: what is not in their form is nothing."""

_ENDING = re.compile(
    r"((?:[a-z0-9.\-]+\.)+[a-z0-9.\-]+(?::[0-9]+)?(?:/~?[\w.\-]+)+?)\.(fossil|git|hg|svn)(?:/~?[\w.\-]+)*"
)
"""A path that names the program itself."""

_NEVER = re.compile(r"example\.net(/.*)?|rsc\.io")
"""Paths that cmd/go keeps for its own tests and never asks for."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository: the program ``vcs`` is to fetch from ``url``; "mod" stands for a module proxy there."""

    vcs: str
    url: str
    root: str


def known_repository(path: str) -> Repository | None:
    """Tell the repository by the path alone; None where a page has to be asked for."""
    for form, vcs in _KNOWN:
        if found := form.fullmatch(path):
            return Repository(vcs, f"https://{found[1]}", found[1])
    if found := _ENDING.fullmatch(path):
        root = f"{found[1]}.{found[2]}"
        return Repository(found[2], f"https://{root}", root)
    return None


class Origins:
    """Finds repositories within one run of go; what pages of prefixes say it keeps."""

    def __init__(self, rules: Rules, wire: Wire) -> None:
        self._rules, self._wire = rules, wire
        self._verified: dict[str, Reply] = {}

    def find(self, path: str) -> Repository | None:
        """Find a module's repository, anew each time; None where go finds none, or GOVCS forbids it."""
        return self._allowed(self._look(path))

    def _look(self, path: str) -> Repository | None:
        if _NEVER.fullmatch(path) or "." not in path.partition("/")[0]:
            return None
        known = known_repository(path)
        if known or path.startswith(_CLOSED) or path + "/" in _CLOSED:
            return known
        tag = self._page(path, path).tag
        if tag is None or not f"{path}/".startswith(f"{tag.prefix}/"):
            return None
        if tag.prefix != path and self._confirm(tag, path) != tag:
            return None
        return Repository(tag.vcs, tag.url, tag.prefix)

    def _confirm(self, tag: GoImport, path: str) -> GoImport | None:
        """Ask the page of the prefix itself, once in a run: it has to say the same."""
        if tag.prefix not in self._verified:
            self._verified[tag.prefix] = self._page(tag.prefix, path)
        return self._verified[tag.prefix].tag

    def _page(self, page: str, path: str) -> Reply:
        host, slash, below = page.partition("/")
        url = f"{host}/{below}?go-get=1" if slash else f"{host}/?go-get=1"
        reply = self._wire.get(Ask(Role.IMPORT, f"https://{url}", path, DIRECT))
        if reply.status is None and matches(self._rules.goinsecure, path):
            return self._wire.get(Ask(Role.IMPORT, f"http://{url}", path, DIRECT))
        return reply

    def _allowed(self, found: Repository | None) -> Repository | None:
        if found and found.vcs != "mod" and not self._rules.allows(found.vcs, found.root):
            return None
        return found

    def fetch(self, path: str, repository: Repository) -> tuple[Outcome, str]:
        """Have the program look at a repository; the outcome, and the highest version there.

        One that is not there is a failure too: what go means to do to tell the two apart, Go 1.27.3 does only once the
        repository is in its cache (codehost/git.go, loadRefs before remoteURL is set).
        """
        reply = self._wire.get(Ask(Role.REPOSITORY, repository.url, path, DIRECT, by=repository.vcs))
        if reply.status == 200:
            return Outcome.DONE, reply.version
        return Outcome.FAILED, ""
