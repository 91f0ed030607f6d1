"""The graph, versions, places in files and the layout: text and data in, text and data out."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.modgraph.edits import DropLines
from remotego.modgraph.graph import Node, parse_graph
from remotego.modgraph.layout import SPACING, lay_out
from remotego.modgraph.lines import with_ends_of
from remotego.modgraph.listing import parse_modules
from remotego.modgraph.modfiles import GoFile, Place, malformed, parse_sums
from remotego.modgraph.versions import family, is_higher
from tests.modgraph.big import MAIN, big_graph

GRAPH = """example.com/main example.com/b@v1.0.0
example.com/main example.com/a@v1.1.0
example.com/main go@1.21
example.com/b@v1.0.0 example.com/a@v1.1.0
example.com/a@v1.1.0 example.com/c@v0.1.0
example.com/b@v1.0.0 example.com/c@v0.0.1
go@1.21 toolchain@go1.21
"""

GO_MOD = """module example.com/main // the service

go 1.21
toolchain go1.26.8

require (
	example.com/a v1.1.0
	example.com/b v1.0.0 // indirect
)
require example.com/c v0.1.0

exclude example.com/a v1.0.0
replace example.com/b => ../b
replace example.com/c v0.1.0 => example.com/fork v0.2.0
"""


@pytest.mark.parametrize(
    ("path", "lower", "higher"),
    [
        ("m", "v1.9.0", "v1.10.0"),
        ("m", "v1.0.0-rc.1", "v1.0.0"),
        ("m", "v0.0.0-20240101000000-abcdefabcdef", "v0.0.0-20250101000000-000000000000"),
        ("m", "v1.2.4-0.20240101000000-abcdefabcdef", "v1.2.4"),
        ("m", "v1.2.3", "v1.2.4-0.20240101000000-abcdefabcdef"),
        ("m", "v1.5.0", "v2.0.0+incompatible"),
        ("m", "nonsense", "v0.0.1"),
        ("go", "1.21", "1.21.0"),
        ("go", "1.9", "1.10"),
        ("toolchain", "go1.26.7", "go1.26.8"),
    ],
)
def test_the_higher_version(path: str, lower: str, higher: str) -> None:
    """As golang.org/x/mod/semver and go/version order them."""
    assert (True, False) == (is_higher(path, higher, lower), is_higher(path, lower, higher))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("example.com/a", "example.com/a"),
        ("example.com/a/v2", "example.com/a"),
        ("gopkg.in/yaml.v3", "gopkg.in/yaml"),
        ("gopkg.in/x.v0-unstable", "gopkg.in/x"),
        ("example.com/a.v2", "example.com/a.v2"),
        ("example.com/v2ray", "example.com/v2ray"),
    ],
)
def test_majors_of_one_family(path: str, name: str) -> None:
    """What differs by its major version alone."""
    assert name == family(path)


def test_what_is_selected_and_why() -> None:
    """The highest version that anything requires, and the shortest way to it."""
    graph = parse_graph(GRAPH)
    assert ("v0.1.0", "1.21", "") == tuple(graph.selected[path] for path in ("example.com/c", "go", "example.com/main"))
    assert ["example.com/main", "example.com/a@v1.1.0", "example.com/c@v0.1.0"] == [
        str(node) for node in graph.chain(Node("example.com/c", "v0.1.0"))
    ]
    assert (Node("example.com/b", "v1.0.0"),) == graph.demanders(Node("example.com/c", "v0.0.1"))


_VERSIONS = st.integers(0, 3).map(lambda minor: f"v1.{minor}.0")
_NODES = st.tuples(st.sampled_from("abcd"), _VERSIONS)


@given(st.lists(st.tuples(_NODES, _NODES), max_size=20), st.lists(_NODES, min_size=1, max_size=3))
def test_selection_is_the_maximum_of_what_is_required(
    edges: list[tuple[tuple[str, str], ...]], top: list[tuple[str, str]]
) -> None:
    """Against the definition, written as simply as can be."""
    lines = [f"main {path}@{version}" for path, version in top]
    lines += [" ".join(f"{path}@{version}" for path, version in edge) for edge in edges]
    nodes = [*top, *itertools.chain.from_iterable(edges)]
    expected = {path: max(version for name, version in nodes if name == path) for path, _ in nodes}
    assert {"main": "", **expected} == dict(parse_graph("\n".join(lines)).selected)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Whatever go may print one day, reading it ends."""
    parse_graph(text)
    list(parse_modules(text))
    list(parse_sums(text, "go.sum"))
    list(GoFile("go.mod", text).overrides())


