"""What each of go's settings changes for one path, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from remotego.golang.goproxy import DIRECT, OFF
from remotego.golang.patterns import first_match
from remotego.goproxy.hearing import Hearer
from remotego.goproxy.origin import known_repository
from remotego.goproxy.rules import BYPASS, TOOLCHAIN, Rules
from remotego.goproxy.scenes import Question, parents
from remotego.goproxy.webproxy import host_of


def effects(
    question: Question,
    rules: Rules,
    values: Mapping[str, str],
    heard: tuple[Hearer, ...],
    machines: frozenset[str] | None,
) -> Iterator[str]:
    """Say what the settings do to this path. ``machines`` have passwords in .netrc; None: that is not known."""
    if rules.fault:
        yield f"go refuses to start: {rules.fault}"
        return
    yield from _of_places(question, rules)
    yield from _of_sums(question, rules)
    yield from _of_parents(question, rules)
    yield from _of_origin(question, rules)
    yield from _of_build(question, rules)
    yield from _of_credentials(rules, values, heard, machines)
    yield from _of_web_proxies(heard)


def _of_places(question: Question, rules: Rules) -> Iterator[str]:
    if rules.is_direct(question.path):
        pattern = first_match(rules.gonoproxy, question.path)
        yield f"GONOPROXY: {pattern} fits, so only its origin is asked: no proxy, whatever GOPROXY says"
        return
    if rules.gonoproxy and rules.gonoproxy != "none":
        yield f"GONOPROXY: {rules.gonoproxy} does not fit, so the proxies are asked"
    proxies = [place for place in rules.places if place.url not in (BYPASS, DIRECT, OFF)]
    for place, after in zip(rules.places, rules.places[1:], strict=False):
        if place in proxies and after.url == DIRECT and not place.whatever:
            yield (
                f"GOPROXY: the comma before direct means that the origin is asked for what {place.url} answers with "
                "404 or 410; when that proxy is down, go ends with its error"
            )
    if any(place.whatever for place in proxies):
        yield "GOPROXY: behind | every request waits for the failing proxy anew; go itself sets no time limit"


def _of_sums(question: Question, rules: Rules) -> Iterator[str]:
    path = question.path
    if (path, question.version, "mod") in rules.summed and (path, question.version, "zip") in rules.summed:
        yield "go.sum: has both lines, so the checksum database is not asked"
    elif not rules.is_looked_up(path):
        why = f"GONOSUMDB: {first_match(rules.gonosumdb, path)} fits" if rules.sumdb else "GOSUMDB: off"
        yield f"{why}, so no checksum database hears of it, and nothing but go.sum vouches for it"
    elif rules.sumdb_fault:
        yield f"{rules.sumdb_fault}: what go.sum lacks cannot be fetched"
    elif rules.sumdb is None:
        yield f"GOSUMDB: off, and {TOOLCHAIN} has to be in it: go refuses to fetch it"
    elif rules.sumdb.url:
        yield f"GOSUMDB: {rules.sumdb.url} is asked itself, past every proxy"
    else:
        yield (
            f"GOSUMDB: {rules.sumdb.name} is asked through the first proxy that answers "
            f"/sumdb/{rules.sumdb.name}/supported with 200, else directly; what go.sum has is not looked up"
        )


def _of_parents(question: Question, rules: Rules) -> Iterator[str]:
    shorter = parents(question)
    bare = [path for path in shorter if not rules.is_direct(path)]
    if shorter:
        yield f"go get: asks for {', '.join(shorter)} too, at the same time; their misses must be 404 or 410"
    if bare and rules.is_direct(question.path):
        yield f"GONOPROXY: does not fit {', '.join(bare)}: the proxies are asked for these parents of a private path"


def _of_origin(question: Question, rules: Rules) -> Iterator[str]:
    asked = rules.is_direct(question.path) or any(place.url == DIRECT for place in rules.places)
    if not asked:
        return
    if pattern := first_match(rules.goinsecure, question.path):
        yield f"GOINSECURE: {pattern} fits: its origin is asked without checking certificates, over http if https fails"
    if known := known_repository(question.path):
        allowed = rules.allows(known.vcs, known.root)
        then = (
            f"{known.vcs} fetches {known.url}" if allowed else f"GOVCS forbids {known.vcs} for it: it counts as absent"
        )
        yield f"direct: go knows the repository by its path; {then}"
    else:
        yield "direct: a page at the path itself (?go-get=1) names its repository; GOVCS has to allow the program"


def _of_build(question: Question, rules: Rules) -> Iterator[str]:
    if rules.mod == "vendor":
        yield "-mod=vendor: go build and go test ask nobody; go get and go mod download do not know this flag"
    elif question.command == "build" and rules.mod != "mod":
        yield "go build: asks for nothing that go.sum has no line for; go get and go mod download write those lines"


def _of_credentials(
    rules: Rules, values: Mapping[str, str], heard: tuple[Hearer, ...], machines: frozenset[str] | None
) -> Iterator[str]:
    goauth = values.get("GOAUTH", "") or "netrc"
    secure = [one.host for one in heard if one.example.startswith("https:")]
    if plain := [one.host for one in heard if one.example.startswith("http:")]:
        yield f"GOAUTH: {', '.join(plain)} is asked over http, so no credentials are ever sent to it"
    if secure and rules.asks_again:
        yield "GOAUTH: every 4xx over https, 404 too, is asked a second time, with what GOAUTH then says"
    if goauth == "netrc" and machines is not None:
        known = [host for host in secure if host in machines]
        yield f".netrc: has a login for {', '.join(known)}" if known else ".netrc: has a login for none of these hosts"
    elif goauth != "netrc":
        yield f"GOAUTH: {goauth.split()[0]} gives the credentials"


def _of_web_proxies(heard: tuple[Hearer, ...]) -> Iterator[str]:
    for through in dict.fromkeys(one.through for one in heard if one.through):
        mine = [one for one in heard if one.through == through]
        open_ = [one.host for one in mine if one.example.startswith("http:")]
        host = host_of(through)
        yield f"HTTP(S)_PROXY: {host} stands before {', '.join(one.host for one in mine)} and hears that name"
        if open_:
            yield f"HTTP_PROXY: {host} also reads the paths that are asked of {', '.join(open_)}, over http"
