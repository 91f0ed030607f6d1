"""Having go fetch modules into a cache of their own: the checksum database verifies them, and no go.sum does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.builder import captured
from remotego.adapters.gomodules import ask_module
from remotego.core.errors import BuildError, MissingError
from remotego.core.modfile import directives, parse_modfile
from remotego.core.terminal import inert

ASKED = (
    *("GOAUTH", "GOINSECURE", "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOPATH", "GOPRIVATE", "GOPROXY"),
    *("GOSUMDB", "GOTOOLCHAIN", "GOVCS", "GOVERSION"),
)
_MOST_CHARACTERS = 2000
_SECURITY = ("SECURITY ERROR", "checksum mismatch", "invalid signature", "checksum missing")


@dataclass(eq=False)
class HarvestError(MissingError):
    """go cannot fetch what a bundle shall have."""

    what_for: str
    reason: str
    what = "`go mod download` for {what_for} fails: {reason}"
    remedy = "run it by hand there; `remotego proxy.explain` says where go asks, `go env GOPROXY GOPRIVATE` what is set"


@dataclass(eq=False)
class RefusedModuleError(BuildError):
    """go refuses what it was given: it is not what the checksum database has signed."""

    what_for: str
    reason: str
    what = "SECURITY: `go mod download` for {what_for} refuses what it was given: {reason}"
    remedy = "do not use this source: tell who runs it, and take the module from another one"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a workspace consists of: its ``folders`` with a go.mod, the ``work`` file if there is one, and what
    replacements name.
    """

    folders: tuple[Path, ...]
    work: Path | None
    replaced: tuple[Path, ...]

    def sums(self) -> Iterator[str]:
        """Give the text of each go.sum, and of what stands beside the work file."""
        files = [folder / "go.sum" for folder in self.folders]
        files += [self.work.with_name(f"{self.work.name}.sum")] if self.work else []
        yield from (file.read_text("utf-8", "replace") for file in files if file.is_file())

    def texts(self) -> Iterator[tuple[str, str]]:
        """Give the text of each go.mod and of the work file, with its path."""
        files = [folder / "go.mod" for folder in self.folders] + ([self.work] if self.work else [])
        yield from ((str(file), file.read_text("utf-8", "replace")) for file in files)


def find_ground(go: Path, start: Path) -> Ground:
    """Find the go.work or the go.mod that a folder belongs to, by go's own word. Raises NoModuleError."""
    asked = ask_module(go, start)
    work = Path(asked["GOWORK"]) if asked["GOWORK"] not in ("", "off") else None
    folders = _used(work) if work else (Path(asked["GOMOD"]).parent,)
    files = (*([work] if work else []), *(folder / "go.mod" for folder in folders))
    replaced = dict.fromkeys(one for file in files for one in _directories(file))
    return Ground(folders, work, tuple(one for one in replaced if one not in folders))


def _used(file: Path) -> tuple[Path, ...]:
    words = (words for _, words in directives(file.read_text("utf-8", "replace")))
    named = [Path(os.path.normpath(file.parent / one[1])) for one in words if one[0] == "use" and len(one) == 2]
    return tuple(folder for folder in named if (folder / "go.mod").is_file())


def _directories(file: Path) -> tuple[Path, ...]:
    said = parse_modfile(file.read_text("utf-8", "replace"))
    return tuple(Path(os.path.normpath(file.parent / one)) for one in said.directories)