@pytest.mark.parametrize(
    ("keyword", "path", "place"),
    [
        ("go", "", (3, 1)),
        ("toolchain", "", (4, 1)),
        ("require", "example.com/a", (7, 2)),
        ("require", "example.com/c", (10, 9)),
        ("require", "example.com/z", (1, 1)),
    ],
)
def test_where_a_directive_stands(keyword: str, path: str, place: tuple[int, int]) -> None:
    """Line and column, in a block or alone; the top of the file for what is not there."""
    assert Place("go.mod", *place) == GoFile("go.mod", GO_MOD).place(keyword, path)


def test_exclude_and_replace_are_read() -> None:
    """With and without versions on either side."""
    read = [
        (one.keyword, one.old, one.target, one.target_version, one.place.line)
        for one in GoFile("x", GO_MOD).overrides()
    ]
    assert [
        ("exclude", "example.com/a@v1.0.0", "", "", 12),
        ("replace", "example.com/b", "../b", "", 13),
        ("replace", "example.com/c@v0.1.0", "example.com/fork", "v0.2.0", 14),
    ] == read


def test_lines_that_go_refuses_are_named() -> None:
    """By number and text; only a line feed ends a line."""
    text = "m v1.0.0 h1:a=\r\nm v1 h1:d= // x\r\n\r\nm v1.0.0/go.mod h1:b=\x0c\nm v1"
    assert [(2, "m v1 h1:d= // x"), (5, "m v1")] == [(place.line, line) for place, line in malformed(text, "go.sum")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_torn_line_takes_no_other_with_it(end: str) -> None:
    """What begins as it does stays, and so do line ends, bytes of any encoding and the last line."""
    lines = ["m v1.0.0 h1:a=", "m v1.0", "m v1.0.0/go.mod h1:b=", "\udcff x \udcfe y", "m v1.0.1 h1:c="]
    kept = [lines[0], lines[2], lines[4]]
    assert end.join(kept) == DropLines("go.sum", (lines[1], lines[3])).dropped(end.join(lines))


def test_what_go_has_written_gets_the_line_ends_there_were() -> None:
    """Those of Windows where all were such; any other text stays as go writes it."""
    assert ("a\r\nb\r\n", "a\n", "a\n") == (
        with_ends_of("x\r\ny\r\n", "a\nb\n"),
        with_ends_of("x\r\ny\n", "a\n"),
        with_ends_of("", "a\n"),
    )


def test_no_two_modules_are_drawn_on_each_other() -> None:
    """Neighbours on a ring are as far apart as names need."""
    graph = big_graph()
    spots = lay_out(((one.path, other.path) for one, other in graph.edges), [MAIN])
    rings: dict[int, list[float]] = {}
    for spot in spots.values():
        rings.setdefault(spot.ring, []).append(math.atan2(spot.y, spot.x) % (2 * math.pi))
    radius = {spot.ring: math.hypot(spot.x, spot.y) for spot in spots.values()}
    gaps = [
        (after - before) * radius[ring]
        for ring, angles in rings.items()
        if ring
        for before, after in itertools.pairwise([*sorted(angles), min(angles) + 2 * math.pi])
    ]
    assert (len(graph.selected), True) == (len(spots), min(gaps) >= SPACING * 0.99)


def test_the_picture_is_the_same_every_time() -> None:
    """Whatever order the requirements come in."""
    edges = [(one.path, other.path) for one, other in big_graph(300).edges]
    assert lay_out(edges, [MAIN]) == lay_out(reversed(edges), [MAIN])


def test_several_main_modules_stand_around_the_middle() -> None:
    """A go.work has no main module of its own."""
    spots = lay_out([("a", "x"), ("b", "x"), ("b", "y")], ["a", "b"])
    assert {"a": 1, "b": 1, "x": 2, "y": 2} == {path: spot.ring for path, spot in spots.items()}
