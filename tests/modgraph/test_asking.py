"""go asked with bounds: a proxy that is silent is told of, and not waited for."""

import socket
from pathlib import Path

from remotego.adapters.gomodules import GoModules
from remotego.adapters.toolchain import bundled_go
from remotego.core.answer import Answer
from remotego.modgraph.judges.upstream import judge_upstream
from remotego.modgraph.modfiles import GoFile
from remotego.modgraph.observed import Observed


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
