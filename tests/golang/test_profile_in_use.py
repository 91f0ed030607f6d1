"""Profiles obeyed by a real go: which proxies hear of which modules."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from remotego.adapters.toolchain import bundled_go
from remotego.golang.profile import profile

PRIVATE, OTHER = "git.corp.invalid/secret", "example.invalid/open"
TABLE = {"private": ["*.corp.invalid"]}


@dataclass
class Proxy:
    """A proxy that has nothing: it answers ``status`` and remembers what it is asked for."""

    status: int
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def heard_of(self, module: str) -> bool:
        """Whether anybody has asked for a module."""
        return any(f"/{module}/" in path for path in self.asked)


@contextmanager
def running(proxy: Proxy) -> Iterator[Proxy]:
    """Serve on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            proxy.asked.append(self.path)
            self.send_response(proxy.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield proxy
        server.shutdown()


def download(folder: Path, module: str, name: str, **tables: dict[str, Any]) -> str:
    """Have go fetch a module that nobody has, under a profile; what it says."""
    own = {"HOME": str(folder), "GOMODCACHE": str(folder / "mod"), "GOCACHE": str(folder / "cache"), "GOENV": "off"}
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GO", "HTTP", "http"))}
    (folder / "go.mod").write_text("module m\n")
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    done = subprocess.run(
        [go, "mod", "download", f"{module}@v1.0.0"],
        cwd=folder,
        env={**clean, **own, "NO_PROXY": "*", **profile(name, tables).variables, "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert 0 != done.returncode
    return str(done.stderr)


def test_an_intranet_asks_the_next_proxy_and_then_nobody(tmp_path: Path) -> None:
    """Also for private modules; one that is down is no reason to look outside."""
    with running(Proxy(503)) as down, running(Proxy(404)) as other:
        said = download(tmp_path, PRIVATE, "intranet", intranet={**TABLE, "goproxy": [down.url, other.url]})
    assert (True, True, False) == (down.heard_of(PRIVATE), other.heard_of(PRIVATE), "https://git.corp" in said)


def test_outside_no_proxy_hears_of_private_modules(tmp_path: Path) -> None:
    """They are looked for where they live."""
    with running(Proxy(404)) as public:
        said = download(tmp_path, PRIVATE, "extranet", intranet=TABLE, extranet={"goproxy": [public.url, "off"]})
    assert ([], True) == (public.asked, "https://git.corp.invalid" in said)


def test_outside_proxies_are_asked_for_all_else(tmp_path: Path) -> None:
    """What is not private is theirs."""
    with running(Proxy(404)) as public:
        download(tmp_path, OTHER, "extranet", intranet=TABLE, extranet={"goproxy": [public.url, "off"]})
    assert public.heard_of(OTHER)


def test_mixed_asks_the_own_proxy_for_both(tmp_path: Path) -> None:
    """And nobody behind it."""
    with running(Proxy(404)) as own:
        said = [download(tmp_path, one, "mixed", mixed={**TABLE, "goproxy": [own.url]}) for one in (PRIVATE, OTHER)]
    assert (True, True, 2) == (own.heard_of(PRIVATE), own.heard_of(OTHER), " ".join(said).count("GOPROXY=off"))
