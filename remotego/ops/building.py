"""Building the programs that run on targets, or taking them from this machine's cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import assert_never

from remotego.adapters.artifacts import Cache
from remotego.adapters.toolchain import Toolchain, Unusable, ask_folders, find_toolchains
from remotego.core.artifact import Artifact
from remotego.core.errors import BuildError
from remotego.core.recipe import Recipe
from remotego.delve.platforms import GOARCHES, build_tags
from remotego.delve.release import PACKAGE
from remotego.delve.versions import find
from remotego.golang.build import plan_module, plan_program
from remotego.golang.version import GoVersion, parse_go_version

Say = Callable[[str], None]

AGENT = "agent"
_AGENT_NEEDS_GO = GoVersion(1, 21)
"""The go line of its go.mod."""


@dataclass(eq=False)
class NoToolchainError(BuildError):
    """No Go here can build what is wanted."""

    wanted: str
    needed: str
    tried: str
    what = "building {wanted} takes Go {needed} or later ({tried})"
    remedy = (
        "install Go {needed} or later from https://go.dev/dl and put it on PATH, or run: pip install 'remotego[go]'"
    )


@dataclass(frozen=True, slots=True)
class SourceFolders:
    """``goroot`` of exactly one version of Go, ``modcache`` of any; None where this machine has none."""

    goroot: str | None
    modcache: str | None


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where programs are made: the ``go`` the user set (None: find one), and the cache (None: the user's)."""

    go: str | None = None
    root: Path | None = None

    def delve(self, version: str, goarch: str, *, min_go: GoVersion | None = None, say: Say) -> Artifact:
        """Give a static dlv ``version`` for linux/``goarch``, built now or taken from the cache.

        ``min_go`` is the oldest Go to build it with; None suits every debuggee the version can have.
        ``say`` hears when a compiler has to run. Raises UnknownDelveError, UnsupportedPlatformError,
        NoToolchainError, CompileError, WrongProgramError, BuildBusyError, CacheWriteError.
        """
        release = find(version)
        tags = build_tags(release, goarch)
        recipe = plan_module(release.pin, PACKAGE, label="dlv", goarch=goarch, tags=tags)
        needed = min_go or release.needs_go(None)
        return self.make(recipe, f"dlv {release.version} for linux/{goarch}", goarch, needed=needed, say=say)

    def agent(self, goarch: str, *, say: Say) -> Artifact:
        """Give the agent for linux/``goarch``, built now from the source in this package or taken from the cache.

        Raises NoToolchainError, CompileError, WrongProgramError, BuildBusyError, CacheWriteError.
        """
        recipe = plan_program(agent_source(), label=AGENT, goarch=goarch)
        return self.make(recipe, f"the agent for linux/{goarch}", goarch, needed=_AGENT_NEEDS_GO, say=say)

    def cached_agents(self) -> dict[str, Artifact]:
        """Give the agents that are in the cache, by GOARCH; nothing is built. Raises NoToolchainError."""
        toolchain = _choose(self._toolchains(), "the agent", _AGENT_NEEDS_GO)
        cache, source = Cache(self.root or _default_root()), agent_source()
        keys = {goarch: plan_program(source, label=AGENT, goarch=goarch).key(toolchain.version) for goarch in GOARCHES}
        return {goarch: made for goarch, key in keys.items() if (made := cache.find(key, AGENT)) is not None}

    def make(self, recipe: Recipe, name: str, goarch: str, *, needed: GoVersion, say: Say) -> Artifact:
        """Give what a recipe makes with a Go of at least ``needed``; ``name`` is for people."""
        toolchain = _choose(self._toolchains(), name, needed)
        cache = Cache(self.root or _default_root())
        key = recipe.key(toolchain.version)
        if (made := cache.find(key, recipe.label)) is not None:
            return made
        with cache.building(key) as room:
            if (made := cache.find(key, recipe.label)) is not None:
                return made
            say(f"building {name} with {toolchain.version}")
            return cache.keep(key, recipe.label, _build(recipe, goarch, toolchain, room))

    def source_folders(self, built_by: str) -> SourceFolders:
        """Find the sources that no workspace holds: those of the Go that built a program, and of modules."""
        found = [one for one in self._toolchains() if isinstance(one, Toolchain)]
        asked = {one.version: ask_folders(one) for one in found}
        goroot, _ = asked.get(built_by, (None, ""))
        return SourceFolders(goroot, next((modcache for _, modcache in asked.values()), None))

    def _toolchains(self) -> Iterator[Toolchain | Unusable]:
        return find_toolchains(self.go, (self.root or _default_root()) / "toolchains.json")


def agent_source() -> tuple[tuple[str, str], ...]:
    """Give path and text of each file the agent is built from: its tests are no part of it."""
    return tuple(sorted(_source(files("remotego") / "agent", "")))


def _source(directory: Traversable, above: str) -> Iterator[tuple[str, str]]:
    for entry in directory.iterdir():
        path = above + entry.name
        if entry.is_dir() and entry.name != "testdata":
            yield from _source(entry, f"{path}/")
        elif entry.name == "go.mod" or (entry.name.endswith(".go") and not entry.name.endswith("_test.go")):
            yield path, entry.read_text(encoding="utf-8")


def _build(recipe: Recipe, goarch: str, toolchain: Toolchain, room: Path) -> Path:
    """Imports here what only a real build needs."""
    from remotego.adapters.builder import Builder
    from remotego.golang.static import check_static

    program = Builder(toolchain.go, room).build(recipe)
    with program.open("rb") as file:
        check_static(file, goarch)
    return program


def _choose(candidates: Iterable[Toolchain | Unusable], name: str, needed: GoVersion) -> Toolchain:
    """Take the first that is new enough; later ones are not even asked."""
    tried = []
    for candidate in candidates:
        match candidate:
            case Toolchain() if _is_at_least(candidate.version, needed):
                return candidate
            case Toolchain():
                tried.append(f"{candidate.go} is {candidate.version}")
            case Unusable():
                tried.append(f"{candidate.place}: {candidate.reason}")
            case _:
                assert_never(candidate)
    raise NoToolchainError(name, str(needed), "; ".join(tried))


def _is_at_least(version: str, needed: GoVersion) -> bool:
    """A version that cannot be read is not trusted to be new enough."""
    try:
        return parse_go_version(version) >= needed
    except ValueError:
        return False


def _default_root() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("remotego") / "artifacts"
