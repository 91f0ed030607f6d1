"""What a host needs so that git and go there ask us: the agent, a variable of go's, a line in git's own settings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from remotego.core.change import Change
from remotego.core.errors import RefusedError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Transport
from remotego.credentials.goauth import SINCE, goauth_value, with_include
from remotego.credentials.target import shows_a_secret
from remotego.golang.goenvfile import held
from remotego.golang.version import parse_go_version
from remotego.host.homeedit import HomeEdit, change_of, splice
from remotego.host.homefiles import GIT_CONFIG, GIT_CONFIG_XDG, Go, Home, home_files
from remotego.host.store import plan_home
from remotego.host.survey import Survey, survey
from remotego.ops.agent import Agent, plan_agent
from remotego.ops.differences import differences
from remotego.ops.engine import apply, ask
from remotego.ops.remote_go import NoRemoteGoError, choose
from remotego.ops.set_env import plan_go_file


@dataclass(eq=False)
class ShownSecretError(RefusedError):
    """GOPROXY has a secret in it, that our GOAUTH would have go show to everybody on the host."""

    host: str
    where: str
    what = "{host}: GOPROXY has a password or a query in it ({where}), that go would hand to us as an argument"
    remedy = "take it out there, change it, as others may have read it, and name the bare URL in [auth.NAME] or --allow"


_PROXY_LINE = re.compile(r"GOPROXY\W{1,5}(.*)")


def check_proxy(name: str, home: Home) -> None:
    """Look for a secret in GOPROXY in go's own file and in start-up files. Raises ShownSecretError."""
    for file, content in home.files.items():
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            if (found := _PROXY_LINE.search(line)) and shows_a_secret(found[1]):
                raise ShownSecretError(name, f"{home.path_of(file)}:{number}")


@dataclass(frozen=True, slots=True)
class There:
    """What a host is like and what it lacks. ``go`` is None where there is none; git's settings are in ``git_file``."""

    have: Survey
    home: Home
    agent: Agent
    go: Go | None
    edits: tuple[HomeEdit, ...]
    changes: tuple[Change, ...]
    goauth: str
    git_file: str

    @property
    def go_is_old(self) -> bool:
        """Whether the go there knows no GOAUTH."""
        if self.go is None or not self.go.version:
            return False
        try:
            return parse_go_version(self.go.version) < parse_go_version(".".join(map(str, SINCE)))
        except ValueError:
            return False

    def diff(self) -> tuple[str, ...]:
        """Give the lines of a unified diff of the edited files, without secrets."""
        return differences(self.home, self.edits)


def look(host: Transport, settings: Settings, progress: Progress, *, edit: bool = True) -> There:
    """Ask what a host is like, in one round trip, and plan. Without ``edit`` only the agent is wanted there.

    Raises ShownSecretError, GoFileOffError, UnfitHomeFileError, UnfitAgentPathError and what ``plan_agent`` raises.
    """
    have, home = ask(host, survey(settings.store), home_files(settings.remote_go, settings.store))
    check_proxy(host.name, home)
    agent = plan_agent(host, have, settings, progress)
    go = _go(home, settings, host.name)
    goauth = goauth_value(agent.path, held(home.files.get(home.goenv, b""), "GOAUTH"))
    include = f"{have.root}/auth/gitconfig"
    git_file = GIT_CONFIG_XDG if GIT_CONFIG not in home.files and GIT_CONFIG_XDG in home.files else GIT_CONFIG
    edits, changes = _plan(host.name, home, goauth, git_file, include) if edit else ((), ())
    room = plan_home(have) if changes and not agent.changes else []
    return There(have, home, agent, go, edits, (*agent.changes, *room, *changes), goauth, home.path_of(git_file))


def settle(host: Transport, there: There, progress: Progress) -> None:
    """Do what is planned. Raises what ``apply`` raises."""
    apply(host, there.changes, there.have, progress)


def _go(home: Home, settings: Settings, name: str) -> Go | None:
    try:
        return choose(home, settings.remote_go, host=name)
    except NoRemoteGoError:
        if settings.remote_go:
            raise
        return None


def _plan(
    name: str, home: Home, goauth: str, git_file: str, include: str
) -> tuple[tuple[HomeEdit, ...], tuple[Change, ...]]:
    edits: list[HomeEdit] = []
    changes: list[Change] = []
    file, edit = plan_go_file(name, home, {"GOAUTH": goauth})
    if edit is not None:
        edits.append(edit)
        changes.append(change_of(edit, home, variables=tuple((one.name, one.now, one.was) for one in file.variables)))
    before = home.read(git_file)
    after = with_include(before or b"", include)
    if after != (before or b""):
        edits.append(splice(git_file, before, after))
        changes.append(change_of(edits[-1], home))
    return tuple(edits), tuple(changes)
