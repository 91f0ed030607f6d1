"""A module graph of two thousand modules, the same every time."""

import random

from remotego.modgraph.finding import Finding
from remotego.modgraph.graph import ModuleGraph, parse_graph
from remotego.modgraph.modfiles import Place
from remotego.modgraph.picture import Picture, draw

MAIN = "example.com/main"
MODULES = 2000
DIRECT = 40
HOSTS = ("github.com/acme", "golang.example/x", "github.com/hashline", "k8s.example", "gopkg.in", "go.example.org")
WORDS = ("store", "wire", "log", "mesh", "auth", "codec", "net", "cloud", "trace", "index", "query", "cache")


def names(number: int = MODULES, seed: int = 7) -> list[str]:
    """Make module paths up."""
    draws = random.Random(seed)
    return [f"{draws.choice(HOSTS)}/{draws.choice(WORDS)}{at}" for at in range(number)]


def big_graph(number: int = MODULES, seed: int = 7) -> ModuleGraph:
    """Make a graph: each module is required by one of those before it, and requires up to four of them."""
    draws, paths = random.Random(seed), names(number, seed)
    at = {path: f"v1.{draws.randint(0, 9)}.{draws.randint(0, 9)}" for path in paths}
    lines = [f"{MAIN} {path}@{at[path]}" for path in paths[:DIRECT]]
    for index in range(DIRECT, number):
        path, above = paths[index], paths[draws.randint(0, index // 2)]
        lines.append(f"{above}@{at[above]} {path}@{at[path]}")
        for other in draws.sample(paths[:index], draws.randint(0, 4)):
            lines.append(f"{path}@{at[path]} {other}@{at[other]}")
    return parse_graph("\n".join(lines), [MAIN])


def big_picture() -> Picture:
    """Draw it, with findings about a few of them."""
    paths = names()
    found = [
        _finding("forced-upgrade", paths[3], "it is required at v1.0.0, and a higher version is selected"),
        _finding("retracted", paths[120], "it is retracted: it eats data"),
        _finding("deprecated", paths[411], "it is deprecated: use another one"),
        _finding("several-majors", paths[900], "two majors of it are in the build"),
    ]
    return draw(big_graph(), frozenset(paths[:DIRECT]), found, MAIN, "1.26.8")


def _finding(kind: str, module: str, evidence: str) -> Finding:
    return Finding(kind, module, evidence, "see what its author says", Place("go.mod", 12, 2))
