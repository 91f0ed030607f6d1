"""One run of go: how it gets the files of modules under its rules, request by request.

It follows cmd/go of Go 1.27 (modfetch: proxy.go, cache.go, fetch.go; modload: query.go, modfile.go). Within a run
every file is asked of a place once, whatever the answer was, but for zips.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from remotego.golang.goproxy import DIRECT, OFF
from remotego.golang.modulepath import escaped
from remotego.goproxy.asking import Ask, Outcome, Reply, Role, Wire, World, try_places
from remotego.goproxy.origin import Origins, Repository
from remotego.goproxy.rules import BYPASS, Rules
from remotego.goproxy.sums import Sums


@dataclass(frozen=True, slots=True)
class Found:
    """How a question for a version ended, and the version."""

    outcome: Outcome
    version: str = ""


@dataclass
class Run:
    """One run of go in a world. ``wire.asked`` are its requests so far.

    ``distrusted``: a place gave a go.mod that is not the module's.
    """

    rules: Rules
    world: World
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.wire = Wire(self.world, asks_again=self.rules.asks_again)
        self._sums, self._origins = Sums(self.rules, self.wire), Origins(self.rules, self.wire)
        self._kept: dict[tuple[str, str, str], Reply] = {}
        self._stated: dict[tuple[str, str], Found] = {}
        self._mods: dict[tuple[str, str], Outcome] = {}
        self._zips: dict[tuple[str, str], Outcome] = {}
        self.distrusted = False
        self._checked: set[str] = set()
        self._sources: dict[tuple[str, str], str | Repository | None] = {}

    def each_place(self, attempt: Callable[[str], Outcome]) -> Outcome:
        """Ask the places of GOPROXY one after another, as far as the list allows."""
        return try_places(self.rules.places, attempt)

    def query(self, place: str, path: str, version: str) -> Found:
        """Ask a place which version is meant: a complete one, or "latest" ("upgrade" without a current one)."""
        if version != "latest":
            return self.stat(place, path, version)
        listed = self._versions(place, path)
        if listed.outcome is not Outcome.DONE:
            return listed
        if listed.version:
            self.check_retractions(path)
            return self.stat(place, path, listed.version)
        latest = self._latest(place, path)
        if latest.outcome is Outcome.DONE:
            self.check_retractions(path)
            return latest
        return Found(Outcome.FAILED)

    def stat(self, place: str, path: str, version: str) -> Found:
        """Ask a place whether it has a version (@v/VERSION.info)."""
        asked = (place, path, _name(Role.INFO, version)) in self._kept
        if not asked and (path, version) in self._stated:
            return self._stated[path, version]
        reply = self._file(place, path, version, Role.INFO)
        good = reply.outcome is Outcome.DONE and not reply.page
        if good:
            self._stated[path, version] = Found(Outcome.DONE, version)
        return Found(_of_json(reply), version if good else "")

    def check_retractions(self, path: str) -> None:
        """Ask for the newest version's go.mod, which says what is retracted; no failure there ends anything."""
        if path in self._checked:
            return
        self._checked.add(path)
        newest = Found(Outcome.FAILED)

        def latest(place: str) -> Outcome:
            nonlocal newest
            newest = self._newest(place, path)
            return newest.outcome

        if self.each_place(latest) is Outcome.DONE:
            self.go_mod(path, newest.version)

    def _newest(self, place: str, path: str) -> Found:
        listed = self._versions(place, path)
        if listed.outcome is not Outcome.DONE:
            return listed
        if listed.version:
            return self.stat(place, path, listed.version)
        latest = self._latest(place, path)
        return latest if latest.outcome is Outcome.DONE else Found(Outcome.FAILED)

    def go_mod(self, path: str, version: str) -> Outcome:
        """Get a version's go.mod, and have it vouched for at each place that gives it."""
        if self._mods.get((path, version)) is Outcome.DONE:
            return Outcome.DONE
        tried: dict[str, Outcome] = {}

        def attempt(place: str) -> Outcome:
            reply = self._file(place, path, version, Role.MOD)
            outcome = reply.outcome
            if outcome is Outcome.DONE and not self._sums.vouch(path, version, "mod", genuine=not reply.page):
                outcome = Outcome.FAILED
                self.distrusted = self.distrusted or reply.page
            tried[place] = Outcome.FAILED if reply.page else outcome
            return outcome

        outcome = self.each_place(attempt)
        if outcome is Outcome.DONE:
            outcome = next(reversed(tried.values()))
        self._mods[path, version] = outcome
        return outcome

    def zip(self, path: str, version: str) -> Outcome:
        """Get a version's files, once. What they are is looked at after a place gave them: no other is asked then."""
        if (path, version) not in self._zips:
            self._zips[path, version] = self._zip(path, version)
        return self._zips[path, version]

    def _zip(self, path: str, version: str) -> Outcome:
        given = Reply(None)

        def attempt(place: str) -> Outcome:
            nonlocal given
            given = self._ask(place, path, version, Role.ZIP)
            return given.outcome

        outcome = self.each_place(attempt)
        if outcome is not Outcome.DONE:
            return outcome
        whole = not given.page and self._sums.vouch(path, version, "zip", genuine=True)
        return Outcome.DONE if whole else Outcome.FAILED

    def _versions(self, place: str, path: str) -> Found:
        reply = self._file(place, path, "", Role.LIST)
        return Found(reply.outcome, "" if reply.page else reply.version)

    def _latest(self, place: str, path: str) -> Found:
        reply = self._file(place, path, "", Role.LATEST)
        found = Found(_of_json(reply), reply.version)
        if found.outcome is Outcome.DONE:
            self._stated[path, reply.version] = found
        return found

    def _file(self, place: str, path: str, version: str, role: Role) -> Reply:
        """Ask a place for a file, once in a run."""
        key = (place, path, _name(role, version))
        if key not in self._kept:
            self._kept[key] = self._ask(place, path, version, role)
        return self._kept[key]

    def _ask(self, place: str, path: str, version: str, role: Role) -> Reply:
        source = self._source(place, path)
        match source:
            case None:
                return Reply(404)
            case str():
                url = f"{source.removesuffix('/')}/{escaped(path)}/{_name(role, version)}"
                return self.wire.get(Ask(role, url, path, place, version))
            case _:
                return self._of_repository(source, path)

    def _of_repository(self, source: Repository, path: str) -> Reply:
        key = ("", path, source.url)
        if key not in self._kept:
            outcome, version = self._origins.fetch(path, source)
            status = {Outcome.DONE: 200, Outcome.ABSENT: 404, Outcome.FAILED: 500}[outcome]
            self._kept[key] = Reply(status, version=version)
        return self._kept[key]

    def _source(self, place: str, path: str) -> str | Repository | None:
        """Say where a place has a path: below a URL, in a repository, or nowhere (cmd/go's modfetch.lookup)."""
        if (place, path) not in self._sources:
            self._sources[place, path] = self._look_up(place, path)
        return self._sources[place, path]

    def _look_up(self, place: str, path: str) -> str | Repository | None:
        asks_origin = place in (BYPASS, DIRECT) if self.rules.is_direct(path) else place == DIRECT
        if asks_origin:
            found = self._origins.find(path)
            return found.url if found and found.vcs == "mod" else found
        if self.rules.is_direct(path) or place in (BYPASS, OFF):
            return None
        return place


def _of_json(reply: Reply) -> Outcome:
    """Say what becomes of an answer that has to be JSON."""
    return Outcome.FAILED if reply.page and reply.status == 200 else reply.outcome


def _name(role: Role, version: str) -> str:
    names = {Role.LIST: "@v/list", Role.LATEST: "@latest"}
    return names.get(role) or f"@v/{escaped(version)}.{role.value}"
