"""This machine and a workspace, looked at by the real command with a real go."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.adapters.toolchain import Toolchain, find_toolchains

MODULE, VERSION = "example.test/m", "v1.0.0"
GO_MOD = f"module {MODULE}\n\ngo 1.21\n"
LIMIT_S = 240


@dataclass(frozen=True, slots=True)
class Desk:
    """A home and a workspace of one module, with a proxy that has what it needs; ``go`` is in PATH."""

    home: Path
    folder: Path
    go: Path
    tree: Path

    def env(self, **more: str) -> dict[str, str]:
        """The environment of all commands."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("REMOTEGO_", "GO", "XDG_"))}
        own = {"HOME": str(self.home), "PATH": f"{self.go.parent}:{os.environ['PATH']}", "GOPROXY": self.tree.as_uri()}
        return clean | own | {"GOFLAGS": "-modcacherw", "GONOSUMDB": "*", "GOTOOLCHAIN": "local"} | more

    def doctor(self, *words: str, **env: str) -> tuple[int, dict[str, Any]]:
        """Run the command; its exit code and its document."""
        done = subprocess.run(
            [sys.executable, "-m", "remotego", "doctor", "--json", *words],
            cwd=self.folder,
            env=self.env(**env),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )
        document = json.loads(done.stdout)
        validate(document, schema("doctor"))
        return done.returncode, document

    def write(self, name: str, value: Any) -> Path:
        """Put a JSON file of an editor there."""
        file = self.folder / ".vscode" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(value, indent=2))
        return file


def findings(document: dict[str, Any], check: str) -> list[tuple[str, str]]:
    """Verdict and evidence of a check's findings."""
    groups = [group for place in document["places"] for group in place["groups"]]
    found = [finding for group in groups for finding in group["findings"]]
    return [(one["verdict"], one["evidence"]) for one in found if one["check"] == check]


@pytest.fixture
def desk(tmp_path: Path, tree: str) -> Desk:
    """One whose module cache is filled and whose go.sum is right."""
    found = next(one for one in find_toolchains(None, tmp_path / "notes") if isinstance(one, Toolchain))
    place = Path(tree.removeprefix("file://"))
    _publish(place)
    desk = Desk(tmp_path / "home", tmp_path / "w", found.go, place)
    desk.home.mkdir()
    desk.folder.mkdir()
    (desk.folder / "go.mod").write_text(f"module w.test/w\n\ngo 1.21\n\nrequire {MODULE} {VERSION}\n")
    (desk.folder / "main.go").write_text(f'package main\n\nimport _ "{MODULE}"\n\nfunc main() {{}}\n')
    subprocess.run([found.go, "mod", "tidy"], cwd=desk.folder, env=desk.env(), check=True, timeout=LIMIT_S)
    return desk


def _publish(tree: Path) -> None:
    folder = tree / MODULE / "@v"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "list").write_text(f"{VERSION}\n")
    (folder / f"{VERSION}.info").write_text(json.dumps({"Version": VERSION}))
    (folder / f"{VERSION}.mod").write_text(GO_MOD)
    with zipfile.ZipFile(folder / f"{VERSION}.zip", "w") as archive:
        for name, text in (("go.mod", GO_MOD), ("m.go", "package m\n")):
            archive.writestr(zipfile.ZipInfo(f"{MODULE}@{VERSION}/{name}"), text)


def test_a_healthy_machine_fails_nothing(desk: Desk) -> None:
    """Its proxy gives a module, its sums are right."""
    code, document = desk.doctor()
    proxy, sums = findings(document, "go-proxy"), findings(document, "go-sums")
    assert (0, ["ok"], ["ok"], []) == (code, [one[0] for one in proxy], [one[0] for one in sums], document["fixes"])


def test_a_line_of_go_sum_that_was_changed(desk: Desk) -> None:
    """Is blamed, and not the cache: clearing that would not help."""
    sums = desk.folder / "go.sum"
    other = base64.b64encode(hashlib.sha256(b"another").digest()).decode()
    lines = [
        f"{MODULE} {VERSION} h1:{other}" if line.startswith(f"{MODULE} {VERSION} ") else line
        for line in sums.read_text().splitlines()
    ]
    sums.write_text("\n".join(lines) + "\n")
    code, document = desk.doctor()
    ((verdict, evidence),) = findings(document, "go-sums")
    assert (7, "failure", True) == (code, verdict, f"go.sum says another hash of {MODULE} {VERSION}" in evidence)


