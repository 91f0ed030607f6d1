"""Gathering what a bundle shall hold: go fetches it into a cache of its own, and says what came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from remotego.adapters.filetree import FileTree
from remotego.adapters.gomodules import NoModuleError
from remotego.adapters.harvest import Ground, Harvest, HarvestError, find_ground
from remotego.adapters.localtools import this_platform
from remotego.adapters.toolchain import Toolchain, find_toolchains
from remotego.bundle.sums import Sums, parse_sums
from remotego.bundle.tools import LATEST, Tool, parse_tool
from remotego.core.errors import MissingError, UsageError
from remotego.core.modfile import parse_modfile
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.delve import versions as delve
from remotego.golang.machines import goarch_of
from remotego.golang.modulepath import unescaped
from remotego.golang.requirement import parse_requirements
from remotego.golang.sdk import MODULE, Sdk, parse_sdk
from remotego.golang.version import GoVersion, parse_go_version

LABEL = "bundle"
NO_SDK = "none"
HERE = "here"
"""Stands for this machine among what go has seen of the database."""


@dataclass(eq=False)
class NothingWantedError(UsageError):
    """A bundle of nothing."""

    what = "there is no workspace here, and neither --tools nor --sdk asks for anything"
    remedy = "run it in a workspace, or say what the bundle shall hold"


@dataclass(eq=False)
class NoGoHereError(MissingError):
    """There is no go to fetch modules with."""

    what = "no go command was found here, and go is what fetches modules"
    remedy = "install Go, or remotego with the extra 'go', or name one with --go"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a bundle shall hold besides the workspace: ``tools`` and ``sdks`` as written, ``platforms`` of the SDKs.

    Without any of ``sdks`` it is the one that the workspace asks for. ``seen`` name files with a signed tree of the
    database that a go has seen, or HERE: where it comes to the bundle, it wants proof that the tree there continues it.
    """

    tools: tuple[str, ...] = ()
    sdks: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be fetched: the workspace's ``modules`` by their paths, tools, SDKs; and by which go."""

    go: Toolchain
    ground: Ground | None
    modules: tuple[str, ...]
    tools: tuple[Tool, ...]
    sdks: tuple[Sdk, ...]

    @property
    def takes(self) -> tuple[str, ...]:
        """Name what is known beforehand to come: what go.sum names whole, tools, SDKs. Tools bring more."""
        texts = self.ground.sums() if self.ground else ()
        keys = {key for text in texts for key in parse_sums(text) if not key[1].endswith("/go.mod")}
        named = sorted(f"{path}@{version}" for path, version in keys)
        return (*named, *(tool.name for tool in self.tools), *(sdk.module for sdk in self.sdks))


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a module in the cache, and which of its files are there."""

    path: str
    version: str
    zipped: bool
    info: bool


@dataclass(slots=True)
class Gathered:
    """What came: the tree, the versions in it, tools and SDKs with their versions; ``notes`` for people."""

    tree: Path
    versions: tuple[Version, ...]
    tools: tuple[str, ...]
    sdks: tuple[Sdk, ...]
    sums: Sums
    settings: Mapping[str, str]
    notes: list[str] = field(default_factory=list)


def plan_gathering(wish: Wish, settings: Settings) -> Plan:
    """Say what will be fetched; nothing is asked of any network.

    Raises NothingWantedError, NoGoHereError, UnknownToolError, UnknownSdkError, NoModuleError.
    """
    go = find_toolchain(settings)
    ground = _ground(wish, go.go, Path(settings.workspace or "."))
    texts = list(ground.texts()) if ground else []
    sdks = _sdks(wish, texts, _found(settings))
    newest = max((sdk.go_version for sdk in sdks), default=None)
    tools = tuple(parse_tool(word, delve.choose(newest).version) for word in wish.tools)
    if not (ground or tools or sdks):
        raise NothingWantedError
    names = [parse_modfile(text).module for path, text in texts if path.endswith("go.mod")]
    return Plan(go, ground, tuple(sorted(filter(None, names))), tools, sdks)


def _ground(wish: Wish, go: Path, start: Path) -> Ground | None:
    try:
        return find_ground(go, start.absolute())
    except NoModuleError:
        if wish.tools or wish.sdks:
            return None
        raise


def find_toolchain(settings: Settings) -> Toolchain:
    """Give the newest go here: with GOTOOLCHAIN=local an older one refuses modules that ask for more.

    Raises NoGoHereError.
    """
    return max(_found(settings), key=lambda one: _age(one.version))


def _found(settings: Settings) -> list[Toolchain]:
    """Give all that are here, that of PATH first. Raises NoGoHereError."""
    from remotego.ops.building import default_root

    found = [
        one for one in find_toolchains(settings.go, default_root() / "toolchains.json") if isinstance(one, Toolchain)
    ]
    if not found:
        raise NoGoHereError
    return found


def _age(version: str) -> GoVersion:
    """Order toolchains: what is not released counts as the oldest."""
    try:
        return parse_go_version(version)
    except ValueError:
        return GoVersion(1, 0)


def _sdks(wish: Wish, texts: Sequence[tuple[str, str]], gos: Sequence[Toolchain]) -> tuple[Sdk, ...]:
    goos, machine = this_platform()
    platforms = wish.platforms or (f"{goos}/{goarch_of(machine.lower())}",)
    if NO_SDK in wish.sdks:
        return ()
    asked = wish.sdks or ((needed(texts, gos),) if texts else ())
    return tuple(sorted({parse_sdk(version, platform) for version in asked for platform in platforms}))


def needed(texts: Sequence[tuple[str, str]], gos: Sequence[Toolchain]) -> str:
    """Give the newest release that go and toolchain lines name.

    Where they name only a language it is the first of ``gos`` that is new enough, and the newest where none is.
    """
    said = [one.version for path, text in texts for one in parse_requirements(text, path)]
    newest = max(said, key=lambda version: parse_go_version(f"go{version}"), default="")
    if newest.count(".") == 2 or "rc" in newest:
        return newest
    least = parse_go_version(f"go{newest}") if newest else GoVersion(1, 0)
    fit = (one for one in gos if _age(one.version) >= least)
    return next(fit, max(gos, key=lambda one: _age(one.version))).version.removeprefix("go")


def gather(plan: Plan, settings: Mapping[str, str], room: Path, progress: Progress) -> Gathered:
    """Fetch it all; ``settings`` are those of go. Raises HarvestError, RefusedModuleError."""
    harvest = Harvest(plan.go.go, room, settings)
    notes: list[str] = []
    sums: dict[tuple[str, str], str] = {}
    if plan.ground is not None:
        _take_workspace(harvest, plan.ground, progress, notes)
        for text in plan.ground.sums():
            sums |= parse_sums(text)
    tools, wanted = _take_tools(harvest, plan.tools, progress)
    sdks = _with_needed(plan.sdks, wanted, notes)
    for number, sdk in enumerate(sdks):
        progress.step(LABEL, f"fetch Go {sdk}")
        harvest.take(f"Go {sdk}", harvest.lone(f"sdk-{number}"), sdk.module)
    versions = tuple(_versions(harvest.cache, {sdk.module_version for sdk in sdks}))
    return Gathered(harvest.cache, versions, tools, sdks, sums, settings, notes)


def _take_workspace(harvest: Harvest, ground: Ground, progress: Progress, notes: list[str]) -> None:
    """Take what the workspace needs as a whole, and what each module needs alone, where it can be built alone."""
    top = harvest.mirror(ground)
    if ground.work is not None:
        progress.step(LABEL, "fetch the modules of go.work")
        work = harvest.place_of(ground.work, top)
        harvest.take(work.name, work.parent, "all", work=work)
    for folder in ground.folders:
        progress.step(LABEL, f"fetch the modules of {folder.name}")
        try:
            harvest.take(folder.name, harvest.place_of(folder, top), "all")
        except HarvestError as error:
            if ground.work is None:
                raise
            notes.append(f"{folder.name} can be built in the go.work only: {error.reason[:200]}")


def _take_tools(
    harvest: Harvest, tools: Sequence[Tool], progress: Progress
) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    """Take tools with all that building and testing them takes; give their names, and which Go each asks for."""
    names, wanted = [], []
    for number, tool in enumerate(tools):
        progress.step(LABEL, f"fetch {tool.name}")
        row = _module_of(harvest, tool, number)
        modfile = Path(row["GoMod"])
        harvest.take(tool.name, harvest.lone(f"tool-{number}-all", modfile), "all")
        name = f"{tool.package}@{row['Version']}"
        names.append(name)
        asked = [one.version for one in parse_requirements(modfile.read_text(), name) if one.keyword == "go"]
        wanted += [(name, version) for version in asked]
    return tuple(names), wanted


def _module_of(harvest: Harvest, tool: Tool, number: int) -> Mapping[str, str]:
    """Find the module that a package is in: the longest path that is one has it (go.dev/ref/mod#resolve-pkg-mod)."""
    first: HarvestError | None = None
    folder = harvest.lone(f"tool-{number}")
    for module in tool.candidates:
        try:
            (row,) = harvest.take(tool.name, folder, f"{module}@{tool.version}", near=tool.version != LATEST)
        except HarvestError as error:
            first = first or error
        else:
            return dict(row)
    assert first is not None
    raise first


def _with_needed(sdks: Sequence[Sdk], wanted: Sequence[tuple[str, str]], notes: list[str]) -> tuple[Sdk, ...]:
    """Add what tools ask for where none of the SDKs is new enough: go would look for it there."""
    found = list(sdks)
    newest: GoVersion | None = max((sdk.go_version for sdk in sdks), default=None)
    for name, version in wanted:
        needed = parse_go_version(f"go{version}")
        if newest is None or needed <= newest:
            continue
        platforms = sorted({f"{sdk.goos}/{sdk.goarch}" for sdk in sdks})
        full = version if version.count(".") == 2 else f"{version}.0"
        found += [parse_sdk(full, platform) for platform in platforms]
        newest = needed
        notes.append(f"{name} asks for Go {version}: that is taken along too")
    return tuple(sorted(set(found)))


def _versions(tree: Path, toolchains: set[str]) -> Iterator[Version]:
    for mod in sorted(tree.glob("**/@v/*.mod")):
        path = unescaped(mod.parent.parent.relative_to(tree).as_posix())
        version = unescaped(mod.name.removesuffix(".mod"))
        if path == MODULE and version not in toolchains:
            continue
        zipped, info = (mod.with_name(f"{mod.name.removesuffix('.mod')}.{kind}") for kind in ("zip", "info"))
        yield Version(path, version, zipped.is_file(), info.is_file())


def records_of(gathered: Gathered, name: str) -> FileTree:
    """Give what go has stored of a database."""
    return FileTree(gathered.tree / "sumdb" / name, "go mod download")
