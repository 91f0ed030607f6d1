"""Upstream: what the authors of required modules have said since: retractions and deprecations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remotego.core.terminal import inert
from remotego.modgraph.edits import Edit, go
from remotego.modgraph.finding import Finding
from remotego.modgraph.graph import Node
from remotego.modgraph.listing import Listed
from remotego.modgraph.observed import Observed
from remotego.modgraph.versions import is_higher, rank

_OF_MODULE = re.compile(r"^(?:go: |module \S+: |reading \S+: )+")
"""What go says before the cause, which is about one module and one address of it."""

NAMED = 3
"""How many modules are named where many could not be asked about."""


def judge_upstream(seen: Observed) -> Iterator[Finding]:
    """Tell which required versions are retracted, which modules deprecated, and what could not be asked."""
    silent: dict[str, list[str]] = {}
    for one in seen.upstream.values():
        if one.retracted:
            yield _retracted(seen, one)
        if one.deprecated:
            yield _deprecated(seen, one)
        if one.error:
            silent.setdefault(_cause(one), []).append(one.path)
    if unanswered := [path for path in seen.asked if path not in seen.upstream]:
        said = inert(seen.upstream_answer.complaint).strip().splitlines() or ["go gave no answer"]
        silent.setdefault(said[-1].removeprefix("go: "), []).extend(unanswered)
    for cause, paths in silent.items():
        more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
        yield Finding(
            "not-known",
            paths[0],
            f"whether {', '.join(paths[:NAMED])}{more} are retracted or deprecated is not known: {cause}",
            "look again where a module proxy can be reached",
            seen.place_of(paths[0]),
        )


def _cause(one: Listed) -> str:
    """Say why, without what differs from one module to the next, so that many are told of in one line."""
    said = inert(one.error).strip().splitlines()[0]
    return _OF_MODULE.sub("", said.rpartition('": ')[2].replace(f"{one.path}@{one.version}: ", ""))


def _retracted(seen: Observed, one: Listed) -> Finding:
    node = Node(one.path, one.version)
    why = inert("; ".join(one.retracted))
    return Finding(
        "retracted",
        one.path,
        f"{node} is retracted: {why}",
        f"take another version{f', such as {one.update}' if one.update else ''}",
        seen.place_of(one.path),
        tuple(map(str, seen.graph.chain(node))),
        tuple(_others(seen, one)),
    )


def _others(seen: Observed, one: Listed) -> Iterator[Edit]:
    """Try the next higher version that stands, then the newest, then the next lower one."""
    allowed = sorted(seen.allowed.get(one.path, ()), key=lambda version: rank(one.path, version))
    above = [version for version in allowed if is_higher(one.path, version, one.version)]
    below = [version for version in allowed if is_higher(one.path, one.version, version)]
    wanted = [*above[:1], one.update, *below[-1:]]
    for version in dict.fromkeys(filter(None, wanted)):
        yield go("get", f"{one.path}@{version}", folder=seen.folder_of(one.path))


def _deprecated(seen: Observed, one: Listed) -> Finding:
    chain = tuple(map(str, seen.graph.chain(Node(one.path, one.version))))
    said = f"{one.path} is deprecated: {inert(one.deprecated)}"
    return Finding("deprecated", one.path, said, "move to what its author recommends", seen.place_of(one.path), chain)
