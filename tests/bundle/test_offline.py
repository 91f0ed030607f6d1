"""A real go without any network, with an empty module cache and the checksum database on, works from a bundle."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from remotego.core.progress import Silence
from remotego.ops.bundle.create import Created, create
from remotego.ops.bundle.gather import Wish
from tests.bundle.site import (
    LATER,
    PRIVATE,
    PUBLIC,
    TOOL_WORD,
    bundled,
    lay_out,
    offline_go,
    online,
    settings,
    unpacked,
)
from tests.golang.checksums import Server
from tests.golang.specimens import go

LATER_MODFILE = f"module example.com/later-still\n\ngo 1.24\n\nrequire {LATER} v1.1.0\n"
FETCHING = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GOMODCACHE", "GOPATH")
Offline = Callable[..., CompletedProcess[str]]


@pytest.fixture
def offline(workspace: Path, bundle: Created, tmp_path: Path) -> Offline:
    """Run go on a copy of the workspace."""
    goproxy = unpacked(bundle.path, tmp_path / "site")
    folder = lay_out(tmp_path / "svc", {path.name: path.read_text() for path in workspace.iterdir()})

    def run(*words: str, **env: str) -> CompletedProcess[str]:
        return offline_go(*words, cwd=folder, room=tmp_path, goproxy=f"{goproxy},off", **env)

    return run


def test_there_is_no_network(offline: Offline, server: Server) -> None:
    """The proof of the other tests: the proxy that is up cannot be reached from there."""
    done = offline("mod", "download", f"{LATER}@v1.0.0", GOPROXY=server.url)
    assert (1, True) == (done.returncode, "unreachable" in done.stderr)


def test_it_builds_and_tests(offline: Offline) -> None:
    """Public and private dependencies, those of tests too."""
    assert (f"{PUBLIC} {PRIVATE}\n", "") == ((run := offline("run", ".")).stdout, run.stderr.partition("go: down")[0])
    assert 0 == offline("test", "./...").returncode


def test_without_a_go_sum_the_database_in_the_bundle_vouches(offline: Offline, tmp_path: Path) -> None:
    """go asks for each module's record and proves it, offline."""
    (tmp_path / "svc/go.sum").unlink()
    tidied = offline("mod", "tidy")
    assert (0, "") == (tidied.returncode, "" if not tidied.returncode else tidied.stderr)


def test_a_tool_is_installed(offline: Offline, tmp_path: Path) -> None:
    """It has no go.sum of anybody's: without the database's answers go would refuse it."""
    installed = offline("install", "example.com/tool@v0.1.0")
    assert (0, True) == (installed.returncode, (tmp_path / "bin/tool").is_file())


def test_a_tampered_module_is_refused_by_go_too(offline: Offline, tmp_path: Path) -> None:
    """Whoever unpacks a bundle and changes it is found out by go itself."""
    at = tmp_path / "site/cache/download/example.com/tool/@v/v0.1.0.mod"
    at.write_text(at.read_text() + "\n// evil\n")
    installed = offline("install", "example.com/tool@v0.1.0")
    assert (1, True) == (installed.returncode, "SECURITY ERROR" in installed.stderr)


def test_an_update_beside_the_earlier_bundle(
    server: Server, workspace: Path, bundle: Created, offline: Offline, tmp_path: Path
) -> None:
    """GOPROXY names both; also for a go that has seen the smaller tree before."""
    assert 0 == offline("install", "example.com/tool@v0.1.0").returncode
    texts = {path.name: path.read_text() for path in workspace.iterdir()}
    texts["go.mod"] += f"\nrequire {LATER} v1.0.0\n"
    texts["main.go"] = texts["main.go"].replace('"fmt"\n', f'"fmt"\n\t_ "{LATER}"\n')
    folder = lay_out(tmp_path / "svc", texts)
    server.lookup("example.com/filler", "v9.1.0")
    with online(server, tmp_path / "online"):
        update = bundled(tmp_path / "update.tar.zst", folder, bundle.path)
    goproxy = f"{unpacked(update.path, tmp_path / 'update')},file://{tmp_path}/site/cache/download,off"
    (folder / "go.sum").unlink()
    tidied = offline("mod", "tidy", GOPROXY=goproxy, GOMODCACHE=str(tmp_path / "fresh"))
    assert (0, f"{PUBLIC} {PRIVATE}\n") == (
        tidied.returncode,
        offline("run", ".", GOPROXY=goproxy, GOMODCACHE=str(tmp_path / "fresh")).stdout,
    ), tidied.stderr


@pytest.mark.parametrize(("seen", "ends_with"), [(("here",), 0), ((), 1)])
def test_a_go_that_was_online_before(
    server: Server, workspace: Path, offline: Offline, tmp_path: Path, seen: tuple[str, ...], ends_with: int
) -> None:
    """It remembers an earlier tree of the database; with --seen the bundle proves to it that its own continues that."""
    online_then = lay_out(tmp_path / "earlier", {"go.mod": LATER_MODFILE})
    with online(server, tmp_path / "laptop"):
        go("mod", "download", f"{LATER}@v1.1.0", cwd=online_then, **{name: os.environ[name] for name in FETCHING})
        server.lookup("example.com/filler", f"v9.2.{ends_with}")
        wish = Wish((TOOL_WORD,), ("none",), (), seen)
        made = create(wish, tmp_path / "x.tar.zst", (), settings(workspace), Silence())
    goproxy = f"{unpacked(made.path, tmp_path / 'x')},off"
    shutil.copytree(tmp_path / "laptop/gopath/pkg/sumdb", tmp_path / "path/pkg/sumdb")
    installed = offline("install", TOOL_WORD, GOPROXY=goproxy)
    assert (ends_with, bool(ends_with)) == (installed.returncode, "checking tree" in installed.stderr), installed.stderr
