"""Examining a host: all facts that the doctor's checks are about, in one round trip, and a knock at each door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import Any, TypeVar

from remotego.adapters.openssh import KeyLookup, resolve
from remotego.adapters.ssh.errors import PortClosedError
from remotego.core.errors import BuildError, HostError, RefusedError, RemotegoError, UnreachableError
from remotego.core.fact import Fact
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.target import Target
from remotego.core.transport import Network, Script, Stream, Transport
from remotego.delve.platforms import MACHINES
from remotego.delve.records import sessions
from remotego.delve.versions import NoDelveError, choose
from remotego.doctor.account import judge_account
from remotego.doctor.check import Finding
from remotego.doctor.environment import judge_contexts, judge_sdks
from remotego.doctor.firstaid import judge_go, nothing_known
from remotego.doctor.leftovers import judge_leftovers
from remotego.doctor.proxies import judge_proxies
from remotego.doctor.reaching import Door, Hop, judge_doors, judge_hops, judge_keys
from remotego.doctor.report import Examined
from remotego.doctor.storage import judge_store
from remotego.doctor.system import Span, judge_attach, judge_process, judge_programs, judge_system, judge_watchdogs
from remotego.golang.version import parse_go_version
from remotego.host.agent import inventory
from remotego.host.condition import Condition, condition
from remotego.host.contexts import Contexts, contexts
from remotego.host.gostate import go_state
from remotego.host.homefiles import ENV_FILE, FISH_FILE, Home, home_files
from remotego.host.inventory import Inventory, Running
from remotego.host.journal import journal
from remotego.host.sdk.store import Sdks, sdks
from remotego.host.survey import Survey, survey
from remotego.host.tracing import tracing, tracing_own
from remotego.ops.building import Workshop
from remotego.ops.engine import inquire
from remotego.ops.fleet import each
from remotego.ops.mending import judge_written

T = TypeVar("T")

SSH_PORT = 22
LOOK_S = 240.0
"""Start-up files may take ten seconds each, and proxies too; nothing is waited for longer."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A host as it was found: its ``condition`` if it could be asked, and what came of the checks."""

    examined: Examined
    condition: Condition | None = None
    have: Survey | None = None


def examine_host(network: Network, config: Path | None, name: str, settings: Settings, progress: Progress) -> Patient:
    """Look at a host: nothing is changed there. What keeps us from it is a finding, no error."""
    begun = monotonic()
    try:
        target = resolve(name, config).target
    except RemotegoError as error:
        hop = Hop(name, name, error)
        return Patient(Examined(name, tuple(judge_hops([hop])), monotonic() - begun))
    progress.step(name, "connect")
    try:
        with network.reach(name) as host:
            found, have, findings = _look(host, target, settings, progress)
    except (UnreachableError, RefusedError, HostError) as error:
        findings, found, have = tuple(judge_hops(list(_along(network, target, error)))), None, None
    return Patient(Examined(name, findings, monotonic() - begun), found, have)


def _along(network: Network, target: Target, error: RemotegoError) -> Iterator[Hop]:
    """Try the machines before a host that could not be used one by one: which of them is it?"""
    for jump in target.jumps:
        try:
            with network.reach(jump.alias) as host:
                host.run(Script("true"))
        except RemotegoError as cause:
            yield Hop(jump.alias, jump.address, cause)
            return
        yield Hop(jump.alias, jump.address)
    yield Hop(target.name, target.hop.address, error)


def _look(
    host: Transport, target: Target, settings: Settings, progress: Progress
) -> tuple[Condition | None, Survey | None, tuple[Finding, ...]]:
    progress.step(host.name, "ask for its condition, its shells, its Go and our records; try its GOPROXY")
    questions = _questions(settings)
    sent = time()
    answers = dict(zip(questions, inquire(host, list(questions.values()), timeout_s=LOOK_S), strict=True))
    span = Span(sent, time())
    found = answers["condition"]
    hops = [Hop(hop.alias, hop.address) for hop in target.route]
    if isinstance(found, RemotegoError):
        return None, None, (*judge_hops(hops), nothing_known("system-kernel", str(found)))
    progress.step(host.name, "knock at the doors that a session could use")
    doors = _knock(host, found)
    findings = (
        *judge_hops(hops),
        judge_keys(found.host_keys, _known_keys(target)),
        judge_doors(doors),
        *_judge(found, answers, span, host.name, settings),
    )
    have = answers["survey"]
    return found, have if isinstance(have, Survey) else None, findings


def _questions(settings: Settings) -> dict[str, Fact[Any]]:
    """All that is asked, in one script."""
    named: dict[str, Fact[Any]] = {}
    if settings.process or settings.pid:
        named["tracing"] = tracing(process=settings.process, pid=settings.pid, thorough=False)
    if settings.names_process:
        named["programs"] = inventory(_known_agents(settings), settings.store, everything=False)
    return {
        "condition": condition(settings.store),
        "survey": survey(settings.store),
        "sessions": sessions(settings.store),
        "journal": journal(settings.store),
        "home": home_files(settings.remote_go, settings.store),
        "own": tracing_own(),
        "go": go_state(login=True),
        "contexts": contexts(),
        "sdks": sdks(settings.store),
        **named,
    }


