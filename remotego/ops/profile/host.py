"""A profile on a host: its variables in go's own file, and a look at what go then says in every context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from remotego.core.change import Change, RemoveDir, RestoreProfile
from remotego.core.progress import Progress
from remotego.core.sdkchange import Forget
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.golang import goauth
from remotego.golang.agreement import OtherFile, other_files
from remotego.golang.contradiction import Contradiction, contradictions, hides
from remotego.golang.goenvfile import held
from remotego.golang.profile import at_home
from remotego.golang.profilefile import Turn, active, beside_ours, changed, turn, unwound
from remotego.host.contexts import Contexts, contexts
from remotego.host.homeedit import HomeEdit, change_of, sha256, splice
from remotego.host.homefiles import Home, home_files
from remotego.host.journal import Entry, check_undo, journal
from remotego.host.servers import Start, starts
from remotego.host.store import plan_home
from remotego.host.survey import Survey, survey
from remotego.ops.differences import differences
from remotego.ops.engine import apply, ask, undo
from remotego.ops.profile.aim import Aim
from remotego.ops.set_env import Server, check_go_file, ended
from remotego.ops.withdrawal import withdraw
from remotego.vscode.difference import difference


@dataclass(frozen=True, slots=True)
class Place:
    """A host as it is: its login's files, the ``entries`` of profiles in its journal (the newest first), its contexts.

    ``spare`` are entries that go with the last profile: those of our own directories, where nothing else is journalled.
    """

    have: Survey
    home: Home
    seen: Contexts
    born: Mapping[int, Start]
    entries: tuple[Entry, ...]
    spare: tuple[Entry, ...]

    @property
    def content(self) -> bytes | None:
        """What go's own file holds; None for none."""
        return self.home.read(self.home.goenv)

    @property
    def acts(self) -> tuple[RestoreProfile, ...]:
        """What takes the profiles in go's own file back, the newest first."""
        return tuple(act for act in acts_of(self.entries) if act.path == self.home.goenv)

    @property
    def profile(self) -> str | None:
        """The profile that is in force there, None for none."""
        act = active(self.content, self.acts)
        return act.profile if act else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What shall be on a host. ``turn`` is None where there shall be no profile; without ``is_due`` it is so already.

    ``variables`` are what the file shall hold, the empty ones as "not given"; ``diff`` is without secrets.
    """

    host: str
    place: Place
    aim: Aim
    variables: Mapping[str, str]
    turn: Turn | None
    changes: tuple[Change, ...]
    diff: tuple[str, ...]
    is_due: bool

    @property
    def changed(self) -> Mapping[str, str]:
        """What somebody has changed of it since, by the name of a variable."""
        return changed(self.place.content, self.place.acts)

    @property
    def rows(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """Give what changes: name, value before and after; None where the file does not give it."""
        before, after = self.place.content or b"", self.after or b""
        names = dict.fromkeys((*self.variables, *(name for act in self.place.acts for name, _, _ in act.variables)))
        rows = ((name, held(before, name), held(after, name)) for name in names)
        return tuple(row for row in rows if row[1] != row[2])

    @property
    def after(self) -> bytes | None:
        """What go's own file shall hold; None: it shall not be there."""
        return self.turn.after if self.turn else unwound(self.place.content, self.place.acts)


@dataclass(frozen=True, slots=True)
class There:
    """What became of a host: the plan, what go then says otherwise and where, and servers with an older environment.

    ``others`` are contexts in which go reads another file as its own.
    """

    plan: Plan
    contradictions: tuple[Contradiction, ...]
    others: tuple[OtherFile, ...]
    servers: tuple[Server, ...]


def look_there(network: Network, name: str, settings: Settings, progress: Progress) -> Place:
    """Look at a host in one round trip. Raises ForeignPathError, and what ``ask`` raises."""
    progress.step(name, "connect")
    with network.reach(name) as host:
        progress.step(name, "start its shells")
        home = home_files(None, settings.store)
        asked = ask(host, survey(settings.store), home, contexts(), starts(), journal(settings.store))
    have, found, seen, born, entries = asked
    check_undo(entries, have.root)
    mine = tuple(entry for entry in reversed(entries) if acts_of([entry]))
    rest = [entry for entry in entries if entry not in mine]
    spare = tuple(rest) if all(isinstance(act, RemoveDir) for one in rest for act in one.undo) else ()
    return Place(have, found, seen, born, mine, spare)


