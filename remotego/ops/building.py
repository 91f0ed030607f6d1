"""Building the programs that run on targets, or taking them from this machine's cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import assert_never

from remotego.adapters.artifacts import Cache
from remotego.adapters.toolchain import Toolchain, Unusable, ask_folders, find_goroot, find_toolchains
from remotego.core.artifact import Artifact
from remotego.core.errors import BuildError
from remotego.core.recipe import Recipe
from remotego.delve.platforms import GOARCHES, build_tags
from remotego.delve.release import PACKAGE
from remotego.delve.versions import find
from remotego.golang.build import plan_module, plan_program
from remotego.golang.version import GoVersion, parse_go_version

Say = Callable[[str], None]

AGENT, GATEWAY = "agent", "gateway"
"""Our own programs in Go, by the names of their directories in this package."""

PROXY = "goproxyd"
"""The one with dependencies, which are pinned by its go.sum."""

_AGENT_NEEDS_GO = GoVersion(1, 21)
"""The go line of their go.mod."""

_NEEDS_GO = {PROXY: GoVersion(1, 25)}
"""The same where it is another one."""


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
    """``goroot`` of exactly one version of Go, ``modcache`` of any; None where this machine has none.

    ``toolchains`` are the versions of Go that this machine has.
    """

    goroot: str | None
    modcache: str | None
    toolchains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where programs are made: the ``go`` the user set (None: find one), and the cache (None: the user's)."""

    go: str | None = None
    root: Path | None = None

    def delve(
        self, version: str, goarch: str, *, goos: str = "linux", min_go: GoVersion | None = None, say: Say
    ) -> Artifact:
        """Give a static dlv ``version`` for ``goarch``, built now or taken from the cache.

        ``goos`` is that of targets, or for a developer's own dlv that of this machine.
        ``min_go`` is the oldest Go to build it with; None suits every debuggee the version can have.
        ``say`` hears when a compiler has to run. Raises UnknownDelveError, UnsupportedPlatformError,
        NoToolchainError, CompileError, WrongProgramError, BuildBusyError, CacheWriteError.
        """
        recipe, needed = _plan_delve(version, goarch, min_go, goos)
        return self.make(recipe, name_delve(version, goarch, goos), goarch, needed=needed, say=say)

    def find_delve(self, version: str, goarch: str, *, min_go: GoVersion | None = None) -> Artifact | None:
        """Give what ``delve`` would if the cache has it; None where a compiler would have to run.

        Raises UnknownDelveError, UnsupportedPlatformError, NoToolchainError.
        """
        recipe, needed = _plan_delve(version, goarch, min_go)
        toolchain = _choose(self._toolchains(), name_delve(version, goarch), needed)
        return self._cache.find(recipe.key(toolchain.version), recipe.label)

    def agent(self, goarch: str, *, say: Say) -> Artifact:
        """Give the agent for linux/``goarch``, built now from the source in this package or taken from the cache.

        Raises NoToolchainError, CompileError, WrongProgramError, BuildBusyError, CacheWriteError.
        """
        return self.program(AGENT, goarch, say=say)

    def program(self, label: str, goarch: str, *, goos: str = "linux", say: Say) -> Artifact:
        """Give a program of ours for ``goos``/``goarch``. Raises what ``agent`` raises."""
        recipe = plan_program(source_of(label), label=label, goarch=goarch, goos=goos)
        return self.make(recipe, f"the {label} for {goos}/{goarch}", goarch, needed=_needed(label), say=say)

    def cached_agents(self) -> dict[str, Artifact]:
        """Give the agents that are in the cache, by GOARCH; nothing is built. Raises NoToolchainError."""
        return self.cached(AGENT)

    def cached(self, label: str) -> dict[str, Artifact]:
        """Give a program of ours as far as the cache has it, by GOARCH. Raises NoToolchainError."""
        toolchain = _choose(self._toolchains(), f"the {label}", _needed(label))
        cache, source = Cache(self.root or default_root()), source_of(label)
        keys = {goarch: plan_program(source, label=label, goarch=goarch).key(toolchain.version) for goarch in GOARCHES}
        return {goarch: made for goarch, key in keys.items() if (made := cache.find(key, label)) is not None}

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
        modcache = next((modcache for _, modcache in asked.values()), None)
        alike = {_plain(version): goroot for version, (goroot, _) in asked.items()}
        goroot = alike.get(_plain(built_by)) or find_goroot(built_by, modcache)
        return SourceFolders(goroot, modcache, tuple(asked))

    @property
    def _cache(self) -> Cache:
        return Cache(self.root or default_root())

    def _toolchains(self) -> Iterator[Toolchain | Unusable]:
        return find_toolchains(self.go, (self.root or default_root()) / "toolchains.json")


def name_delve(version: str, goarch: str, goos: str = "linux") -> str:
    """Say which dlv, for people."""
    return f"dlv {version} for {goos}/{goarch}"


def _plan_delve(version: str, goarch: str, min_go: GoVersion | None, goos: str = "linux") -> tuple[Recipe, GoVersion]:
    """How a dlv is made, and the oldest Go that may make it."""
    release = find(version)
    tags = build_tags(release, goarch) if goos == "linux" else ()
    recipe = plan_module(release.pin, PACKAGE, label="dlv", goarch=goarch, goos=goos, tags=tags)
    return recipe, min_go or release.needs_go(None)


def _needed(label: str) -> GoVersion:
    return _NEEDS_GO.get(label, _AGENT_NEEDS_GO)


def agent_source() -> tuple[tuple[str, str], ...]:
    """Give path and text of each file the agent is built from: its tests are no part of it."""
    return source_of(AGENT)


def source_of(label: str) -> tuple[tuple[str, str], ...]:
    """Give the same of any program of ours."""
    return tuple(sorted(_source(files("remotego") / label, "")))


def _source(directory: Traversable, above: str) -> Iterator[tuple[str, str]]:
    for entry in directory.iterdir():
        path = above + entry.name
        if entry.is_dir() and entry.name != "testdata":
            yield from _source(entry, f"{path}/")
        elif entry.name in ("go.mod", "go.sum") or (entry.name.endswith(".go") and not entry.name.endswith("_test.go")):
            yield path, entry.read_text(encoding="utf-8")


def _build(recipe: Recipe, goarch: str, toolchain: Toolchain, room: Path) -> Path:
    """Imports here what only a real build needs."""
    from remotego.adapters.builder import Builder
    from remotego.golang.static import check_static

    program = Builder(toolchain.go, room).build(recipe)
    if dict(recipe.env).get("GOOS") == "linux":
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


def _plain(version: str) -> str:
    """Leave out experiments (``go1.26.8 X:loopvar``), which change no source file; development builds differ."""
    return version if version.startswith("devel") else version.partition(" X:")[0]


def default_root() -> Path:
    """Where we keep what we have built or learnt: the platform's cache."""
    from platformdirs import user_cache_path

    return user_cache_path("remotego") / "artifacts"