def test_a_module_that_was_changed_in_the_cache(desk: Desk) -> None:
    """The cache is blamed, and go.sum is right."""
    source = desk.home / "go" / "pkg" / "mod" / f"{MODULE}@{VERSION}" / "m.go"
    source.write_text("package m // changed\n")
    _, document = desk.doctor()
    ((verdict, evidence),) = findings(document, "go-sums")
    assert ("failure", True) == (verdict, "the module cache is damaged" in evidence)


def test_first_aid(desk: Desk) -> None:
    """GOROOT of another Go, GOPATH for no reason, a dead proxy: each is named, and the proxy is the gravest."""
    (desk.home / "bin").mkdir()
    (desk.home / "bin" / "go").symlink_to("/nowhere/go")
    path = f"{desk.home}/bin:{desk.go.parent}:{os.environ['PATH']}"
    env = {"GOROOT": "/opt/gone", "GOPATH": f"{desk.home}/go", "GOPROXY": "http://127.0.0.1:9", "PATH": path}
    _, document = desk.doctor(**env)
    broken = {check: [one[0] for one in findings(document, check)] for check in ("go-root", "go-path", "go-link")}
    code, document = desk.doctor(GOPROXY="http://127.0.0.1:9")
    ((verdict, evidence),) = findings(document, "go-proxy")
    assert {"go-root": ["failure"], "go-path": ["warning"], "go-link": ["failure"]} == broken
    assert (3, "failure", True) == (code, verdict, "nobody listens there" in evidence)


def test_an_entry_of_ours_is_mended_once(desk: Desk) -> None:
    """--dry shows it, --fix does that and nothing else, a second run has nothing to do; the user's own stays."""
    ours = {
        "name": "a",
        "type": "go",
        "request": "attach",
        "mode": "remote",
        "debugAdapter": "dlv-dap",
        "port": 23450,
        "substitutePath": [],
        "preLaunchTask": "remotego: a",
        "postDebugTask": "remotego: release a",
    }
    theirs = {"name": "b", "type": "go", "request": "attach", "mode": "remote", "port": 1, "remotePath": "/src"}
    file = desk.write("launch.json", {"version": "0.2.0", "configurations": [ours | {"showLog": True}, theirs]})
    labels = [{"label": label, "type": "shell", "command": "true"} for label in ("remotego: a", "remotego: release a")]
    desk.write("tasks.json", {"version": "2.0.0", "tasks": labels})
    before = file.read_text()
    _, planned = desk.doctor("--fix", "--dry")
    kept = file.read_text()
    _, done = desk.doctor("--fix")
    _, again = desk.doctor("--fix")
    wanted = json.dumps({"version": "0.2.0", "configurations": [ours, theirs]}, indent=2)
    assert (before, wanted, []) == (kept, file.read_text(), again["fixes"])
    assert [one["do"] for one in planned["fixes"]] == [one["do"] for one in done["fixes"]]


def test_a_file_that_cannot_be_read_is_named(desk: Desk) -> None:
    """With its line, and the rest is looked at all the same."""
    desk.write("launch.json", {})
    (desk.folder / ".vscode" / "launch.json").write_text("{\n  oops\n}\n")
    code, document = desk.doctor()
    ((verdict, evidence),) = findings(document, "editor-files")
    assert (2, "failure", True) == (code, verdict, "launch.json:2" in evidence)


def test_open_keys_are_named(desk: Desk) -> None:
    """ssh would pass over them."""
    (desk.home / ".ssh").mkdir(mode=0o700)
    (desk.home / ".ssh" / "id_ed25519").touch(mode=0o644)
    code, document = desk.doctor()
    ((verdict, evidence),) = findings(document, "ssh-permissions")
    assert (4, "failure", True) == (code, verdict, "id_ed25519 (0644)" in evidence)
