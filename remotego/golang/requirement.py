"""Requirements: which Go a workspace's go.mod and go.work ask for, and whether a version is enough. Pure.

``go`` is the least version that may work on the module: an older go command ends with an error. ``toolchain`` only
says what GOTOOLCHAIN=auto would rather run; with GOTOOLCHAIN=local nobody reads it (go.dev/doc/toolchain).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remotego.core.errors import BuildError
from remotego.core.modfile import directives
from remotego.golang.version import GoVersion, parse_go_version


@dataclass(frozen=True, slots=True)
class Requirement:
    """What the ``keyword`` go or toolchain says in a ``file``; ``module`` is None in go.work."""

    file: str
    line: int
    module: str | None
    keyword: str
    version: str

    @property
    def who(self) -> str:
        """Who asks for it, for people."""
        return f"module {self.module}" if self.module else "go.work"


@dataclass(eq=False)
class NewerGoNeededError(BuildError):
    """A version of Go that is too old for the workspace."""

    file: str
    line: int
    who: str
    needed: str
    version: str
    better: str
    others: str
    what = (
        "{file}:{line}: {who} requires go >= {needed}{others}; with {version} every go command there would end with "
        '"requires go >= {needed} (running go {version}; GOTOOLCHAIN=local)"'
    )
    remedy = "use Go {better} or newer; or, if the module does not need it, lower that line (go mod edit -go={version})"


def parse_requirements(text: str, file: str) -> Iterator[Requirement]:
    """Read the go and toolchain lines of a go.mod or go.work; what makes no sense is left for go to complain about."""
    module: str | None = None
    for number, words in directives(text):
        match words:
            case ["module", path]:
                module = path
            case ["go" | "toolchain" as keyword, version] if _version(version):
                yield Requirement(file, number, module, keyword, version.removeprefix("go"))


def check_requirements(version: str, requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """Check that a version of Go is new enough; give notes on toolchain lines that will not be followed.

    Raises NewerGoNeededError, about the highest of those that ask for more.
    """
    chosen = parse_go_version(f"go{version}")
    known = [(one, found) for one in requirements if (found := _version(one.version))]
    above = [(one, found) for one, found in known if one.keyword == "go" and found > chosen]
    if above:
        worst, needed = max(above, key=lambda pair: pair[1])
        raise NewerGoNeededError(
            file=worst.file,
            line=worst.line,
            who=worst.who,
            needed=worst.version,
            version=version,
            better=_better(needed, known),
            others=f" (and {len(above) - 1} more ask for a newer one)" if len(above) > 1 else "",
        )
    return tuple(
        f"{one.file}:{one.line}: toolchain go{one.version} is newer than {version} and is not followed: "
        "GOTOOLCHAIN=local fetches nothing"
        for one, found in known
        if one.keyword == "toolchain" and found > chosen
    )


def _better(needed: GoVersion, known: Iterable[tuple[Requirement, GoVersion]]) -> str:
    """Choose what to recommend: what a toolchain line names if that is enough, else the least that is."""
    named = [found for one, found in known if one.keyword == "toolchain" and found >= needed]
    return str(max(named, default=needed))


def _version(text: str) -> GoVersion | None:
    try:
        return parse_go_version(text)
    except ValueError:
        return None
