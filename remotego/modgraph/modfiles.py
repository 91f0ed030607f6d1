"""Where in a go.mod, go.work or go.sum something stands: lines and columns count from 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remotego.core.modfile import directives
from remotego.modgraph.lines import lines_of


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file, relative to the workspace with forward slashes."""

    file: str
    line: int = 1
    column: int = 1

    @property
    def folder(self) -> str:
        """The directory of the file in the workspace, "." for the root."""
        return self.file.rpartition("/")[0] or "."


@dataclass(frozen=True, slots=True)
class Override:
    """An exclude or replace: the module and version it is about ("" for all), and where it leads."""

    keyword: str
    path: str
    version: str
    target: str
    target_version: str
    place: Place

    @property
    def old(self) -> str:
        """What it is about, as ``go mod edit`` takes it."""
        return f"{self.path}@{self.version}" if self.version else self.path


@dataclass(frozen=True, slots=True)
class GoFile:
    """A go.mod or go.work: its name in the workspace and its text."""

    file: str
    text: str

    @property
    def folder(self) -> str:
        """Its directory in the workspace, "." for the root."""
        return Place(self.file).folder

    @property
    def module(self) -> str:
        """The module it declares, "" in go.work."""
        return next((words[1] for _, words in directives(self.text) if words[:1] == ["module"] and words[1:]), "")

    @property
    def requires(self) -> dict[str, str]:
        """Path and version of what it requires."""
        return {
            words[1]: words[2] for _, words in directives(self.text) if words[:1] == ["require"] and len(words) >= 3
        }

    def value(self, keyword: str) -> str:
        """Give what stands behind ``go`` or ``toolchain``, "" where that is missing."""
        return next((words[1] for _, words in directives(self.text) if words[:1] == [keyword] and words[1:]), "")

    def overrides(self) -> Iterator[Override]:
        """Give its exclude and replace directives."""
        for number, words in directives(self.text):
            match words:
                case ["exclude", path, version]:
                    yield Override("exclude", path, version, "", "", self._at(number, path))
                case ["replace", path, "=>", target]:
                    yield Override("replace", path, "", target, "", self._at(number, path))
                case ["replace", path, "=>", target, to]:
                    yield Override("replace", path, "", target, to, self._at(number, path))
                case ["replace", path, version, "=>", target, *to]:
                    yield Override("replace", path, version, target, "".join(to[:1]), self._at(number, path))

    def place(self, keyword: str, path: str = "") -> Place:
        """Find a directive, or the one of its kind about a module; the top of the file where there is none."""
        for number, words in directives(self.text):
            if words[:1] == [keyword] and (not path or path in words[1:2]):
                return self._at(number, path or keyword)
        return Place(self.file)

    def _at(self, number: int, word: str) -> Place:
        line = self.text.splitlines()[number - 1]
        return Place(self.file, number, max(line.find(word), 0) + 1)


@dataclass(frozen=True, slots=True)
class Sum:
    """A line of go.sum: the hash of a module's files, or with ``of_gomod`` of its go.mod; ``line`` as it is written."""

    path: str
    version: str
    of_gomod: bool
    hash: str
    place: Place
    line: str = ""


def parse_sums(text: str, file: str) -> Iterator[Sum]:
    """Read a go.sum or go.work.sum; a line without three fields is passed over, and told by ``malformed``."""
    for number, line in enumerate(lines_of(text), 1):
        words = line.split()
        if len(words) == 3:
            path, version, value = words
            of_gomod = version.endswith("/go.mod")
            yield Sum(path, version.removesuffix("/go.mod"), of_gomod, value, Place(file, number), line)


def malformed(text: str, file: str) -> Iterator[tuple[Place, str]]:
    """Give the lines of a go.sum that cmd/go refuses: each has three fields (cmd/go/internal/modfetch, readGoSum)."""
    for number, line in enumerate(lines_of(text), 1):
        if line.strip() and len(line.split()) != 3:
            yield Place(file, number), line
