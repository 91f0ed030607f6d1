"""Packages and modules that cannot be had, and whether they are nowhere or nobody answers for them here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from remotego.core.terminal import inert
from remotego.modgraph.edits import Edit, then_tidy
from remotego.modgraph.finding import Finding
from remotego.modgraph.messages import Message, first_message
from remotego.modgraph.modfiles import Place
from remotego.modgraph.observed import Observed

_POSITION = re.compile(r"(?P<file>.+?):(?P<line>\d+):(?P<column>\d+)")


def judge_packages(seen: Observed, explained: Set[str], *, explains: bool) -> Iterator[Finding]:
    """Tell what cannot be found; what another finding explains, and what is no matter of modules, is left out."""
    told = not seen.graph_answer.ok and not explains
    if told:
        yield _whole(seen, first_message(inert(seen.graph_answer.complaint)))
    for one in seen.packages:
        error = Message(inert(one.error))
        owner = seen.owner(one.path) or one.path
        if owner in explained:
            continue
        if error.is_away:
            if not told:
                told = True
                said = f"what is needed of {one.path} and others is not known: {error.line}"
                yield Finding(
                    "module-unreachable",
                    owner,
                    said,
                    "look again where the modules can be had",
                    _place(seen, one.position, owner),
                )
        elif error.is_absent:
            yield Finding(
                "module-missing",
                one.path,
                error.line,
                "correct the import, or have go find a module for it",
                _place(seen, one.position, owner),
                candidates=_tidied(seen),
            )


def _tidied(seen: Observed) -> tuple[Edit, ...]:
    return tuple(then_tidy(folder=file.folder) for file in seen.files)[:1]


def _whole(seen: Observed, said: Message) -> Finding:
    """The graph itself cannot be made; go says of each module why, and the first will do."""
    path = said.module
    place = seen.place_of(path)
    if said.is_away:
        evidence, remedy = f"the module graph is not known: {said.line}", "look again where the modules can be had"
        return Finding("module-unreachable", path or "graph", evidence, remedy, place)
    remedy = "correct the version, or the path, in go.mod"
    return Finding("module-missing", path or "graph", said.line, remedy, place, candidates=_tidied(seen))


def _place(seen: Observed, position: str, path: str) -> Place:
    found = _POSITION.fullmatch(position)
    if found and not found["file"].startswith("/"):
        return Place(found["file"], int(found["line"]), int(found["column"]))
    return seen.place_of(path)
