"""Building the programs that run on targets, or taking them from this machine's cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from remotego.adapters.artifacts import Cache
from remotego.adapters.toolchain import Toolchain, Unusable, ask_folders, find_toolchains
from remotego.core.artifact import Artifact
from remotego.core.errors import BuildError
from remotego.core.recipe import Recipe
from remotego.delve.platforms import build_tags
from remotego.delve.release import PACKAGE
from remotego.delve.versions import find
from remotego.golang.build import plan_module
from remotego.golang.version import GoVersion, parse_go_version

Say = Callable[[str], None]


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
        recipe, needed = _plan_delve(version, goarch, min_go)
        return self.make(recipe, name_delve(version, goarch), goarch, needed=needed, say=say)

    def find_delve(self, version: str, goarch: str, *, min_go: GoVersion | None = None) -> Artifact | None:
        """Give what ``delve`` would if the cache has it; None where a compiler would have to run.

        Raises UnknownDelveError, UnsupportedPlatformError, NoToolchainError.
        """
        recipe, needed = _plan_delve(version, goarch, min_go)
        toolchain = _choose(self._toolchains(), name_delve(version, goarch), needed)
        return self._cache.find(recipe.key(toolchain.version), recipe.label)

    def make(self, recipe: Recipe, name: str, goarch: str, *, needed: GoVersion, say: Say) -> Artifact:
        """Give what a recipe makes with a Go of at least ``needed``; ``name`` is for people."""
        toolchain = _choose(self._toolchains(), name, needed)
        cache = self._cache
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

    @property
    def _cache(self) -> Cache:
        return Cache(self.root or _default_root())

    def _toolchains(self) -> Iterator[Toolchain | Unusable]:
        return find_toolchains(self.go, (self.root or _default_root()) / "toolchains.json")


def name_delve(version: str, goarch: str) -> str:
    """Say which dlv, for people."""
    return f"dlv {version} for linux/{goarch}"


def _plan_delve(version: str, goarch: str, min_go: GoVersion | None) -> tuple[Recipe, GoVersion]:
    """How a dlv is made, and the oldest Go that may make it."""
    release = find(version)
    recipe = plan_module(release.pin, PACKAGE, label="dlv", goarch=goarch, tags=build_tags(release, goarch))
    return recipe, min_go or release.needs_go(None)


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
