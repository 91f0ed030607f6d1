"""One Go for a workspace here: its editor settings name one SDK, and --none takes them out again exactly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.files import Original, UnfitFileError, read_file, remove_file, replace_file, schema
from remotego.adapters.goroots import find_sdk, see_managers, this_machine
from remotego.adapters.keepsake import forget, keep, recall
from remotego.adapters.toolchain import Toolchain, find_toolchains
from remotego.adapters.workspace import survey_workspace
from remotego.core.errors import BuildError, MissingError, UsageError
from remotego.core.managers import Sighting
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.golang.requirement import Requirement, check_requirements, parse_requirements
from remotego.golang.version import Stage, parse_go_version
from remotego.ops.agreement import Witness, system, witnesses
from remotego.ops.building import default_root
from remotego.ops.environment import settings_place
from remotego.ops.local_dlv import HERE
from remotego.ops.sdk.here import fetch_here, plan_fetch
from remotego.vscode.difference import difference
from remotego.vscode.jsonc import JsoncError, parse_jsonc
from remotego.vscode.onego import Entry, dissenters, entries_of, settings_of_one_go, without_entries
from remotego.vscode.settings import plan_settings
from remotego.vscode.workspacefile import place_of

SEPARATORS = {"windows": ";"}


@dataclass(eq=False)
class BadGoVersionError(UsageError):
    """Text that names no release of Go."""

    version: str
    what = "{version!r} is no release of Go"
    remedy = "give one such as 1.26.6 or 1.27rc1, or none to take our settings out again"


@dataclass(eq=False)
class NoSdkHereError(MissingError):
    """No SDK of the version on this machine."""

    version: str
    what = "there is no Go {version} on this machine"
    remedy = (
        "say --fetch to have it fetched, verified and kept for this machine; "
        "or have any go do so, into its module cache (`GOTOOLCHAIN=go{version} go version`), and run this again"
    )


@dataclass(eq=False)
class WrongSdkHereError(BuildError):
    """An SDK whose command is not of the version that its VERSION file names."""

    go: str
    said: str
    version: str
    what = "{go} is not Go {version}: {said}"
    remedy = "remove that SDK and fetch it again"


@dataclass(frozen=True, slots=True)
class Here:
    """What became of a workspace: its settings ``file``, the SDK's ``go`` and where that was found (None for none).

    ``diff`` is empty where nothing had to be written, ``agreement`` where nobody was asked. ``fetched``: the SDK
    was not here before.
    """

    file: Path
    version: str | None
    go: str | None
    place: str | None
    diff: tuple[str, ...]
    managers: tuple[Sighting, ...] = ()
    agreement: tuple[Witness, ...] = ()
    notes: tuple[str, ...] = ()
    fetched: bool = False


def release_of(version: str) -> str:
    """Read the name of a release as go.mod writes it. Raises BadGoVersionError."""
    try:
        found = parse_go_version(f"go{version.removeprefix('go')}")
    except ValueError as error:
        raise BadGoVersionError(version) from error
    if found.stage in (Stage.LANGUAGE, Stage.DEVEL) or version.removeprefix("go") != found.text.removeprefix("go"):
        raise BadGoVersionError(version)
    return version.removeprefix("go")


def check_workspace(version: str, folder: Path) -> tuple[str, ...]:
    """Hold a version to what a workspace asks for; give notes. Raises NewerGoNeededError."""
    return check_requirements(version, list(_requirements(folder)))


def use_here(version: str, settings: Settings, progress: Progress, *, fetch: bool = False, dry: bool) -> Here:
    """Have one Go used by all that a workspace's editor starts; ``fetch`` an SDK that is not here.

    Raises NewerGoNeededError, NoSdkHereError, WrongSdkHereError, and nothing is written then.
    """
    folder, name = settings_place(Path(settings.workspace).absolute())
    progress.step(HERE, f"look for Go {version}")
    notes = check_workspace(version, folder)
    fetches = fetch and find_sdk(version, this_machine()) is None
    if fetches and not dry:
        fetch_here(version, settings, progress)
    go, place = plan_fetch(version) if fetches and dry else _sdk(version)
    managers = see_managers(this_machine(), folder)
    aside = {key: value for one in managers for key, value in one.manager.aside.items()}
    original = read_file(folder / name, within=folder)
    base = _base(original, name)
    wanted = settings_of_one_go(
        go, str(Path(go).parent), base, aside, system=system(), separator=SEPARATORS.get(system(), ":"), file=name
    )
    text = plan_settings(base, wanted, schema("settings"), file=name)
    if not dry:
        _write(original, base, text, entries_of(base, wanted, file=name))
        progress.step(HERE, "start its shells")
    return Here(
        original.path,
        version,
        go,
        place,
        difference(name, original.text, text),
        managers,
        () if dry else witnesses(_settings(text, name), folder, this_machine().environ),
        (*notes, *_dissent(folder), *_told(settings, go)),
        fetches,
    )


def use_none_here(settings: Settings, *, dry: bool) -> Here:
    """Take our settings out of a workspace: where nobody has changed the file since, it is byte for byte as before."""
    folder, name = settings_place(Path(settings.workspace).absolute())
    original = read_file(folder / name, within=folder)
    base = _base(original, name)
    if not dry:
        if base is None and original.text is not None:
            remove_file(original)
            with suppress(OSError):
                original.path.parent.rmdir()
        elif base is not None and base != original.text:
            replace_file(original, base)
        forget(original.path)
    return Here(original.path, None, None, None, difference(name, original.text, base or ""))


def is_workspace(folder: Path) -> bool:
    """Tell whether there is anything of Go or of an editor in a folder, so that settings make sense there."""
    return folder.is_file() or any((folder / name).exists() for name in ("go.mod", "go.work", ".vscode"))


def _requirements(folder: Path) -> Iterator[Requirement]:
    """Read what the modules of a workspace and the go.work above them ask for."""
    modules = [Path(module.directory) / "go.mod" for module in survey_workspace(folder).modules]
    work = next((path for one in (folder, *folder.absolute().parents) if (path := one / "go.work").is_file()), None)
    for path in (*modules, *([work] if work else [])):
        with suppress(UnfitFileError):
            text = read_file(path, within=Path(path.absolute().anchor)).text
            yield from parse_requirements(text or "", str(path))


def _sdk(version: str) -> tuple[str, str]:
    found = find_sdk(version, this_machine())
    if found is None:
        raise NoSdkHereError(version)
    go, place = found
    answer = next(iter(find_toolchains(str(go), default_root() / "toolchains.json")))
    if not isinstance(answer, Toolchain):
        raise WrongSdkHereError(str(go), answer.reason, version)
    if answer.version.split()[0] != f"go{version}":
        raise WrongSdkHereError(str(go), f"it says {answer.version}", version)
    return str(answer.go), place


def _base(original: Original, name: str) -> str | None:
    """Give the text without what an earlier run has put there; None for a file that was made by it."""
    match recall(original.path):
        case {"was": str() | None as was, "now": str(now), "entries": [*rows]}:
            if original.text is not None and _sha256(original.text) == now:
                return was
            entries = [Entry(tuple(row["path"]), row["value"], row["there"], row["before"]) for row in rows]
            return without_entries(original.text, entries, schema("settings"), file=name) if original.text else None
        case _:
            return original.text


def _write(original: Original, base: str | None, text: str, entries: Sequence[Entry]) -> None:
    """Write the file; how it was is kept first, so that nothing is lost whenever this ends."""
    rows = [{"path": one.path, "value": one.value, "there": one.there, "before": one.before} for one in entries]
    keepsake = {"was": base, "now": _sha256(text), "entries": rows}
    if text != original.text or recall(original.path) is None:
        keep(original.path, keepsake)
    if text != original.text:
        replace_file(original, text)


def _settings(text: str, name: str) -> dict[str, Any]:
    value = parse_jsonc(text, file=name).root.value
    for step in place_of("settings", file=name):
        value = value.get(step, {})
    return dict(value)


def _dissent(folder: Path) -> Iterator[str]:
    """Name what a task or a launch sets for itself."""
    for name in (".vscode/tasks.json", ".vscode/launch.json"):
        with suppress(UnfitFileError, JsoncError):
            text = read_file(folder / name, within=folder).text
            for line, said in dissenters(text or "", file=name):
                yield f"{folder / name}:{line}: {said} counts there, whatever the settings say; take it out"


def _told(settings: Settings, go: str) -> Iterator[str]:
    tool = settings.table("tools").get("go")
    if tool and tool != go:
        origin = settings.sources["tools.go"].origin
        yield f"{origin}: [tools] go is {tool}: the next gen-settings puts that back; write {go} there"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
