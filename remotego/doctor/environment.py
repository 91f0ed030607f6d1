"""The environment of a login on a host: whether its contexts agree, and what we wrote for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from remotego.doctor.check import Finding, HostFix, ReinstallSdk, failure, ok, unknown, warning
from remotego.doctor.redaction import shown_value
from remotego.host.comparison import GO, Group, Spread, compare
from remotego.host.contexts import Contexts
from remotego.host.homefiles import ENV_FILE, FISH_FILE
from remotego.host.sdk.store import Sdks

KILL = "run `Kill VS Code Server on Host` in the editor, and connect again: a process keeps its environment"
WATCHED = (GO, "GOROOT", "GOPATH", "GOPROXY", "GOTOOLCHAIN")


def judge_contexts(found: Contexts, host: str, *, written: bool) -> Iterator[Finding]:
    """Judge whether all contexts find the same go, and give go the same variables; PATH itself may differ.

    ``written``: our block is in the start-up files of this ``host`` already.
    """
    holders = {f"{one.what} {one.pid}" for one in found.holders}
    bad = [one for one in compare(found) if one.name in WATCHED and one.differs]
    for one in bad:
        stale = [place for group in one.groups for place in group.places if place in holders]
        fresh = {group.value for group in one.groups if set(group.places) - holders}
        remedy = KILL if stale and len(fresh) == 1 else _remedy(one, found, host, written=written)
        yield warning("env-contexts", _differs(one, found), remedy)
    if not bad:
        go = next((one.go for one in found.contexts if one.go), None)
        yield ok("env-contexts", f"all find {go}" if go else "all agree: no go, no variables of go")


def _remedy(spread: Spread, found: Contexts, host: str, *, written: bool) -> str:
    """Say what makes contexts agree: our block where it is not there yet, else the lines that it cannot outdo."""
    shows = f"`remotego env --host {host}` shows them side by side"
    if spread.name == GO and not written:
        return f"`remotego set-env --host {host}` makes them agree; {shows}"
    lines = dict.fromkeys(line for group in spread.groups for line in _lines(spread.name, group, found))
    theirs = [line for line in lines if not any(f"/{ours}:" in line for ours in (ENV_FILE, FISH_FILE))]
    return f"move or remove {', '.join(theirs)}; {shows}" if theirs else shows


def _differs(spread: Spread, found: Contexts) -> str:
    parts = [
        f"{_value(spread.name, group)} in {', '.join(group.places)}{_by(spread.name, group, found)}"
        for group in spread.groups
    ]
    return f"{spread.name} differs: {'; '.join(parts)}"


def _value(name: str, group: Group) -> str:
    return "none" if group.value is None else shown_value(name, group.value)


def _by(name: str, group: Group, found: Contexts) -> str:
    lines = _lines(name, group, found)
    return f" (by {', '.join(lines)})" if lines else ""


def _lines(name: str, group: Group, found: Contexts) -> Sequence[str]:
    """Name the lines that cause a value; for go, those that put its directory into PATH."""
    contexts = [one for one in found.contexts if one.name in group.places]
    if name == GO:
        directory = (group.value or "").rpartition("/")[0]
        return sorted({str(one.entries[directory]) for one in contexts if directory in one.entries})
    return sorted({str(one.causes[name]) for one in contexts if name in one.causes})


def judge_sdks(found: Sdks, host: str) -> Iterator[Finding]:
    """Judge the SDKs in our directory as far as a quick look can see: their notes, their files, their sizes."""
    bad = [one for one in found.kept if one.fault]
    for one in bad:
        remedy = f"`remotego sdk.install {one.version} --host {host}` puts it there anew"
        yield failure("env-sdk", f"the SDK {one.version} is damaged: {one.fault}", remedy, ReinstallSdk(one.version))
    if found.current and found.find(found.current) is None:
        remedy = f"`remotego sdk.install {found.current} --host {host}`, or have another one current"
        yield failure("env-sdk", f"{found.link} leads to {found.current}, which is not there", remedy)
    elif not bad:
        there = ", ".join(one.version for one in found.kept)
        yield ok("env-sdk", f"whole: {there}" if there else "no SDK of ours is there")


def judge_block(*, ours: bool, edits: Sequence[str], fix: HostFix | None, problem: str = "", gone: str = "") -> Finding:
    """Judge what we wrote for the login's shells: ``ours`` anything at all, ``edits`` what would have to be mended;
    ``gone`` is the go that it leads to and that is not there any more.
    """
    if problem:
        return unknown("env-block", problem, "mend that, and look again")
    if not ours:
        return ok("env-block", "nothing of ours is in its start-up files")
    if edits:
        remedy = "`remotego doctor --fix` writes it anew; `remotego undo` takes it back"
        why = f"it leads to {gone}, and no go is there" if gone else "not as we wrote it"
        return failure("env-block", f"{why}: {', '.join(edits)}", remedy, fix)
    return ok("env-block", "it is as we wrote it")


def judge_tools(
    named: Mapping[str, Mapping[str, str]], programs: frozenset[str], fixes: Mapping[str, HostFix]
) -> Iterator[Finding]:
    """Judge machine settings of editors: ``named`` are tools by file, ``fixes`` mend a file where a tool is of ours."""
    lost = [(file, name, path) for file, tools in named.items() for name, path in tools.items() if path not in programs]
    for file, name, path in lost:
        fix = fixes.get(file)
        remedy = "`remotego doctor --fix` takes our entry out" if fix else "correct it there, or take it out"
        yield failure("env-tools", f"{file} names {path} as {name}, and no program is there", remedy, fix)
    if not lost:
        number = sum(map(len, named.values()))
        yield ok("env-tools", f"{number} tools are named, all there" if number else "editors' settings name no tools")
