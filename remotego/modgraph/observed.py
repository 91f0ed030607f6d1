"""What was seen of a workspace: files as they are, and what go answered in a copy of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from remotego.core.answer import Answer
from remotego.modgraph.graph import ModuleGraph, parse_graph
from remotego.modgraph.listing import Listed, Package, parse_modules, parse_packages
from remotego.modgraph.modfiles import GoFile, Override, Place, Sum, parse_sums


@dataclass(frozen=True, slots=True)
class Fresh:
    """A module downloaded anew into an empty cache: its hashes as they came, or the ``error``.

    ``vouched`` tells whether the checksum database confirms them; None where it was not asked or did not answer.
    ``database`` is the hash it has instead.
    """

    hash: str = ""
    gomod: str = ""
    vouched: bool | None = None
    database: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Cached:
    """A module in the cache: the hash noted at its download, and those of the files that are there ("" without one).

    ``changed`` names what ``go mod verify`` found changed, ``fresh`` what a new download gave where one was made.
    """

    path: str
    version: str
    noted: str = ""
    zip: str = ""
    gomod: str = ""
    changed: tuple[str, ...] = ()
    fresh: Fresh | None = None


@dataclass(frozen=True, slots=True)
class Vendored:
    """A vendor directory: whether go builds from it, and how it differs from what go would put there.

    ``differences`` are pairs of a file and what is so of it; None where go could not make it anew (``made`` says why).
    """

    check: Answer
    made: Answer = field(default_factory=Answer)
    differences: tuple[tuple[str, str], ...] | None = ()


@dataclass(frozen=True)
class Observed:
    """A workspace: its go.mod ``files``, the go.work if there is one, and every go.sum as pairs of name and text.

    ``missing`` are directories named by replace or use that have no go.mod, as written there.
    """

    files: tuple[GoFile, ...]
    work: GoFile | None = None
    sums: tuple[tuple[str, str], ...] = ()
    missing: frozenset[tuple[str, str]] = frozenset()
    go: str = ""
    graph_answer: Answer = field(default_factory=Answer)
    modules_answer: Answer = field(default_factory=Answer)
    packages_answer: Answer = field(default_factory=Answer)
    upstream_answer: Answer = field(default_factory=Answer)
    unexcluded: Answer | None = None
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cached: tuple[Cached, ...] = ()
    vendored: Vendored | None = None

    @cached_property
    def graph(self) -> ModuleGraph:
        """The module graph; empty where go could not tell."""
        return parse_graph(self.graph_answer.out, [one.module for one in self.files if one.module])

    @cached_property
    def modules(self) -> Mapping[str, Listed]:
        """The modules of the build list, by path."""
        return {one.path: one for one in parse_modules(self.modules_answer.out)}

    @cached_property
    def packages(self) -> tuple[Package, ...]:
        """The packages that a build needs, and those of tests."""
        return tuple(parse_packages(self.packages_answer.out))

    @cached_property
    def upstream(self) -> Mapping[str, Listed]:
        """What their sources say of required modules."""
        return {one.path: one for one in parse_modules(self.upstream_answer.out)}

    @cached_property
    def all_sums(self) -> tuple[Sum, ...]:
        """Every line of every go.sum."""
        return tuple(one for file, text in self.sums for one in parse_sums(text, file))

    def overrides(self, keyword: str) -> Iterator[tuple[GoFile, Override]]:
        """Give the exclude or replace directives that count: those of main modules, and of go.work."""
        for file in (*self.files, *([self.work] if self.work else [])):
            yield from ((file, one) for one in file.overrides() if one.keyword == keyword)

    def place_of(self, path: str) -> Place:
        """Where a module is required; else where a first reader would look for it."""
        for file in self.files:
            if path in file.requires:
                return file.place("require", path)
        return self.files[0].place("module") if self.files else Place("go.mod")

    def folder_of(self, path: str) -> str:
        """The directory of the module that requires a module, or of the first."""
        return next((one.folder for one in self.files if path in one.requires), self.files[0].folder)

    def owner(self, package: str) -> str:
        """The module that a package belongs to by its name, "" for none."""
        owners = [path for path in self.graph.selected if package == path or package.startswith(f"{path}/")]
        return max(owners, key=len, default="")
