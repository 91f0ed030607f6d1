"""Verbs about sessions: debug, sessions, stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import Report
from remotego.cli.screen import Screen
from remotego.cli.verb import verb
from remotego.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from remotego.delve.records import Ending, Record, Sessions
    from remotego.ops.debug import Goal


def one_host(names: tuple[str, ...]) -> str:
    """Give the only host. Raises NoHostError or ManyHostsError."""
    from remotego.ops.fleet import NoHostError

    if not names:
        raise NoHostError
    if len(names) > 1:
        raise ManyHostsError(", ".join(names))
    return names[0]


@dataclass(eq=False)
class ManyHostsError(UsageError):
    """Several hosts where one session is asked for."""

    hosts: str
    what = "one session needs one host, and these were given: {hosts}"
    remedy = "give one --host"


@verb(
    "debug",
    iterable=("host", "env"),
    explain={
        "session": "take over the session with this id instead (see sessions)",
        "exec": "start this command there under dlv instead, such as './svc -v'; it ends with the session",
        "cwd": "the directory there that --exec runs in (default: where a login begins)",
        "env": "NAME=VALUE for --exec, on top of the login's environment; may be given several times",
        "wait_for": "attach to the next process of this name as soon as it appears",
        "core": "open this core file there instead",
        "program": "the program that --core is of (default: the core file tells)",
        "lease": "how long the session outlives a lost connection (default 10s)",
        "max_pause": "let the process run on when it has stood still for so long, such as 30s (default: never)",
        "hold": "keep the process paused when the editor that paused it goes",
        "yes": "do what --ptrace needs root for without asking",
        "persist": "keep kernel.yama.ptrace_scope at 0 until undo, not only for the session",
        "task": "print for the background task of an editor (see gen-launch), and end when its editor has gone",
        "detach_on_exit": "false: leave the session running when this command ends, for `debug --session` or `stop`",
    },
)
def debug(
    c: Context,
    host: list[str],
    process: str | None = None,
    pid: str | None = None,
    port: str | None = None,
    unit: str | None = None,
    exec: str | None = None,  # noqa: A002 - a flag's name
    cwd: str | None = None,
    env: list[str] | None = None,
    wait_for: str | None = None,
    core: str | None = None,
    program: str | None = None,
    session: str | None = None,
    local_port: str | None = None,
    lease: str | None = None,
    max_pause: str | None = None,
    hold: bool = False,
    detach_on_exit: str | None = None,
    channel: str | None = None,
    ptrace: str | None = None,
    yes: bool = False,
    persist: bool = False,
    dlv_version: str | None = None,
    go: str | None = None,
    task: bool = False,
) -> None:
    """Attach dlv to a running process on HOST and hold a tunnel to it until Ctrl-C.

    The process runs on all the time: it stops only where your editor says, and when the session
    ends it is left as it was. Nothing listens on a network port of the host or its jump hosts. When this
    command, the network or a jump host dies, a guard on the host ends the session by itself; an editor that
    goes away at a breakpoint frees the process at once.

    Where the kernel does not let you attach, --ptrace auto does the least that helps: runs the session as the
    process's user by sudo, or asks you and has root lend the right for its time. `ptrace` explains what there is.

    Examples:
        debug --host app1 --process svc
        debug --host app1 --port 8080 --max-pause 30s
        debug --host app1 --pid 4711 --local-port 0
        debug --host app1 --process svc --ptrace sysctl --yes
        debug --host app1 --session 1f0c2a9d
        debug --host app1 --exec './svc -v' --cwd /srv/svc --env LOG=debug
        debug --host app1 --wait-for svc
        debug --host app1 --core /var/crash/core.4711
    """
    from remotego.cli.attendance import attended
    from remotego.cli.consent import Asking
    from remotego.ops import debug as operation
    from remotego.ops.choice import Choice

    request = c.request
    name = one_host(request.settings.hosts)
    stop = operation.Stop()
    screen = Screen(request, stop)
    settings = request.settings.of(name)
    named = {"--process": process, "--pid": pid, "--port": port, "--unit": unit}
    check_goals({"--exec": exec, "--core": core, "--wait-for": wait_for, "--session": session}, named)
    goal = goal_of(exec, cwd, tuple(env or ()), wait_for, core, program)
    choice = Choice(name, settings, goal, session)
    with attended(request, choice, stop, screen, task=task and not request.dry) as (terms, tell, watch):
        way = (request.network, name, terms)
        if session is None:
            wish = operation.Wish(Asking(request.printer, yes), persist)
            operation.debug(*way, stop, request.printer, goal, wish, dry=request.dry, tell=tell, watch=watch)
        else:
            operation.adopt(*way, session, stop, request.printer, tell=tell, watch=watch)


@dataclass(eq=False)
class ManyGoalsError(UsageError):
    """Several things to debug where one session is asked for, or words for one that was not asked for."""

    flags: str
    what = "one session has one goal, and these do not go together: {flags}"
    remedy = "give one of --exec (with --cwd, --env), --core (with --program), --wait-for, --session, or a process"


@dataclass(eq=False)
class EmptyGoalError(UsageError):
    """A goal without a value."""

    flag: str
    what = "{flag} is empty"
    remedy = "say what it stands for; `remotego debug --help` has examples"


def check_goals(goals: Mapping[str, str | None], named: Mapping[str, str | None]) -> None:
    """Raise ManyGoalsError for several goals, or for a goal and a process; EmptyGoalError for one without a value."""
    given = [flag for flag, value in goals.items() if value is not None]
    for flag in given:
        if not goals[flag]:
            raise EmptyGoalError(flag)
    processes = [flag for flag, value in named.items() if value is not None]
    if len(given) > 1 or (given and processes):
        raise ManyGoalsError(", ".join([*given, *processes]))


def goal_of(
    exec: str | None,  # noqa: A002 - a flag's name
    cwd: str | None,
    env: tuple[str, ...],
    wait_for: str | None,
    core: str | None,
    program: str | None,
) -> Goal | None:
    """Say what the session is about, None for a process that runs. Raises ManyGoalsError."""
    from remotego.ops.debug import Appear, Launch, OpenCore

    stray = [flag for flag, value in {"--cwd": cwd, "--env": env}.items() if value and exec is None]
    stray += ["--program"] if program is not None and core is None else []
    if stray:
        raise ManyGoalsError(", ".join(stray))
    if exec is not None:
        return Launch(exec, cwd or "", env)
    if core is not None:
        return OpenCore(core, program or "")
    return Appear(wait_for) if wait_for is not None else None


@verb("sessions", iterable=("host",))
def sessions(c: Context, host: list[str]) -> Report:
    """List your debug sessions on each HOST: what they debug, since when, and who holds them.

    "held" has a controller; "waiting" has lost it and ends when its lease is over; "kept" stays until somebody
    takes it over (debug --session) or ends it (stop); "orphaned" and "dead" have lost their guard. Sessions that
    ended when nobody was there to hear it are listed with their reason, until the next stop.

    Example:
        sessions --host app1 --json
    """
    from remotego.ops.upkeep import find_sessions

    request = c.request

    def view(found: Sessions) -> View:
        return View(
            "found" if found.records else "none",
            [*map(_describe, found.records), *map(_describe_ending, found.endings)],
            {
                "sessions": [_session(one) for one in found.records],
                "ended": [_ending(one) for one in found.endings],
            },
        )

    return on_each_host(
        request,
        "sessions",
        lambda name, settings: find_sessions(request.network, name, settings),
        view,
        absent={"sessions": [], "ended": []},
    )


def _describe(one: Record) -> str:
    age = timedelta(seconds=one.now - one.since)
    return f"{one.id}  {one.process} (pid {one.pid}{', paused' * one.paused})  {one.state} for {age}  by {one.by}"


def _describe_ending(one: Ending) -> str:
    age, end = timedelta(seconds=one.now - one.at), one.ended
    cause = f" ({end.why})" if end.why else ""
    return f"{one.id}  {one.process} (pid {one.pid})  ended {age} ago{cause}: {end.outcome}  by {one.by}"


def _ending(one: Ending) -> dict[str, Any]:
    end = one.ended
    return {
        "id": one.id,
        "pid": one.pid,
        "process": one.process,
        "owner": one.by,
        "age_s": one.now - one.at,
        "why": end.why,
        "outcome": end.outcome,
        "text": end.text or None,
        "detail": end.detail,
    }


def _session(one: Record) -> dict[str, Any]:
    return {
        "id": one.id,
        "pid": one.pid,
        "process": one.process,
        "dlv_pid": one.dlv[0],
        "state": one.state,
        "paused": one.paused,
        "owner": one.by,
        "age_s": one.now - one.since,
        "directory": one.directory,
    }


@verb("stop", iterable=("host",), explain={"session": "end only the session with this id (see sessions)"})
def stop(c: Context, host: list[str], session: str | None = None) -> Report:
    """End your debug sessions on each HOST; the debugged processes run on.

    Examples:
        stop --host app1
        stop --host app1 --session 1f0c2a9d
    """
    from remotego.ops.upkeep import Stopped, stop_sessions

    request = c.request

    def view(done: tuple[Stopped, ...]) -> View:
        lines = [
            f"{one.session.id}  {one.session.process}: {one.ended.outcome} {one.ended.detail}".rstrip() for one in done
        ]
        ended = [{"id": one.session.id, "outcome": one.ended.outcome} for one in done]
        status = "planned" if request.dry else "ended"
        return View(status if done else "nothing to do", lines, {"sessions": ended})

    return on_each_host(
        request,
        "stop",
        lambda name, settings: stop_sessions(
            request.network, name, settings, request.printer, only=session, dry=request.dry
        ),
        view,
        absent={"sessions": []},
    )
