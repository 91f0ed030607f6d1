"""Leftovers: what pushes, sessions and debuggers have left on a host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from remotego.delve.records import Record, Sessions
from remotego.doctor.check import EndSession, Finding, HostFix, failure, ok, warning
from remotego.doctor.redaction import shown
from remotego.host.condition import Condition, Dlv
from remotego.host.store import plan_sweep
from remotego.host.survey import Survey

INITS = ("init", "systemd", "tini", "docker-init", "dumb-init", "s6-svscan", "catatonit", "runit")
ROOT = 0
_WIDE = re.compile(r"--listen[= ](?:0\.0\.0\.0|\[?::\]?)?:\d+")


def judge_leftovers(have: Survey, found: Sessions, condition: Condition, host: str) -> Iterator[Finding]:
    """Judge what our own records tell, and the debuggers that run."""
    yield _pushes(have)
    yield from _sessions(found, host)
    yield _stores(condition, host)
    yield from _debuggers(found, condition)


def _pushes(have: Survey) -> Finding:
    if have.stale:
        said = f"{len(have.stale)} left by pushes that were broken off: {', '.join(have.stale[:4])}"
        remedy = "the next push sweeps them up; `remotego doctor --fix` does it now"
        return warning("leftover-pushes", said, remedy, HostFix(tuple(plan_sweep(have))))
    return ok("leftover-pushes", "nothing of a push is left")


def _sessions(found: Sessions, host: str) -> Iterator[Finding]:
    lost = [one for one in found.records if one.state in ("dead", "orphaned")]
    for one in lost:
        remedy = f"`remotego stop --host {host}` ends it in the order that harms nobody"
        yield failure("leftover-sessions", _session(one), remedy, EndSession(one.id, one.process))
    if not lost:
        live = len(found.records)
        yield ok("leftover-sessions", f"{live} sessions, each with its guard" if live else "no session")


def _session(one: Record) -> str:
    left = (
        "only dlv is left of it, which may hold the process" if one.state == "orphaned" else "only files are left of it"
    )
    return f"session {one.id} ({one.process}, begun by {one.by}): its guard has gone, {left}"


def _stores(condition: Condition, host: str) -> Finding:
    if condition.others:
        said = f"another directory of ours: {', '.join(condition.others)}"
        remedy = f"`remotego undo --host {host} --store {condition.others[0]}` takes it back"
        return warning("leftover-stores", said, remedy)
    return ok("leftover-stores", "no directory of ours but the one that is used")


def _debuggers(found: Sessions, condition: Condition) -> Iterator[Finding]:
    known = {pid for one in found.records for pid, _ in (one.dlv, one.keeper)}
    strange = [one for one in condition.dlvs if one.pid not in known and one.parent not in known]
    lost = [one for one in strange if one.uid == condition.uid and _is_lost(one)]
    for one in lost:
        held = f"and holds process {one.tracee}" if one.tracee else "and holds nobody"
        said = f"dlv {one.pid} has lost who started it {held}: {_words(one)}"
        remedy = f"`kill -TERM {one.pid}` there, with no editor connected: it frees its process; never KILL it"
        yield failure("leftover-dlv", said, remedy)
    if not lost:
        yield ok("leftover-dlv", f"{len(condition.dlvs)} run, each somebody's" if condition.dlvs else "no dlv runs")
    yield from _commands(strange, condition.uid)


def _words(one: Dlv) -> str:
    """Its own words, not those it gives to a program, which are nobody else's business."""
    return shown(one.command.partition(" -- ")[0])[:120]


def _is_lost(one: Dlv) -> bool:
    return one.parent == 1 or one.parent_name in INITS


def _commands(dlvs: Sequence[Dlv], uid: int) -> Iterator[Finding]:
    bad = [(one, why) for one in dlvs if (why := _wrong(one, uid))]
    for one, (said, remedy) in bad:
        yield warning("dlv-command", f"dlv {one.pid}: {said}", remedy)
    if not bad:
        yield ok("dlv-command", "no server of dlv that would refuse an editor")


def _wrong(one: Dlv, uid: int) -> tuple[str, str] | None:
    """Say what an editor will meet, the worst first; only servers count (Delve, Documentation/usage/dlv_attach.md)."""
    words = one.command.split()
    if "--headless" not in one.command or "dap" in words[1:2]:
        return None
    if _WIDE.search(one.command):
        return "it listens to the world, without a password", "have it listen at 127.0.0.1 or a unix socket"
    if one.uid not in (uid, ROOT):
        return None
    if one.uid != uid and "--only-same-user=false" not in words:
        said = "it belongs to root, and closes every connection of another user at once"
        return said, "start it as the user you log in as; `remotego debug` does"
    if "--accept-multiclient" not in words:
        return (
            "it takes one connection only, and a probe of its port uses that up",
            "start it with --accept-multiclient; `remotego debug` does",
        )
    if "--continue" not in words and "attach" in words:
        return "its process stands still until an editor comes", "start it with --continue; `remotego debug` does"
    return None
