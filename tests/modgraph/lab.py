"""Workspaces whose modules are in conflict, and the real go that says so: a proxy of files, a cache, an environment."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from remotego.adapters.configuration import load_settings
from remotego.adapters.toolchain import bundled_go
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.modgraph.edits import GoStep
from remotego.modgraph.finding import Finding
from remotego.modgraph.lines import bytes_of, text_of
from remotego.ops.modules.diagnosing import Diagnosed, diagnose_modules
from tests.golang.checksums import Server
from tests.modgraph.proxy import Proxy, package

MAIN = "example.com/main"
LIMIT_S = 120


@dataclass(slots=True)
class Lab:
    """A room with a proxy, a module cache of its own, and workspaces."""

    room: Path
    proxy: Proxy
    env: dict[str, str] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        """Its GOMODCACHE."""
        return self.room / "cache"

    def workspace(self, name: str, mod: str, *imports: str, tidy: bool = True) -> Path:
        """Make a module with one package, put in order by go unless told otherwise."""
        folder = self.room / name
        folder.mkdir()
        (folder / "go.mod").write_text(mod)
        (folder / "x.go").write_text(package(MAIN, *imports))
        if tidy:
            self.go(folder, "mod", "tidy")
        return folder

    def go(self, folder: Path, *arguments: str) -> str:
        """Run go; it has to work."""
        go = bundled_go()
        assert go is not None
        done = subprocess.run(
            [go, *arguments], cwd=folder, env=self.env, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serve(self, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
        """Take modules from a server with a checksum database from now on."""
        changed = {"GOPROXY": server.url, "GOSUMDB": f"{server.signer.vkey} {server.database}", "GONOSUMDB": ""}
        self.set(monkeypatch, changed)

    def set(self, monkeypatch: pytest.MonkeyPatch, changed: Mapping[str, str]) -> None:
        """Change the environment of go, and ours."""
        self.env.update(changed)
        for name, value in changed.items():
            monkeypatch.setenv(name, value)


def settings_of(folder: Path) -> Settings:
    """Settings for a workspace, and the suite's own go."""
    return load_settings(
        {"workspace": str(folder), "go": str(bundled_go())}, cwd=folder, environ={}, user_file=folder / "no-such.toml"
    )


def diagnose(folder: Path, *, edits: bool = True) -> Diagnosed:
    """Look at a workspace as mod.doctor does."""
    return diagnose_modules(settings_of(folder), Silence(), edits=edits)


def said(found: Diagnosed) -> set[tuple[str, str]]:
    """Kind and module of each finding."""
    return {one.identity for one in found.findings}


def one_of(found: Diagnosed, kind: str) -> Finding:
    """The only finding of a kind."""
    (one,) = [each for each in found.findings if each.kind == kind]
    return one


def written_at(folder: Path, one: Finding) -> str:
    """The line that a finding points at."""
    return (folder / one.place.file).read_text().splitlines()[one.place.line - 1].strip()


def mended(lab: Lab, folder: Path, one: Finding) -> Diagnosed:
    """Make the proposed edit by hand, in a copy beside the workspace, and look at that."""
    assert one.proposal is not None, one.evidence
    copy = folder.with_name(f"{folder.name}-mended")
    shutil.copytree(folder, copy)
    for step in one.proposal.edit.steps:
        if isinstance(step, GoStep):
            lab.go(copy / step.folder, *step.arguments)
        else:
            file = copy / step.file
            file.write_bytes(bytes_of(step.dropped(text_of(file.read_bytes()))))
    return diagnose(copy, edits=False)


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a workspace, by name."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


@pytest.fixture
def modlab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab whose modules no checksum database knows."""
    proxy = Proxy(tmp_path / "proxy")
    (tmp_path / "proxy").mkdir()
    made = Lab(tmp_path, proxy, dict(os.environ))
    fixed = {
        "GOENV": "off",
        "GOFLAGS": "-modcacherw",
        "GOMODCACHE": str(made.cache),
        "GONOSUMDB": "*",
        "GOPATH": str(tmp_path / "gopath"),
        "GOPROXY": proxy.url,
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "GOWORK": "",
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    made.set(monkeypatch, fixed)
    return made
