"""Packages and modules that cannot be had, and whether that is so or is only not known here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from remotego.core.terminal import inert
from remotego.modgraph.edits import Edit, then_tidy
from remotego.modgraph.finding import Finding
from remotego.modgraph.modfiles import Place
from remotego.modgraph.observed import Observed

_AWAY = re.compile(
    r"GOPROXY=off|dial tcp|no such host|connection refused|connection reset|i/o timeout|network is unreachable"
    r"|TLS handshake|certificate|5\d\d [A-Z]|EOF"
)
_ABSENT = re.compile(
    r"no required module provides|cannot find module providing|unknown revision|no matching versions|404|410|not found"
    r"|does not contain package|module declares its path as|invalid version|no such file or directory"
    r"|replacement directory"
)
_POSITION = re.compile(r"(?P<file>.+?):(?P<line>\d+):(?P<column>\d+)")
_MODULE = re.compile(r"(?:go: )?(?P<path>[^\s@]+\.[^\s@]+)@\S+")


def judge_packages(seen: Observed, explained: Set[str], *, has_failure: bool) -> Iterator[Finding]:
    """Tell what cannot be found; what another finding explains, and what is no matter of modules, is left out."""
    whole = inert("\n".join((seen.graph_answer.complaint, seen.modules_answer.complaint)))
    told = not seen.graph_answer.ok and not has_failure
    if told:
        yield _whole(seen, whole)
    for one in seen.packages:
        error = inert(one.error)
        owner = seen.owner(one.path) or one.path
        if not error or owner in explained or "go.sum" in error:
            continue
        if _AWAY.search(error):
            if not told:
                told = True
                said = f"what is needed of {one.path} and others is not known: {_line(error)}"
                yield Finding(
                    "not-known",
                    "packages",
                    said,
                    "look again where the modules can be had",
                    _place(seen, one.position, owner),
                )
        elif _ABSENT.search(error):
            yield Finding(
                "module-missing",
                one.path,
                _line(error),
                "correct the import, or have go find a module for it",
                _place(seen, one.position, owner),
                candidates=_tidied(seen),
            )


def _tidied(seen: Observed) -> tuple[Edit, ...]:
    return tuple(then_tidy(folder=file.folder) for file in seen.files)[:1]


def _whole(seen: Observed, said: str) -> Finding:
    """The graph itself cannot be made."""
    named = _MODULE.search(said)
    path = named["path"] if named else ""
    kind = "not-known" if _AWAY.search(said) else "module-missing"
    head = "the module graph is not known: " if kind == "not-known" else ""
    remedy = "look again where the modules can be had" if head else "correct the version, or the path, in go.mod"
    candidates = () if head else _tidied(seen)
    return Finding(kind, path or "graph", head + _line(said), remedy, seen.place_of(path), candidates=candidates)


def _line(text: str) -> str:
    return " ".join(text.split())[:400].removeprefix("go: ")


def _place(seen: Observed, position: str, path: str) -> Place:
    found = _POSITION.fullmatch(position)
    if found and not found["file"].startswith("/"):
        return Place(found["file"], int(found["line"]), int(found["column"]))
    return seen.place_of(path)
