"""Where each module is drawn: rings around the main module, a module behind the one that first leads to it.

A ring is a distance in requirements. Every module gets a wedge as wide as what hangs on it needs, so no two overlap;
the wedge of one on ring d may be 1/d of that of one on the first, as the ring is d times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, pi, sin

SPACING = 16.0
"""Room along a ring for each module, in the units of the picture."""

LEAST_RING = 170.0
"""Distance between rings that leaves room for names."""

ROOT = ""
"""What several main modules hang on."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the picture: ``ring`` is how far from the centre, ``angle`` in radians, ``parent`` who leads here."""

    x: float
    y: float
    ring: int
    angle: float
    parent: str


def lay_out(edges: Iterable[tuple[str, str]], mains: Iterable[str]) -> Mapping[str, Spot]:
    """Place all that main modules lead to; the same graph always gets the same picture."""
    parents, rings = _tree(edges, tuple(mains))
    children: dict[str, list[str]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    weights = _weights(list(rings), children, rings)
    top = ROOT if ROOT in rings else next(iter(rings), ROOT)
    if top not in rings:
        return {}
    ring = max(LEAST_RING, SPACING * weights[top] / (2 * pi))
    wedges = {top: (0.0, 2 * pi)}
    spots: dict[str, Spot] = {}
    for node, depth in rings.items():
        begin, width = wedges[node]
        angle = begin + width / 2
        spots[node] = Spot(cos(angle) * ring * depth, sin(angle) * ring * depth, depth, angle, parents.get(node, ROOT))
        below = sorted(children.get(node, ()))
        needed = sum(weights[one] for one in below)
        share = width / (max(weights[node], needed) if depth else needed or 1.0)
        at = angle - needed * share / 2
        for one in below:
            wedges[one] = (at, weights[one] * share)
            at += weights[one] * share
    spots.pop(ROOT, None)
    return spots


def _tree(edges: Iterable[tuple[str, str]], mains: tuple[str, ...]) -> tuple[dict[str, str], dict[str, int]]:
    """Give who first leads to each module, and how far it is; in the order of distance."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(mains)
    graph.add_edges_from(sorted(edges))
    top = mains[0] if len(mains) == 1 else ROOT
    graph.add_edges_from((ROOT, main) for main in mains if top == ROOT)
    if top not in graph:
        return {}, {}
    rings: dict[str, int] = dict(nx.single_source_shortest_path_length(graph, top))
    parents: dict[str, str] = dict(nx.bfs_predecessors(graph, top))
    return parents, rings


def _weights(outwards: list[str], children: Mapping[str, list[str]], rings: Mapping[str, int]) -> Mapping[str, float]:
    """How much of a circle each needs: that of all behind it, or its own."""
    weights: dict[str, float] = {}
    for node in reversed(outwards):
        own = 1 / max(rings[node], 1)
        weights[node] = max(own, sum(weights[child] for child in children.get(node, ())))
    return weights
