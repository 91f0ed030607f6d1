"""Set environment: one go in every context of a host's login, values in go's own file, no server left with old ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remotego.core.change import Change
from remotego.core.errors import UsageError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.golang.agreement import Dissent, Export, dissents, exports, is_old, lost
from remotego.golang.goenvfile import Variable, edited, told
from remotego.host.contexts import Contexts, Holder, contexts
from remotego.host.homeedit import HomeEdit, change_of, splice
from remotego.host.homefiles import Go, Home, home_files, is_plain_file
from remotego.host.servers import Start, end, starts
from remotego.host.shellenv import ShellPlan, plan_shellenv
from remotego.host.store import plan_home
from remotego.host.survey import Survey, survey
from remotego.ops.differences import differences
from remotego.ops.engine import apply, ask
from remotego.ops.remote_go import choose, directories_of

OFF = "off"


@dataclass(eq=False)
class NoGoFileError(UsageError):
    """GOENV, or XDG_CONFIG_HOME, on a target is no path of a file."""

    host: str
    path: str
    what = "{host}: go's own file would be {path!r} there, and that is no absolute path of a file"
    remedy = "mend GOENV or XDG_CONFIG_HOME there (`remotego env --host {host}` names the place)"


@dataclass(eq=False)
class GoFileOffError(UsageError):
    """GOENV=off on a target: go reads no file."""

    host: str
    what = "{host}: GOENV=off there, so go reads no file of its own, and what stands in it would not count"
    remedy = "take GOENV out of the environment there (`remotego env --host {host}` names its place)"


@dataclass(eq=False)
class OtherNameError(UsageError):
    """A go command by another name: PATH would not lead to it."""

    go: str
    what = "--remote-go {go}: PATH leads shells to a program called go, and this one is called otherwise"
    remedy = "name the go of a whole tree, such as /opt/go/bin/go"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a host: ``variables`` for go's own file, ``restart``: end servers with old environments."""

    variables: Mapping[str, str]
    restart: bool = False


@dataclass(frozen=True, slots=True)
class GoFile:
    """go's own file: its path as go names it, and the ``variables`` that an edit changes in it."""

    path: str
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class Server:
    """A process that holds an old environment, its age, and what became of it: "kept", "ended", "gone", "stays"."""

    holder: Holder
    start: Start
    outcome: str = "kept"


@dataclass(frozen=True, slots=True)
class Plan:
    """What shall be: one go, the edits of a login's files and the changes that do them, and whom they reach."""

    go: Go
    home: Home
    edits: tuple[HomeEdit, ...]
    changes: tuple[Change, ...]
    shells: ShellPlan
    file: GoFile | None

    def diff(self) -> tuple[str, ...]:
        """Give the lines of a unified diff of all files, without secrets."""
        return differences(self.home, self.edits)


@dataclass(frozen=True, slots=True)
class SetEnv:
    """What was done: the plan, the contexts ``before`` and ``after`` (the same where nothing was written), those that
    still find another go, exports that had better not be, and servers that hold an old environment. ``lost`` are
    variables that somebody has written over in go's own file since.
    """

    plan: Plan
    before: Contexts
    after: Contexts
    dissents: tuple[Dissent, ...]
    exports: tuple[Export, ...]
    servers: tuple[Server, ...]
    lost: tuple[str, ...] = ()


def set_env(network: Network, name: str, settings: Settings, wish: Wish, progress: Progress, *, dry: bool) -> SetEnv:
    """Have one go in all contexts of a login: a question, an answer if need be, and a look at what came of it.

    Raises NoRemoteGoError, OtherNameError, UnfitHomeFileError, NoGoFileError, GoFileOffError, what ``apply`` raises.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        progress.step(name, "start its shells")
        home = home_files(settings.remote_go, settings.store)
        have, found, before, born = ask(host, survey(settings.store), home, contexts(), starts())
        plan = plan_set_env(name, found, have, settings, wish)
        after = before
        if plan.changes and not dry:
            apply(host, plan.changes, have, progress)
            progress.step(name, "start its shells again")
            after, born = ask(host, contexts(), starts())
        go = plan.go.path
        servers = _servers(after, born, go, wish)
        if wish.restart and servers and not dry:
            progress.step(name, f"end {len(servers)} servers")
            servers = ended(host, servers)
    gone = lost(after, plan.file.path, wish.variables) if plan.file and not dry else ()
    return SetEnv(plan, before, after, dissents(after, go), exports(after, wish.variables), servers, gone)


def plan_set_env(name: str, home: Home, have: Survey, settings: Settings, wish: Wish) -> Plan:
    """Plan the edits of a login's files; without any there is nothing to do."""
    go = choose(home, settings.remote_go, host=name)
    if not go.path.endswith("/go"):
        raise OtherNameError(go.path)
    shells = plan_shellenv(home, directories_of(go, home))
    changes = [change_of(edit, home) for edit in shells.edits]
    file, edits = None, list(shells.edits)
    if wish.variables:
        file, edit = plan_go_file(name, home, wish.variables)
        if edit is not None:
            edits.append(edit)
            held = tuple((one.name, one.now, one.was) for one in file.variables)
            changes.append(change_of(edit, home, variables=held))
    changes = [*plan_home(have), *changes] if changes else []
    return Plan(go, home, tuple(edits), tuple(changes), shells, file)


def check_go_file(name: str, home: Home) -> None:
    """Raise GoFileOffError or NoGoFileError where go has no file of its own that could be written."""
    if home.goenv == OFF:
        raise GoFileOffError(name)
    if not is_plain_file(home.goenv):
        raise NoGoFileError(name, home.goenv)


def plan_go_file(name: str, home: Home, wanted: Mapping[str, str]) -> tuple[GoFile, HomeEdit | None]:
    """Plan the edit of go's own file, None where it says all that is wanted. Raises GoFileOffError, NoGoFileError."""
    check_go_file(name, home)
    path = home.goenv
    before = home.read(path)
    after = edited(before or b"", wanted)
    file = GoFile(home.named_goenv, told(before or b"", wanted))
    return file, None if after == (before or b"") else splice(path, before, after)


def _servers(seen: Contexts, born: Mapping[int, Start], go: str, wish: Wish) -> tuple[Server, ...]:
    old = (one for one in seen.holders if one.pid in born and is_old(one, go, wish.variables))
    return tuple(Server(one, born[one.pid]) for one in old)


def ended(host: Transport, servers: Sequence[Server]) -> tuple[Server, ...]:
    """End servers that hold an old environment, and say what became of each."""
    outcomes = ask(host, end([(one.holder.pid, one.start) for one in servers]))
    return tuple(Server(one.holder, one.start, outcomes.get(one.holder.pid, "gone")) for one in servers)