def _known_agents(settings: Settings) -> Mapping[str, Any]:
    """Agents that we could recognise there; none where there is no Go here, or none was built yet."""
    with suppress(BuildError):
        cached = Workshop(go=settings.go).cached_agents()
        return {machine: cached[goarch] for machine, goarch in MACHINES.items() if goarch in cached}
    return {}


def _judge(
    found: Condition, answers: Mapping[str, Any], span: Span, host: str, settings: Settings
) -> Iterator[Finding]:
    yield from judge_account(found, host)
    yield from judge_store(found)
    yield from _judge_records(found, answers, host)
    yield from judge_system(found, span)
    own = answers["own"]
    yield nothing_known("attach-ptrace", str(own)) if isinstance(own, RemotegoError) else judge_attach(own, host)
    yield from _judge_named(answers, settings, host)
    yield judge_watchdogs(found)
    go = answers["go"]
    if isinstance(go, RemotegoError):
        yield nothing_known("go-command", str(go))
    else:
        yield from judge_go(go, needed=False)
        yield from judge_proxies(go)
    yield from _judge_environment(answers, host)
    home, entries = answers["home"], answers["journal"]
    if isinstance(home, Home):
        written = entries if isinstance(entries, tuple) else ()
        yield from judge_written(home, written, found.programs, answers["survey"], settings)


def _judge_environment(answers: Mapping[str, Any], host: str) -> Iterator[Finding]:
    seen, there = answers["contexts"], answers["sdks"]
    if isinstance(seen, Contexts):
        home = answers["home"]
        written = isinstance(home, Home) and bool({ENV_FILE, FISH_FILE} & home.files.keys())
        yield from judge_contexts(seen, host, written=written)
    else:
        yield nothing_known("env-contexts", str(seen))
    if isinstance(there, Sdks):
        yield from judge_sdks(there, host)
    elif isinstance(answers["survey"], Survey):
        yield nothing_known("env-sdk", str(there))


def _judge_records(found: Condition, answers: Mapping[str, Any], host: str) -> Iterator[Finding]:
    """Judge our own records, if our directory can be trusted; if not, that is told of the store."""
    have, records = answers["survey"], answers["sessions"]
    if isinstance(have, Survey) and not isinstance(records, RemotegoError):
        yield from judge_leftovers(have, records, found, host)
    elif isinstance(have, Survey):
        yield nothing_known("leftover-sessions", str(records))


def _judge_named(answers: Mapping[str, Any], settings: Settings, host: str) -> Iterator[Finding]:
    states = answers.get("tracing")
    if isinstance(states, Mapping):
        yield from judge_process(states, settings.process or f"pid {settings.pid}", host)
    programs = answers.get("programs")
    if isinstance(programs, Inventory):
        chosen = tuple(one for one in programs.processes if _is_named(one, settings))
        yield from judge_programs(chosen, {one.program.go: _fitting(one.program.go) for one in chosen if one.program})


def _is_named(one: Running, settings: Settings) -> bool:
    return (
        one.pid == settings.pid
        or (settings.process is not None and settings.process in (one.label, one.command))
        or (settings.unit is not None and one.unit == settings.unit)
        or (settings.port is not None and any(socket.port == settings.port for socket in one.ports or ()))
    )


def _fitting(go: str) -> str:
    try:
        return choose(parse_go_version(go)).version
    except (NoDelveError, ValueError):
        return ""


def _known_keys(target: Target) -> dict[str, list[str]]:
    """Kinds of host keys that known_hosts has for the target itself."""
    hop = target.hop
    found = KeyLookup((hop.key_name,), hop.known_hosts).keys()
    return {hop.key_name: [key.kind for key in found if key.mark.value == ""]}


def _knock(host: Transport, found: Condition) -> list[Door]:
    """Try the rungs as a client would, at the same time; nobody there is known to hear a unix socket: tcp tells of it.

    sshd forbids both by AllowTcpForwarding and DisableForwarding (its session.c); AllowStreamLocalForwarding alone is
    only seen by a session.
    """
    doors: dict[str, Callable[[], Stream]] = {
        "tcp": lambda: host.connect_port(found.port or SSH_PORT),
        "relay": lambda: host.pipe(Script('printf "%s\\n" "$begin"; cat')),
    }
    knocked = each(list(doors), lambda rung: doors[rung]().close(), parallel=len(doors))
    return [Door(one.host, _refusal(one.error)) for one in knocked]


def _refusal(error: RemotegoError | None) -> str | None:
    """Say what keeps a door closed; where nobody listens behind it, it is open."""
    return None if error is None or isinstance(error, PortClosedError) else str(error)
