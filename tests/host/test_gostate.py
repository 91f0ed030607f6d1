"""GOPROXY tried by fetching, with what is there: go is not, so curl, wget, or nobody."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go
from remotego.core.health import GoState
from remotego.doctor.proxies import judge_proxies
from remotego.host.gostate import MODULE, go_state
from remotego.ops.engine import ask
from tests.ops.local_transport import LocalTransport

TOOLS = ("sh", "env", "sed", "tr", "cut", "grep", "mktemp", "rm", "chmod", "cat", "readlink", "tail", "timeout", "ls")
DEAD = "http://127.0.0.1:9"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A proxy on loopback that has the module."""
    folder = tmp_path_factory.mktemp("proxy")
    (folder / MODULE / "@v").mkdir(parents=True)
    (folder / MODULE / "@v" / "list").write_text("v0.1.0\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def asked(folder: Path, proxy: str, *more: str, **env: str) -> GoState:
    """Ask a login that has these tools in its PATH and no go."""
    tools = folder / "tools"
    tools.mkdir()
    for name in (*TOOLS, *more):
        found = shutil.which(name)
        assert found is not None, name
        (tools / name).symlink_to(found)
    question = go_state(login=False)
    done = subprocess.run(
        [shutil.which("sh") or "sh", "-s"],
        input=question.script,
        env={"PATH": str(tools), "HOME": str(folder), "GOPROXY": proxy, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return question.parse(done.stdout)


@pytest.mark.parametrize("tool", ["curl", "wget"])
def test_a_proxy_that_gives_a_module(tmp_path: Path, served: str, tool: str) -> None:
    """Is fine, and so is one that lacks it: that is told as such."""
    works, lacks = judge_proxies(asked(tmp_path, f"{served},{served}/nowhere", tool))
    assert ("ok", "warning", True) == (works.verdict, lacks.verdict, "does not have the module" in lacks.evidence)


@pytest.mark.parametrize("tool", ["curl", "wget"])
def test_a_proxy_that_is_dead(tmp_path: Path, tool: str) -> None:
    """Fails, and what is behind it in the list is not asked for its sake."""
    (found,) = judge_proxies(asked(tmp_path, f"{DEAD},direct", tool))
    assert ("failure", True) == (found.verdict, f"nobody listens there ({tool}" in found.evidence), found


def test_nobody_there_can_fetch(tmp_path: Path) -> None:
    """Which is not the proxy's fault."""
    (found,) = judge_proxies(asked(tmp_path, DEAD))
    assert "unknown" == found.verdict


def test_what_go_would_go_by(tmp_path: Path) -> None:
    """Without a variable, its own file says it."""
    (tmp_path / ".config" / "go").mkdir(parents=True)
    (tmp_path / ".config" / "go" / "env").write_text(f"GOFLAGS=-x\nGOPROXY={DEAD}\n")
    (trial,) = asked(tmp_path, "", "curl").trials
    assert DEAD == trial.proxy


def test_go_itself_is_asked_and_leaves_nothing(tmp_path: Path) -> None:
    """It counts its runs in the user's home unless it cannot; its own file counts as ever."""
    go = bundled_go()
    assert go is not None
    (tmp_path / ".config" / "go").mkdir(parents=True)
    (tmp_path / ".config" / "go" / "env").write_text(f"GOPROXY={DEAD}\n")
    found = asked(tmp_path, "", PATH=f"{go.parent}:{tmp_path}/tools")
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if "tools" not in path.parts)
    assert ([".config", ".config/go", ".config/go/env"], DEAD, f"{tmp_path}/.config/go/env") == (
        left,
        found.said["GOPROXY"],
        found.said["GOENV"],
    )


def test_a_password_is_no_word_of_a_command(tmp_path: Path) -> None:
    """curl is told of it by its input; wget, which cannot be, is not asked."""
    (found,) = asked(tmp_path, "http://joe:hunter2@127.0.0.1:9", "wget").trials
    assert "an address with a password is not given to wget" == found.said.strip()


def test_nothing_is_left(tmp_path: Path, served: str) -> None:
    """Of the directory that is fetched into."""
    (tmp_path / "t").mkdir()
    asked(tmp_path, served, "curl", TMPDIR=str(tmp_path / "t"))
    assert [] == os.listdir(tmp_path / "t")  # noqa: PTH208 - names are all that is wanted


def test_a_link_in_the_place_of_gopath_that_leads_nowhere_is_told(local: LocalTransport) -> None:
    """Go can make no directory there."""
    (local.home / "go").symlink_to("nowhere")
    assert str(local.home / "go") in ask(local, go_state(login=False)).dangling
