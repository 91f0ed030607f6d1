"""Entries of launch.json against what runs: each that cannot work is named, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from remotego.doctor.check import Finding, failure, ok, warning

LOOPBACK = ("127.0.0.1", "localhost", "::1", "")
_FORWARD = re.compile(r"^[A-Za-z]:/")


@dataclass(frozen=True, slots=True)
class Entry:
    """One configuration, as far as checks ask. ``rules`` are pairs of substitutePath, from and to; "" is not given."""

    name: str
    go: bool
    remote: bool
    mode: str
    request: str
    adapter: str
    host: str
    port: int | None
    rules: Sequence[tuple[str, str]]
    has_rules: bool
    pid: int | None
    program: str
    before: str
    after: str


def judge_entries(
    entries: Sequence[Entry], tasks: Set[str], programs: Set[str], ports: Set[int], pids: Set[int]
) -> Iterator[Finding]:
    """Judge entries of Go. What is given: labels of tasks, programs that exist, ports listened at, pids alive."""
    mine = [one for one in entries if one.go]
    remote = [one for one in mine if one.remote]
    yield from _all("launch-mode", (_mode(one) for one in mine), "all modes are ones that Delve knows")
    yield from _all("launch-paths", (_paths(one) for one in remote), "every remote entry has its rules")
    yield from _all("launch-order", (_order(one) for one in mine), "no rule hides another")
    yield from _all("launch-windows", (_windows(one) for one in mine), "no path is in the way")
    yield from _all("launch-port", (_port(one, ports) for one in remote), "each has a port, and what brings it up")
    yield from _all("launch-process", (_process(one, programs, pids) for one in mine), "none is stale")
    yield from _all("launch-tasks", (_tasks(one, tasks) for one in mine), "all tasks are there")
    yield from _all("launch-release", (_release(one) for one in remote), "each frees its process")


def _all(check: str, found: Iterator[Finding | None], well: str) -> Iterator[Finding]:
    bad = [one for one in found if one]
    yield from bad or [ok(check, well)]


def _mode(one: Entry) -> Finding | None:
    """Mode "attach" is told by the inert recipes, with its line."""
    if one.request == "attach" and one.mode not in ("", "local", "remote", "attach"):
        return failure(
            "launch-mode", f'"{one.name}": Delve refuses mode {one.mode!r} of an attach', 'use "mode": "remote"'
        )
    return None


def _paths(one: Entry) -> Finding | None:
    remedy = "`remotego gen-launch` computes the rules from the binary; `remotego paths` shows them"
    if not one.has_rules:
        return warning("launch-paths", f'"{one.name}" has no substitutePath: its breakpoints bind by luck', remedy)
    if any(not (source and to) for source, to in one.rules if (source, to) == ("", "")):
        return failure("launch-paths", f'"{one.name}" has a rule without "from" or "to", and both are wanted', remedy)
    return None


def _order(one: Entry) -> Finding | None:
    hidden = next((place for place, (_, to) in enumerate(one.rules) if to == "/"), None)
    if hidden is None:
        return None
    remedy = "put the rules for GOROOT and the module cache before it: the first that fits wins"
    said = f'"{one.name}": rule {hidden + 1} maps "/", which is every file there'
    return warning("launch-order", said, remedy)


def _windows(one: Entry) -> Finding | None:
    bad = [source for source, _ in one.rules if _FORWARD.match(source)]
    if not bad:
        return None
    remedy = "write backslashes and a lower-case drive (d:\\\\src): `remotego gen-launch --client windows` does"
    return warning("launch-windows", f'"{one.name}": {bad[0]} is never what a Windows editor calls a file', remedy)


def _port(one: Entry, ports: Set[int]) -> Finding | None:
    if one.port is None:
        remedy = 'give "port": without it the extension starts a dlv of its own, which knows no such process'
        return failure("launch-port", f'"{one.name}" has no port', remedy)
    if one.host in LOOPBACK and not one.before and one.port not in ports:
        remedy = (
            "start the tunnel first (`remotego debug`), or have a preLaunchTask do it: `remotego gen-launch` writes one"
        )
        evidence = f'"{one.name}": nobody listens at 127.0.0.1:{one.port}, and no preLaunchTask changes that'
        return warning("launch-port", evidence, remedy)
    return None


def _process(one: Entry, programs: Set[str], pids: Set[int]) -> Finding | None:
    if one.pid and not one.remote and one.pid not in pids:
        remedy = "name the process instead, or ${command:pickGoProcess}: numbers do not last"
        return failure("launch-process", f'"{one.name}": there is no process {one.pid} here', remedy)
    if one.program and one.program not in programs:
        return failure("launch-process", f'"{one.name}": {one.program} is no program', "build it, or correct the path")
    return None


def _tasks(one: Entry, tasks: Set[str]) -> Finding | None:
    lost = [label for label in (one.before, one.after) if label and label not in tasks and not label.startswith("$")]
    if not lost:
        return None
    remedy = "`remotego gen-launch` writes its tasks anew" if lost[0].startswith("remotego: ") else "write that task"
    return failure("launch-tasks", f'"{one.name}" asks for the task "{lost[0]}", and tasks.json has none', remedy)


def _release(one: Entry) -> Finding | None:
    if one.before.startswith("remotego: ") and not one.after:
        remedy = "`remotego gen-launch` adds it: else a breakpoint that is left freezes the process after you leave"
        return warning("launch-release", f'"{one.name}" has no postDebugTask', remedy)
    return None
