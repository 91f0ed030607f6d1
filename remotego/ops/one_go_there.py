"""One Go on a host: ``current`` leads to it, every shell and editor's server finds it, and it fetches no other."""

from __future__ import annotations

from dataclasses import dataclass, replace

from remotego.core.change import Change
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.golang.agreement import Dissent, Export, dissents, exports
from remotego.host.contexts import UNITS, Contexts, contexts
from remotego.host.homeedit import change_of
from remotego.host.homefiles import Go, Home, home_files
from remotego.host.sdk.plan import check_there, plan_switch
from remotego.host.sdk.store import Sdks, sdks
from remotego.host.survey import Survey, survey
from remotego.ops.agreement import Witness
from remotego.ops.engine import apply, ask
from remotego.ops.remote_env import machine_settings, tools_told
from remotego.ops.set_env import Plan, Wish, plan_set_env
from remotego.vscode.onego import TOOLCHAIN

VARIABLES = {"GOTOOLCHAIN": TOOLCHAIN}


@dataclass(frozen=True, slots=True)
class There:
    """What became of a host: the ``plan`` of its login's files, all changes, and what each of its shells then finds.

    ``agreement`` is empty in a dry run. ``dissents`` find another go, ``exports`` are variables in the way.
    """

    plan: Plan
    changes: tuple[Change, ...]
    agreement: tuple[Witness, ...]
    dissents: tuple[Dissent, ...]
    exports: tuple[Export, ...]

    @property
    def go(self) -> str:
        """The go command of all."""
        return self.plan.go.path


def use_there(network: Network, name: str, version: str, settings: Settings, progress: Progress, *, dry: bool) -> There:
    """Have one Go used by a host's login: a question, and if need be an answer and a look at what came of it.

    Raises NoSdkError, DamagedSdkError, and what ``plan_set_env`` and ``apply`` raise.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        progress.step(name, "start its shells")
        store = settings.store
        home = home_files(None, store)
        have, found, there, seen = ask(host, survey(store), home, sdks(store, only=version), contexts())
        check_there(name, version, there)
        plan, changes = plan_one_go(name, version, found, have, there, settings)
        if changes and not dry:
            apply(host, changes, have, progress)
            progress.step(name, "start its shells again")
            seen = ask(host, contexts())
    if dry:
        return There(plan, changes, (), (), ())
    go = plan.go.path
    return There(plan, changes, witnesses(seen), dissents(seen, go), exports(seen, VARIABLES))


def plan_one_go(
    name: str, version: str, home: Home, have: Survey, there: Sdks, settings: Settings
) -> tuple[Plan, tuple[Change, ...]]:
    """Plan the login's files, the settings of editors' servers, and last the link that all of them name."""
    go = Go(f"{there.link}/bin/go", "sdk", f"go{version}")
    plan = plan_set_env(name, replace(home, gos=(go,)), have, replace(settings, remote_go=None), Wish(VARIABLES))
    tools = {"go": go.path, **home.tools}
    edits = machine_settings(home, tools)
    told = [change_of(edit, home, tools=tools_told(edit, tools)) for edit in edits]
    whole = replace(plan, edits=(*plan.edits, *edits))
    return whole, (*plan.changes, *told, *plan_switch(version, there))


def witnesses(seen: Contexts) -> tuple[Witness, ...]:
    """Say which go each shell finds, and what that says its version is; systemd's units are no shell's."""
    return tuple(
        Witness(
            one.name,
            one.go or "",
            (one.answer.values.get("GOVERSION", "") if one.answer else "").removeprefix("go"),
            (one.answer.complaint if one.answer else one.error) or "",
            one.variables.get("GOROOT", ""),
        )
        for one in seen.contexts
        if one.name != UNITS
    )
