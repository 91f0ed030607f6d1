"""A picture of the module graph: a node for each module at its selected version, with its findings, and its links."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remotego.modgraph.catalogue import WORST_FIRST, Level
from remotego.modgraph.finding import Finding
from remotego.modgraph.graph import ModuleGraph
from remotego.modgraph.layout import Spot, lay_out


@dataclass(frozen=True, slots=True)
class Link:
    """A requirement of ``version``; ``by`` is the version of who requires it where that is not selected."""

    source: str
    target: str
    version: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """``versions`` of the modules that are selected, the ``direct`` ones among them, and what is found about each."""

    title: str
    versions: Mapping[str, str]
    mains: tuple[str, ...]
    direct: frozenset[str]
    links: tuple[Link, ...]
    findings: tuple[Finding, ...]
    go: str = ""

    def about(self, path: str) -> tuple[int, ...]:
        """The findings about a module, by number."""
        return tuple(number for number, one in enumerate(self.findings) if subject(one, self) == path)

    def level(self, path: str) -> Level | None:
        """The worst level of a module's findings."""
        levels = [self.findings[number].level for number in self.about(path)]
        return min(levels, key=WORST_FIRST.index, default=None)


def subject(one: Finding, picture: Picture) -> str:
    """The module a finding is about; the first main one for what is about a file."""
    last = one.module.rpartition(": ")[2]
    for name in (last, last.partition("@")[0], *(each.partition("@")[0] for each in reversed(one.chain))):
        if name in picture.versions:
            return name
    same = [path for path in picture.versions if path.startswith((f"{last}/v", f"{last}.v"))]
    return (same or list(picture.mains) or [""])[0]


def draw(graph: ModuleGraph, direct: frozenset[str], findings: Sequence[Finding], title: str, go: str) -> Picture:
    """Merge the versions of each module into one node. Requirements of go lines are no links."""
    versions = {path: version for path, version in graph.selected.items() if path not in ("go", "toolchain")}
    links = dict.fromkeys(
        Link(one.path, other.path, other.version, "" if one.version == versions.get(one.path) else one.version)
        for one, other in graph.edges
        if one.is_module and other.is_module and one.path != other.path
    )
    mains = tuple(node.path for node in graph.mains)
    return Picture(title, versions, mains, direct, tuple(links), tuple(findings), go)


def data(picture: Picture) -> str:
    """Give it as JSON for the page: nodes as [path, version, x, y, ring, angle, parent, kind, level, findings]."""
    spots = lay_out(((one.source, one.target) for one in picture.links), picture.mains)
    order = {path: number for number, path in enumerate(spots)}
    about: dict[str, list[int]] = {}
    for number, one in enumerate(picture.findings):
        about.setdefault(subject(one, picture), []).append(number)
    return json.dumps(
        {
            "title": picture.title,
            "go": picture.go,
            "nodes": [_node(picture, path, spot, order, about.get(path, [])) for path, spot in spots.items()],
            "links": [
                [order[one.source], order[one.target], one.version, one.by]
                for one in picture.links
                if one.source in order and one.target in order
            ],
            "findings": [_finding(one) for one in picture.findings],
        },
        separators=(",", ":"),
    )


def _node(picture: Picture, path: str, spot: Spot, order: Mapping[str, int], about: Sequence[int]) -> list[Any]:
    kind = 0 if path in picture.mains else 1 if path in picture.direct else 2
    levels = [picture.findings[number].level for number in about]
    level = min(levels, key=WORST_FIRST.index, default="")
    place = [round(spot.x), round(spot.y), spot.ring, round(spot.angle, 4), order.get(spot.parent, -1)]
    return [path, picture.versions.get(path, ""), *place, kind, level, list(about)]


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "level": one.level,
        "title": one.sort.title,
        "evidence": one.evidence,
        "remedy": one.remedy,
        "place": f"{one.place.file}:{one.place.line}",
        "edit": list(one.proposal.edit.written()) if one.proposal else [],
    }


def render_dot(picture: Picture) -> Iterator[str]:
    """Write it for Graphviz."""
    yield "digraph modules {"
    yield '  node [shape=box, style=rounded, fontname="sans-serif"];'
    about = {subject(one, picture) for one in picture.findings if one.level in ("failure", "warning")}
    for path, version in picture.versions.items():
        label = _quoted(f"{path}\n{version}" if version else path)
        yield f"  {_quoted(path)} [label={label}{', color=red' if path in about else ''}];"
    for one in picture.links:
        style = ", style=dashed" if one.by else ""
        yield f"  {_quoted(one.source)} -> {_quoted(one.target)} [label={_quoted(one.version)}{style}];"
    yield "}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