@dataclass(frozen=True, slots=True)
class Harvest:
    """A go at work in ``room``, with a module cache and a GOPATH of its own there."""

    go: Path
    room: Path
    settings: Mapping[str, str]

    @property
    def cache(self) -> Path:
        """The tree that go downloads into, as GOPROXY has it."""
        return self.room / "mod" / "cache" / "download"

    def take(
        self, what_for: str, folder: Path, *modules: str, work: Path | None = None, near: bool = True
    ) -> list[Any]:
        """Download modules (or ``all``) as seen from a folder; give what go says of each.

        ``work`` is a work file that counts. ``near``: what this machine's module cache has need not come from afar.
        Raises HarvestError, RefusedModuleError.
        """
        rows = _documents(self._run(what_for, folder, ("mod", "download", "-json", *modules), work=work, near=near))
        for row in rows:
            if complaint := row.get("Error"):
                raise _failure(what_for, str(complaint))
        return rows

    def mirror(self, ground: Ground) -> Path:
        """Lay out a workspace's go.mod files and its work file as they lie there; give what stands for the top."""
        files = [folder / "go.mod" for folder in (*ground.folders, *ground.replaced)]
        files += [ground.work] if ground.work else []
        top = Path(os.path.commonpath([file.parent for file in files]))
        for file in files:
            place = self.place_of(file, top)
            place.parent.mkdir(parents=True, exist_ok=True)
            if file.is_file():
                shutil.copyfile(file, place)
        return top

    def place_of(self, path: Path, top: Path) -> Path:
        """Where a folder or a file of the workspace is laid out."""
        return self.room / "workspace" / path.relative_to(top)

    def lone(self, name: str, modfile: Path | None = None) -> Path:
        """Make a folder of its own, as the main module of a go.mod, or as none."""
        folder = self.room / "lone" / name
        folder.mkdir(parents=True)
        if modfile is not None:
            shutil.copyfile(modfile, folder / "go.mod")
        return folder

    def _run(self, what_for: str, folder: Path, arguments: Sequence[str], *, work: Path | None, near: bool) -> str:
        try:
            code, out, complaint = captured([str(self.go), *arguments], folder, self._environment(work, near))
        except (OSError, subprocess.TimeoutExpired) as error:
            raise HarvestError(what_for, inert(str(error))) from error
        if code and not any("Error" in row for row in _documents(out)):
            raise _failure(what_for, complaint)
        return out

    def _environment(self, work: Path | None, near: bool) -> dict[str, str]:
        known = {name: value for name, value in self.settings.items() if name not in ("GOMODCACHE", "GOVERSION")}
        flags = "-modcacherw" if work else "-modcacherw -mod=mod"
        ours = {
            "GOENV": "off",
            "GOFLAGS": flags,
            "GOMODCACHE": str(self.room / "mod"),
            "GOPATH": str(self.room / "gopath"),
            "GOROOT": "",
            "GO111MODULE": "on",
            "GOWORK": str(work or "off"),
            "GIT_HTTP_USER_AGENT": "",
            "GIT_TERMINAL_PROMPT": "0",
        }
        proxies = {"GOPROXY": self._proxies()} if near else {}
        return {**os.environ, **known, **ours, **proxies}

    def _proxies(self) -> str:
        """Have what is in this machine's module cache come from there: go verifies it all the same.

        Not from one that somebody has served as a proxy of the database: go would ask no other for its records.
        """
        there = Path(self.settings.get("GOMODCACHE", "")) / "cache" / "download"
        asked = self.settings.get("GOPROXY") or "https://proxy.golang.org,direct"
        usable = there.is_absolute() and there.is_dir() and not any(there.glob("sumdb/*/supported"))
        return f"{there.as_uri()},{asked}" if usable else asked


def ask_settings(go: Path, room: Path) -> dict[str, str]:
    """Ask ``go env`` how the user has go set, whatever the directory we are in says. Raises HarvestError."""
    env = {**os.environ, "GOFLAGS": "", "GOROOT": "", "GOWORK": "off"}
    try:
        code, out, complaint = captured([str(go), "env", "-json", *ASKED], room, env)
        answer = json.loads(out) if code == 0 else {}
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise HarvestError("go env", inert(str(error))) from error
    if not answer:
        raise _failure("go env", complaint)
    return {name: str(answer.get(name, "")) for name in ASKED}


def _documents(text: str) -> list[Any]:
    """Read JSON objects that follow each other."""
    decoder, at, found = json.JSONDecoder(), 0, []
    while at < len(text := text.strip()):
        try:
            one, at = decoder.raw_decode(text, at)
        except ValueError:
            break
        found.append(one)
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def _failure(what_for: str, complaint: str) -> HarvestError | RefusedModuleError:
    from remotego.adapters.web import shown

    reason = " ".join(shown(word) if "://" in word else word for word in inert(complaint).split())[-_MOST_CHARACTERS:]
    kind = RefusedModuleError if any(sign in complaint for sign in _SECURITY) else HarvestError
    return kind(what_for, reason)
