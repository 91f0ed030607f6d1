"""Go lines: who raised them, and whether the go command is new enough for them (go.dev/doc/toolchain)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remotego.core.terminal import inert
from remotego.modgraph.edits import Edit, GoStep, go, then_tidy
from remotego.modgraph.finding import Finding
from remotego.modgraph.graph import ModuleGraph, Node, write_chain
from remotego.modgraph.modfiles import GoFile
from remotego.modgraph.observed import Observed
from remotego.modgraph.versions import GO, is_higher, rank

_REFUSED = re.compile(
    r"(?:go: )?(?P<who>\S+?):? (?:module \S+ )?(?:listed in go\.work file )?requires go >= (?P<needed>[\w.]+)"
    r" \(running go (?P<running>[\w.]+)"
)
_DOWNLOAD = re.compile(
    r"go: download go(?P<needed>[\w.]+) for [\w/]+: (?P<reason>.*)|go: cannot find \"?go(?P<other>[\w.]+)\"? in PATH"
)
_WORK = re.compile(
    r"module (?P<folder>\S+) listed in go\.work file requires go >= (?P<needed>[\w.]+), "
    r"but go\.work lists go (?P<has>[\w.]+)"
)


def judge_toolchain(seen: Observed) -> Iterator[Finding]:
    """Tell whether the go command refuses to work for being too old; who asks for more is named."""
    complaint = inert(seen.graph_answer.complaint)
    if (found := _REFUSED.search(complaint)) is not None:
        who = found["who"]
        file = _file(seen, who)
        place = file.place("go") if file else seen.place_of(who.partition("@")[0])
        lowered = _lower(file, found["running"]) if file else ()
        said = f"{file.file}:{place.line} says" if file else f"{who} says"
        yield Finding(
            "toolchain-mismatch",
            file.file if file else who,
            f"{said} go {found['needed']}, and the go command is {found['running']}, which may fetch no other",
            f"use a newer Go: `remotego sdk.use {found['needed']} --fetch`, or GOTOOLCHAIN=auto where a proxy has it",
            place,
            candidates=lowered,
        )
    elif (found := _DOWNLOAD.search(complaint)) is not None:
        needed = found["needed"] or found["other"]
        file = _asking(seen, needed)
        yield Finding(
            "toolchain-mismatch",
            file.file,
            f"{file.file} asks for Go {needed}, which is not here: {found['reason'] or 'it is not on PATH'}",
            f"fetch it where there is a network: `remotego sdk.use {needed} --fetch`",
            file.place("toolchain" if file.value("toolchain").endswith(needed) else "go"),
            candidates=_lower(file, seen.go),
        )


def _file(seen: Observed, who: str) -> GoFile | None:
    """The file that go calls so: it names them without their directory, or by it."""
    named = [*seen.files, *([seen.work] if seen.work else [])]
    exact = [one for one in named if one.file == who or one.file.endswith(f"/{who}") or who.endswith(f"/{one.file}")]
    return exact[0] if exact else next((one for one in seen.files if one.folder == who.removeprefix("./")), None)


def _asking(seen: Observed, needed: str) -> GoFile:
    """The file that asks for a version of Go."""
    named = [*seen.files, *([seen.work] if seen.work else [])]
    return next(
        (one for one in named if needed in (one.value("go"), one.value("toolchain").removeprefix("go"))), named[0]
    )


def _lower(file: GoFile, running: str) -> tuple[Edit, ...]:
    """Try whether a go line need be as high as it is."""
    command = "work" if file.file.endswith("go.work") else "mod"
    return (go(command, "edit", f"-go={running}", "-toolchain=none", folder=file.folder),) if running else ()


def judge_go_lines(seen: Observed) -> Iterator[Finding]:
    """Tell which go line is lower than what a dependency asks for."""
    if seen.work and (found := _WORK.search(inert(seen.graph_answer.complaint))):
        place = seen.work.place("go")
        said = f"go.work says go {found['has']}, and module {found['folder']} says {found['needed']}"
        steps = (go("work", "use", folder=seen.work.folder),)
        yield Finding("go-raised", "go.work", said, "raise the go line of go.work", place, candidates=steps)
    for file in seen.files:
        has = file.value("go")
        for one, needed in seen.graph.edges:
            if one == Node(file.module) and needed.path == GO and has and is_higher(GO, needed.version, has):
                yield _raised(seen, file, has, needed)


def _raised(seen: Observed, file: GoFile, has: str, needed: Node) -> Finding:
    by = [one for one in seen.graph.demanders(needed) if one.version]
    who = by[0] if by else Node(file.module)
    chain = (*seen.graph.chain(who), needed)
    return Finding(
        "go-raised",
        file.module,
        f"{file.file} says go {has}; {who} needs {needed.version} ({write_chain(chain)})",
        f"raise the go line to {needed.version}, or require a version of {who.path} that needs less",
        file.place("go"),
        tuple(map(str, chain)),
        (
            Edit((GoStep(("mod", "edit", f"-go={needed.version}"), file.folder),)),
            go("get", f"go@{needed.version}", folder=file.folder),
            then_tidy(folder=file.folder),
        ),
    )


def raisers(graph: ModuleGraph) -> tuple[tuple[Node, str], ...]:
    """Give the modules that ask for the highest Go of all, whether that is a conflict or not."""
    needed = [(one, other.version) for one, other in graph.edges if other.path == GO and one.is_module]
    highest = max((version for _, version in needed), key=lambda version: rank(GO, version), default="")
    return tuple((one, version) for one, version in needed if version == highest)
