"""Goals besides a process that runs: one that will appear, a program to start, a core file to open."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace

from remotego.core.errors import MissingError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Exchange, Script, Transport
from remotego.delve.aim import CoreFile, Program
from remotego.delve.guard import ALIVE
from remotego.delve.session import check_room
from remotego.golang.buildinfo import parse_build_info
from remotego.golang.corefile import program_of
from remotego.golang.version import GoVersion
from remotego.host.agent import parse_appearance
from remotego.host.inventory import Running
from remotego.host.launching import NoSuchCoreError, Place, check_environment, check_place, place, split_command
from remotego.host.store import plan_home
from remotego.host.survey import Survey, survey
from remotego.ops.agent import bring, plan_agent
from remotego.ops.deploy import deploy_for
from remotego.ops.engine import apply, ask
from remotego.ops.preparing import OldDelveError, Planned, Prepared
from remotego.ops.remote_file import RemoteFile

BREATH_S = 5.0
"""How often whoever waits for a process shows that somebody still does; the agent gives up after six of them."""


@dataclass(frozen=True, slots=True)
class Launch:
    """Start a ``command`` in ``directory`` ("" is where a login begins) with NAME=VALUE pairs."""

    command: str
    directory: str = ""
    environment: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenCore:
    """Open a core ``file``; ``program`` is told by the core where it is ""."""

    file: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class Appear:
    """Wait until a process of this ``name`` appears."""

    name: str


@dataclass(eq=False)
class NobodyAppearedError(MissingError):
    """The agent on the target does not wait any more."""

    host: str
    name: str
    said: str
    what = "{host}: waiting for {name} ended: {said}"
    remedy = "see what runs there with `remotego ps --host {host}`, then run the same again"


def prepare_launch(
    host: Transport, goal: Launch | OpenCore, settings: Settings, progress: Progress, port: int, *, dry: bool
) -> Prepared | Planned:
    """Have all that is needed to start a program or to open a core file, and refuse what cannot work."""
    aim, have, built_by = _look(host, goal, settings)
    check_room(have.root)
    deployed = deploy_for(host, have, built_by, settings, progress, dry=dry)
    if not deployed.dlv.release.listens_on_unix:
        raise OldDelveError(deployed.dlv.release.version)
    agent = plan_agent(host, have, settings, progress)
    if dry or deployed.dlv.path is None:
        return Planned(host.name, aim, port, deployed, (*agent.changes, *deployed.changes))
    have = ask(host, survey(settings.store)) if deployed.changes else have
    agent = bring(host, have, settings, progress)
    if not agent.changes and not deployed.changes:
        apply(host, plan_home(have), have, progress)
    return Prepared(aim, have, None, agent, deployed)


def _look(
    host: Transport, goal: Launch | OpenCore, settings: Settings
) -> tuple[Program | CoreFile, Survey, GoVersion | None]:
    have, found, program = locate(host, goal, settings)
    match goal:
        case Launch(command, _, environment):
            _, *arguments = split_command(command)
            aim: Program | CoreFile = Program(program, tuple(arguments), found.directory, environment)
        case OpenCore():
            aim = CoreFile(found.program, program)
    return aim, have, parse_build_info(RemoteFile(host, program)).version


def locate(host: Transport, goal: Launch | OpenCore, settings: Settings) -> tuple[Survey, Place, str]:
    """Find what a goal names, and the path of the program it is about."""
    match goal:
        case Launch(command, directory, environment):
            check_environment(environment)
            name, *_ = split_command(command)
            have, found = ask(host, survey(settings.store), place(name, directory))
            check_place(found, host=host.name, program=name, directory=directory)
            return have, found, found.program
        case OpenCore(file, program):
            have, found = ask(host, survey(settings.store), place(file if "/" in file else f"./{file}", ""))
            if found.problem == "notfound":
                raise NoSuchCoreError(host.name, file)
            return have, found, program or program_of(RemoteFile(host, found.program))


def await_process(
    host: Transport, goal: Appear, settings: Settings, progress: Progress, hear: Callable[[tuple[int, ...]], None]
) -> Settings:
    """Wait for a process to appear; give the settings that name it. ``hear`` is told who bears its name already.

    An agent is brought first where none is there. Raises NobodyAppearedError, UnreachableError.
    """
    have = ask(host, survey(settings.store))
    agent = bring(host, have, settings, progress)
    progress.step(host.name, f"wait for {goal.name}")
    exchange = host.open(Script(f"echo\n{shlex.quote(agent.path)} wait"))
    try:
        exchange.read_line(BREATH_S)
        exchange.send(json.dumps({"name": goal.name}).encode() + b"\n")
        found = _listen(host, goal, exchange, hear)
    finally:
        exchange.close()
    return replace(settings, process=None, port=None, unit=None, pid=found.pid)


def _listen(host: Transport, goal: Appear, exchange: Exchange, hear: Callable[[tuple[int, ...]], None]) -> Running:
    while True:
        try:
            line = exchange.read_line(BREATH_S)
        except TimeoutError:
            exchange.send(ALIVE)
            continue
        if line is None:
            said = exchange.answer(BREATH_S).stderr.decode("utf-8", "replace").strip()
            raise NobodyAppearedError(host.name, goal.name, said or "the agent there has gone")
        match parse_appearance(line):
            case Running() as found:
                return found
            case pids:
                hear(pids)
