"""go asked with bounds: a proxy that is silent is told of, and not waited for."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from remotego.adapters.gomodules import GoModules
from remotego.adapters.toolchain import bundled_go
from remotego.core.answer import Answer
from remotego.modgraph.judges.upstream import judge_upstream
from remotego.modgraph.modfiles import GoFile
from remotego.modgraph.observed import Observed
from tests.modgraph.lab import MAIN, Lab
from tests.modgraph.proxy import gomod

LIMIT_S = 60
"""How long anything may take that happens at once on an idle machine; far less than we wait for a proxy."""


def test_a_silent_proxy_ends_with_a_reason(tmp_path: Path) -> None:
    """cmd/go itself sets no limit."""
    go = bundled_go()
    assert go is not None
    with socket.create_server(("127.0.0.1", 0)) as silent:
        places = {"GOPROXY": f"http://127.0.0.1:{silent.getsockname()[1]}", "GOMODCACHE": str(tmp_path / "cache")}
        asking = GoModules(go, {**places, "GOFLAGS": "-modcacherw", "GONOSUMDB": "*", "GOWORK": "off"})
        said = asking.run(tmp_path, "list", "-m", "example.com/a@v1.0.0", limit_s=2)
    assert (False, True) == (said.ok, "no end within 2 s" in said.complaint)


def test_a_module_without_an_answer_is_not_known() -> None:
    """Silence about a module is no word that all is well."""
    complaint = "go: no end within 120 s of `go list -m -e`"
    seen = Observed(
        (GoFile("go.mod", "module m\n"),), upstream_answer=Answer(1, "", complaint), asked=("example.com/a",)
    )
    (one,) = judge_upstream(seen)
    assert ("not-known", True) == (one.kind, one.evidence.endswith("no end within 120 s of `go list -m -e`"))


def test_an_interrupt_ends_every_go(modlab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that wait for a silent proxy end with the command that started them, and close what they have open."""
    folder = modlab.workspace("w", gomod(MAIN, "require example.com/a v1.0.0"), tidy=False)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(LIMIT_S)
        modlab.set(monkeypatch, {"GOPROXY": f"http://127.0.0.1:{silent.getsockname()[1]}", "NO_PROXY": "127.0.0.1"})
        argv = [sys.executable, "-m", "remotego", "mod.doctor", "--go", str(bundled_go())]
        with subprocess.Popen(argv, cwd=folder, env=modlab.env, stdout=subprocess.DEVNULL) as doctor:
            waiting, _ = silent.accept()
            waiting.settimeout(LIMIT_S)
            with waiting:
                doctor.send_signal(signal.SIGINT)
                try:
                    code = doctor.wait(LIMIT_S)
                finally:
                    doctor.kill()
                heard = b"".join(iter(lambda: waiting.recv(65536), b""))
    assert (130, True) == (code, heard.startswith(b"GET /example.com/a/@v/"))