def plan_there(name: str, aim: Aim, place: Place) -> Plan:
    """Plan one edit of go's own file, whatever profile is in it; the entry of an older one ends with it.

    Raises GoFileOffError, NoGoFileError, UnfitHomeFileError, LockedPlaceError.
    """
    home, content = place.home, place.content
    if aim.name is None:
        after = unwound(content, place.acts)
        return Plan(name, place, aim, {}, None, (), _diff(home, content, after), is_due=bool(place.entries))
    check_go_file(name, home)
    variables = beside_ours(at_home(aim.variables, home.path), content)
    made = turn(content, place.acts, variables, replace=aim.replace)
    edit = None if made.after == (content or b"") else splice(home.goenv, content, made.after)
    act = _act(aim.name, made, place, edit)
    stands = edit is None and list(map(_meaning, place.acts)) == [_meaning(act)]
    changes = () if stands else _changes(edit, act, place)
    diff = differences(home, [edit]) if edit else ()
    return Plan(name, place, aim, variables, made, changes, diff, is_due=bool(changes))


def carry_out_there(network: Network, plan: Plan, progress: Progress, *, restart: bool, dry: bool) -> There:
    """Do what was planned, and look at what came of it. What changed since the plan was made is an error.

    Raises what ``apply`` and ``undo`` raise.
    """
    seen, born = plan.place.seen, plan.place.born
    if dry or not (plan.is_due or (restart and _old(plan, seen, born))):
        return _there(plan, seen, _old(plan, seen, born))
    with network.reach(plan.host) as host:
        if plan.is_due:
            _write(host, plan, progress)
            progress.step(plan.host, "start its shells again")
            seen, born = ask(host, contexts(), starts())
        servers = _old(plan, seen, born)
        if restart and servers:
            progress.step(plan.host, f"end {len(servers)} servers")
            servers = ended(host, servers)
    return _there(plan, seen, servers)


def acts_of(entries: Sequence[Entry]) -> tuple[RestoreProfile, ...]:
    """Give what entries take back of profiles, in their order."""
    return tuple(act for entry in entries for act in entry.undo if isinstance(act, RestoreProfile))


def _write(host: Transport, plan: Plan, progress: Progress) -> None:
    place = plan.place
    if plan.turn is None:
        progress.step(plan.host, "take the profile out")
        oldest_first = tuple(reversed(place.entries))
        undo(host, (*place.spare, *withdraw(host, oldest_first, place.have, progress)), place.have)
    else:
        apply(host, plan.changes, place.have, progress)


def _act(profile: str, made: Turn, place: Place, edit: HomeEdit | None) -> RestoreProfile:
    folders = len(place.home.missing(place.home.goenv)) if edit else 0
    return RestoreProfile(
        place.home.goenv,
        "" if made.base is None else sha256(made.base),
        sha256(made.after),
        max([folders, *(act.made for act in place.acts)]),
        tuple((one.name, one.now, one.was) for one in made.variables),
        profile,
        tuple(made.kept),
        made.first,
    )


def _meaning(act: RestoreProfile) -> tuple[object, ...]:
    """Give what of an entry counts where nothing has to be written."""
    variables = {(name, *(_part(name, value) for value in values)) for name, *values in act.variables}
    return act.profile, variables, act.kept


def _part(name: str, value: str | None) -> object:
    return goauth.apart(value) if name == goauth.NAME else value


def _changes(edit: HomeEdit | None, act: RestoreProfile, place: Place) -> tuple[Change, ...]:
    """Make the change: its entry, the edit, and last the end of older entries, so that one of them always tells."""
    done = [entry for entry in place.entries if act.path in {one.path for one in acts_of([entry])}]
    names = tuple(name for entry in done for name in (entry.name, f"{entry.stem}.before"))
    last = (Forget(names),) if names else ()
    base = change_of(edit, place.home) if edit else Change(f"note the profile of {act.path}", (), ())
    reason = f"{base.reason}: profile {act.profile}"
    return (*plan_home(place.have), replace(base, reason=reason, do=(*base.do, *last), undo=(act,)))


def _diff(home: Home, before: bytes | None, after: bytes | None) -> tuple[str, ...]:
    if before == after:
        return ()
    if after is not None:
        return differences(home, [splice(home.goenv, before, after)])
    text = (before or b"").decode("utf-8", "replace")
    return difference(home.goenv, text, "")


def _there(plan: Plan, seen: Contexts, servers: tuple[Server, ...]) -> There:
    said = contradictions(seen, plan.variables)
    return There(plan, said, other_files(seen, plan.place.home.named_goenv) if plan.variables else (), servers)


def _old(plan: Plan, seen: Contexts, born: Mapping[int, Start]) -> tuple[Server, ...]:
    return tuple(_servers(plan, seen, born))


def _servers(plan: Plan, seen: Contexts, born: Mapping[int, Start]) -> Iterator[Server]:
    """Name what runs with an exported value in the way; a server without one asks go, which reads its file."""
    for one in seen.holders:
        if one.pid in born and hides(one.variables, plan.variables):
            yield Server(one, born[one.pid])
