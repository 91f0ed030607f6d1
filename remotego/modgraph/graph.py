"""The module graph as ``go mod graph`` prints it, and what minimal version selection makes of it.

A line is a requirement: a module and one that its go.mod requires, both as path@version; main modules have no version
(go.dev/ref/mod#go-mod-graph). Selected is the highest version of each path that anything reachable requires.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from remotego.modgraph.versions import GO, TOOLCHAIN, rank

if TYPE_CHECKING:
    import networkx as nx


class Node(NamedTuple):
    """A module at a version; that of a main module is ""."""

    path: str
    version: str = ""

    def __str__(self) -> str:
        """Write it as go does."""
        return f"{self.path}@{self.version}" if self.version else self.path

    @property
    def is_module(self) -> bool:
        """Whether it is a module, not the go or toolchain line of one."""
        return self.path not in (GO, TOOLCHAIN)


Edge = tuple[Node, Node]


@dataclass(frozen=True)
class ModuleGraph:
    """Its requirements, ``edges`` from a module to what its go.mod names."""

    edges: tuple[Edge, ...] = ()
    alone: tuple[Node, ...] = field(default=())
    """Main modules that require nothing, which have no line."""

    @cached_property
    def mains(self) -> tuple[Node, ...]:
        """The main modules, in the order in which they come."""
        named = (node for edge in self.edges for node in edge if not node.version)
        return tuple(dict.fromkeys((*named, *self.alone)))

    @cached_property
    def selected(self) -> Mapping[str, str]:
        """The version of each path that a build uses."""
        best = {node.path: "" for node in self.mains}
        for node in self.nodes:
            if node.path not in best or (best[node.path] and rank(*node) > rank(node.path, best[node.path])):
                best[node.path] = node.version
        return best

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All that is in it."""
        return tuple(dict.fromkeys((*self.alone, *(node for edge in self.edges for node in edge))))

    @cached_property
    def _demand(self) -> Mapping[Node, tuple[Node, ...]]:
        found: dict[Node, list[Node]] = {}
        for one, other in self.edges:
            found.setdefault(other, []).append(one)
        return {node: tuple(dict.fromkeys(by)) for node, by in found.items()}

    def demanders(self, node: Node) -> tuple[Node, ...]:
        """Give the modules whose go.mod names exactly this."""
        return self._demand.get(node, ())

    @cached_property
    def digraph(self) -> nx.DiGraph[Any]:
        """The same for networkx."""
        import networkx as nx

        graph: nx.DiGraph[Any] = nx.DiGraph()
        graph.add_nodes_from(self.nodes)
        graph.add_edges_from(self.edges)
        return graph

    @cached_property
    def _routes(self) -> Mapping[Node, list[Node]]:
        """The shortest way from a main module to each node."""
        import networkx as nx

        mains = set(self.mains)
        routes = nx.multi_source_dijkstra_path(self.digraph, mains, weight=None) if mains else {}
        return {node: list(route) for node, route in routes.items()}

    def chain(self, node: Node) -> tuple[Node, ...]:
        """Give the shortest chain of requirements from a main module to a node; () where there is none."""
        return tuple(self._routes.get(node, ()))


def parse_graph(text: str, mains: Iterable[str] = ()) -> ModuleGraph:
    """Read what ``go mod graph`` prints; ``mains`` are main modules, of which some may require nothing."""
    edges = tuple(
        (_node(words[0]), _node(words[1])) for line in text.splitlines() if len(words := line.split(" ")) == 2
    )
    return ModuleGraph(edges, tuple(Node(path) for path in mains))


def _node(word: str) -> Node:
    path, _, version = word.partition("@")
    return Node(path, version)


def write_chain(chain: Iterable[Node]) -> str:
    """Write a chain for people."""
    return " -> ".join(map(str, chain))
