"""Probing: proxies asked, from the machine that will use them, for what their content tells them apart by."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from remotego.adapters.gateway import carry_out, go_settings
from remotego.adapters.localtools import this_platform
from remotego.core.change import Change
from remotego.core.errors import HostError, UnreachableError, UsageError
from remotego.core.progress import Progress
from remotego.core.redaction import BLOT
from remotego.core.settings import Settings
from remotego.core.tables import PROFILES
from remotego.core.transport import Network, Transport
from remotego.delve.platforms import MACHINES, parse_machine
from remotego.golang.goenv import settings as go_values
from remotego.golang.goproxy import DIRECT, OFF, parse_goproxy
from remotego.golang.sumdb.database import Database, parse_gosumdb
from remotego.goproxy.answers import Told, read_answers
from remotego.goproxy.hearing import is_public
from remotego.goproxy.questions import KNOWN, TIMEOUT_S, Known, questions, render_order
from remotego.goproxy.verdict import SLOW_S, Verdict, compare, judge
from remotego.host.agent import Absent, Unusable
from remotego.host.contexts import BOTH, COMMAND, PROXY_NAMES, Context, Contexts, contexts
from remotego.host.gateway import probed
from remotego.host.survey import survey
from remotego.ops.agent import Agent, excuse, plan_own
from remotego.ops.building import GATEWAY, Workshop
from remotego.ops.engine import apply, ask
from remotego.ops.naming import check_known, check_proxies, public_sums

_ASKED = ("GOPROXY", "GOSUMDB", "GOPRIVATE")
_SPARE_S = 15.0


@dataclass(eq=False)
class NoCandidateError(UsageError):
    """Nothing names a proxy."""

    place: str
    what = (
        "{place}: no proxy to probe: no --proxy, none in a [profile.NAME] of remotego.toml, and no go there names one"
    )
    remedy = "give --proxy URL"


@dataclass(eq=False)
class BadSumdbError(UsageError):
    """A checksum database that is none."""

    text: str
    reason: str
    what = "{text!r} is no checksum database: {reason}"
    remedy = "give one as in GOSUMDB (`go help environment`), or off"


@dataclass(eq=False)
class GatewayUnusableError(HostError):
    """The gateway is on the host and does not do its work."""

    host: str
    said: str
    what = "{host}: the gateway there cannot be used: {said}"
    remedy = "see what keeps programs of this login from running there; `remotego undo --host {host}` removes it"


@dataclass(eq=False)
class NoProxyUsableError(UnreachableError):
    """None of the candidates serves right bytes there."""

    place: str
    found: str
    what = "{place}: no proxy is of use there: {found}"
    remedy = (
        "name others with --proxy; without any network, bring modules in a bundle or a proxy over SSH (docs/proxies.md)"
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user adds: ``proxies`` to probe, the ``sumdb`` instead of the one in force, another known module."""

    proxies: tuple[str, ...] = ()
    sumdb: str | None = None
    known: Known = KNOWN
    timeout_s: float = TIMEOUT_S
    slow_s: float = SLOW_S


@dataclass(frozen=True, slots=True)
class InForce:
    """What go goes by in a place: its values (None: there is no go), ``where`` that was found, HTTP proxies to use.

    ``private`` are patterns as in GOPRIVATE; ``notes`` are for people.
    """

    goproxy: str | None
    gosumdb: str
    where: str
    variables: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    private: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proxy, who named it, and what it is worth."""

    proxy: str
    origins: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of a place. ``addresses``: how many it has beyond its own; ``changes`` had the gateway there."""

    force: InForce
    candidates: tuple[Candidate, ...]
    database: str
    addresses: int
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """What a dry run would put on a host before it could ask."""

    force: InForce
    proxies: Mapping[str, tuple[str, ...]]
    changes: tuple[Change, ...]


def probe_here(place: str, settings: Settings, progress: Progress, wish: Wish) -> Probed:
    """Probe from this machine. Raises GatewayFailedError, NoToolchainError, and what a wish can have wrong:

    LoginInProxyError, PrivateKnownError, NoCandidateError, BadSumdbError.
    """
    check_proxies({"proxy": wish.proxies})
    folder = Path(settings.workspace)
    progress.step(place, "ask go")
    said = go_settings(settings.go, _ASKED, folder if folder.is_dir() else Path())
    force = _in_force_here(said)
    wanted, database = _wanted(place, settings, wish, force)
    program = gateway_here(settings, place, progress)
    progress.step(place, f"ask {len(wanted)} proxies")
    order = render_order(list(wanted), questions(wish.known, database, secrets.token_hex(6)), timeout_s=wish.timeout_s)
    told = read_answers(carry_out(program, "probe", order, 2 * wish.timeout_s + _SPARE_S))
    return _judged(told, wanted, force, database, wish, ())


def gateway_here(settings: Settings, place: str, progress: Progress) -> Path:
    """Give the gateway for this machine, built now or from the cache. Raises NoToolchainError and its kin."""
    goos, machine = this_platform()
    workshop = Workshop(go=settings.go)
    return workshop.program(
        GATEWAY, parse_machine(machine.lower()), goos=goos, say=lambda text: progress.step(place, text)
    ).path


