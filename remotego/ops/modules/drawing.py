"""Drawing the modules of a workspace: the graph with what is found about each, as a page or as chains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.files import Original
from remotego.core.errors import BuildError, MissingError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.terminal import inert
from remotego.modgraph.finding import Finding
from remotego.modgraph.graph import ModuleGraph, Node, write_chain
from remotego.modgraph.page import render_page
from remotego.modgraph.picture import Picture, draw
from remotego.ops.modules.diagnosing import diagnose_modules
from remotego.ops.modules.pages import put_text


@dataclass(eq=False)
class NoGraphError(BuildError):
    """go cannot tell the graph."""

    reason: str
    what = "go does not give the module graph: {reason}"
    remedy = "see what `remotego mod.doctor` finds, and put that right first"


@dataclass(eq=False)
class NoSuchModuleError(MissingError):
    """A module that is not in the build."""

    module: str
    what = "{module} is not in the module graph"
    remedy = "`remotego mod.graph --json` lists the modules; give the whole path, with its /v2 if it has one"


@dataclass(frozen=True, slots=True)
class Drawn:
    """The graph of the workspace at ``root``, and its picture."""

    root: Path
    graph: ModuleGraph
    picture: Picture


def draw_modules(settings: Settings, progress: Progress) -> Drawn:
    """Look at the modules and draw them. Raises NoGraphError, and what diagnosing raises."""
    found = diagnose_modules(settings, progress, edits=False)
    if not found.seen.graph_answer.ok:
        raise NoGraphError(_reason(found.findings, found.seen.graph_answer.complaint))
    mains = found.seen.files
    title = mains[0].module if len(mains) == 1 else found.root.name
    graph = found.seen.graph
    direct = {other.path for one, other in graph.edges if not one.version and other.is_module}
    indirect = {path for path, one in found.seen.modules.items() if one.indirect}
    picture = draw(graph, frozenset(direct - indirect), found.findings, title, found.go)
    return Drawn(found.root, graph, picture)


def _reason(findings: tuple[Finding, ...], complaint: str) -> str:
    return findings[0].evidence if findings else " ".join(inert(complaint).split())[:300]


def write_page(place: Original, picture: Picture, *, dry: bool) -> bool:
    """Write the page; tell whether it was another one before. Raises UnwritableFileError, ChangedFileError."""
    return put_text(place, render_page(picture), dry=dry)


def chains(found: Drawn, path: str) -> list[tuple[Node, ...]]:
    """Give the shortest chain through each module that requires a module, those first that name the selected version.

    Raises NoSuchModuleError.
    """
    if path not in found.picture.versions:
        raise NoSuchModuleError(path)
    nodes = [node for node in found.graph.nodes if node.path == path]
    nodes.sort(key=lambda node: node.version != found.picture.versions[path])
    return [
        (*found.graph.chain(by), node)
        for node in nodes
        for by in sorted(found.graph.demanders(node), key=lambda one: len(found.graph.chain(one)))
    ]


def why_lines(found: Drawn, path: str) -> list[str]:
    """Say why a module is there."""
    selected = Node(path, found.picture.versions.get(path, ""))
    lines = [write_chain(chain) for chain in chains(found, path)]
    return [f"{selected} is selected", *lines] if lines else [f"{selected} is a main module"]