def probe_there(
    network: Network, name: str, settings: Settings, progress: Progress, wish: Wish, *, dry: bool
) -> Probed | Planned:
    """Probe from a host: one question on what is in force there and one to the proxies; the gateway is pushed first
    where it is missing. Raises GatewayUnusableError, what pushing raises, and what ``probe_here`` raises of a wish.
    """
    check_proxies({"proxy": wish.proxies})
    progress.step(name, "connect")
    with network.reach(name) as host:
        progress.step(name, "ask what go goes by there")
        have, seen = ask(host, survey(settings.store), contexts())
        force = in_force(seen)
        wanted, database = _wanted(name, settings, wish, force)
        gateway = plan_own(GATEWAY, host, have, settings, progress)
        if gateway.changes and dry:
            return Planned(force, wanted, gateway.changes)
        apply(host, gateway.changes, have, progress)
        progress.step(name, f"ask {len(wanted)} proxies from there")
        asked = questions(wish.known, database, secrets.token_hex(6))
        order = render_order(list(wanted), asked, force.variables, wish.timeout_s)
        told = _told(host, settings, order, gateway)
    return _judged(told, wanted, force, database, wish, gateway.changes)


def _wanted(
    place: str, settings: Settings, wish: Wish, force: InForce
) -> tuple[dict[str, tuple[str, ...]], Database | None]:
    """Give whom to ask, and the database to ask for. Raises NoCandidateError, BadSumdbError, PrivateKnownError."""
    wanted, database = candidates(place, settings, wish, force), _database(wish, force)
    tables = (settings.table(f"profile.{profile}").get("private", ()) for profile in PROFILES)
    private = ",".join([*(pattern for patterns in tables for pattern in patterns), force.private])
    world = [proxy for proxy in wanted if is_public(urlsplit(proxy).hostname or "")]
    check_known(wish.known, private, [*world, *public_sums(database)])
    return wanted, database


def _in_force_here(said: Mapping[str, str] | None) -> InForce:
    if said is None:
        return InForce(None, "", "there is no go here")
    return InForce(said["GOPROXY"], said["GOSUMDB"], "go env", private=said["GOPRIVATE"])


def _told(host: Transport, settings: Settings, order: str, gateway: Agent) -> Told:
    match ask(host, probed(dict.fromkeys(MACHINES, gateway.artifact), order, read_answers, settings.store)):
        case Told() as told:
            return told
        case Unusable(code, said):
            raise GatewayUnusableError(host.name, excuse(code, said))
        case Absent():
            raise GatewayUnusableError(host.name, "somebody has removed it again")


def in_force(seen: Contexts) -> InForce:
    """Find what a login's terminals and windows go by: their context, or the one of ``ssh HOST command``."""
    named = [seen.named(name) for name in (BOTH, COMMAND)]
    context = next((one for one in named if one.answer), named[0] if named[0].variables else named[1])
    values = {one.name: one.value for one in go_values(context)}
    variables, notes = _ways_out(context)
    if context.answer is None:
        return InForce(None, "", f"no go in {context.name}", variables, notes)
    private = values.get("GOPRIVATE", "")
    return InForce(values.get("GOPROXY"), values.get("GOSUMDB", ""), context.name, variables, notes, private)


def _ways_out(context: Context) -> tuple[dict[str, str], tuple[str, ...]]:
    """Give the HTTP proxies of a context; one with a password in it is known there alone, where it was blotted out."""
    given = {name: context.variables.get(name, "") for name in PROXY_NAMES}
    hidden = sorted(name for name, value in given.items() if BLOT in value)
    notes = (f"{', '.join(hidden)} has a password in {context.name}: the login's own is used",) if hidden else ()
    return {name: value for name, value in given.items() if name not in hidden}, notes


def candidates(place: str, settings: Settings, wish: Wish, force: InForce) -> dict[str, tuple[str, ...]]:
    """Give the proxies to probe, each with who names it. Raises NoCandidateError."""
    found: dict[str, list[str]] = {}
    _add(found, wish.proxies, "--proxy")
    for profile in PROFILES:
        _add(found, settings.table(f"profile.{profile}").get("goproxy", ()), f"profile.{profile}")
    _add(found, (one.url for one in parse_goproxy(force.goproxy)) if force.goproxy else (), "GOPROXY")
    if not found:
        raise NoCandidateError(place)
    return {proxy: tuple(dict.fromkeys(origins)) for proxy, origins in found.items()}


def _add(found: dict[str, list[str]], proxies: Iterable[str], origin: str) -> None:
    for proxy in proxies:
        if proxy not in (DIRECT, OFF):
            found.setdefault(_without_login(proxy).rstrip("/"), []).append(origin)


def _without_login(proxy: str) -> str:
    """Leave out all before the last "@": a password may have any character in it, "/" too."""
    scheme, mark, rest = proxy.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"


def _database(wish: Wish, force: InForce) -> Database | None:
    text = force.gosumdb if wish.sumdb is None else wish.sumdb
    try:
        return parse_gosumdb(text)
    except ValueError as error:
        raise BadSumdbError(text, str(error)) from error


def _judged(
    told: Told,
    wanted: Mapping[str, tuple[str, ...]],
    force: InForce,
    database: Database | None,
    wish: Wish,
    changes: Sequence[Change],
) -> Probed:
    verdicts = compare(
        {proxy: judge(told.answers.get(proxy, {}), database, wish.known, wish.slow_s) for proxy in wanted}
    )
    found = tuple(Candidate(proxy, origins, verdicts[proxy]) for proxy, origins in wanted.items())
    return Probed(force, found, database.name if database else "off", told.addresses, tuple(changes))


def error_of(place: str, found: Probed) -> NoProxyUsableError | None:
    """Give the error of a place where no candidate is of use."""
    if any(one.verdict.usable for one in found.candidates):
        return None
    if found.candidates and all(one.verdict.code == "no-network" for one in found.candidates):
        return NoProxyUsableError(place, "it has no network, no address beyond its own")
    return NoProxyUsableError(place, "; ".join(f"{one.proxy}: {one.verdict.code}" for one in found.candidates))
