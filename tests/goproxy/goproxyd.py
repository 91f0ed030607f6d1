"""The proxy of our own on this machine: a place for it, and an upstream whose every byte is known."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from socket import create_server
from typing import Any

from tests.goproxy.modules import WHEN, module_file

VERB_LIMIT_S = 200
MODULES = 12
BALLAST_BYTES = 300_000
LARGE_BYTES = 16 << 20
"""More than the buffers of two sockets ever hold (tcp_wmem and tcp_rmem grow to 4 and 6 MiB)."""

INFO = json.dumps({"Version": "v1.0.0", "Time": WHEN}, separators=(",", ":")).encode()
"""As goproxy writes it anew, whatever the upstream's blanks."""

UNREACHABLE = 0
"""Stands for the status of a proxy that does not answer."""


def free_port() -> int:
    """Give a port that nothing listens on right now."""
    with create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def shelf(modules: int = MODULES) -> dict[str, bytes]:
    """Give modules m0, m1 ... whose zips do not compress, by the paths that a client asks for."""
    found: dict[str, bytes] = {}
    for number in range(modules):
        text = "".join(hashlib.sha256(f"{number} {row}".encode()).hexdigest() for row in range(BALLAST_BYTES // 64))
        found |= files_of(f"example.com/m{number}", text)
    return found


def files_of(name: str, ballast: str) -> dict[str, bytes]:
    """Give v1.0.0 of a module by the paths that a client asks for."""
    versions = {"v1.0.0": {"m.go": "package m\n", "ballast.txt": ballast}}
    kept = {file: module_file(name, versions, file) or b"" for file in ("@v/v1.0.0.mod", "@v/v1.0.0.zip")}
    whole = {**kept, "@v/list": b"v1.0.0", "@v/v1.0.0.info": INFO}
    return {f"/{name}/{file}": content for file, content in whole.items()}


def fetch(url: str, timeout_s: float = VERB_LIMIT_S) -> tuple[int, bytes]:
    """Get a URL without a proxy; the status, UNREACHABLE where nothing whole comes, and the bytes."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout_s) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""
    except (OSError, HTTPException):
        return UNREACHABLE, b""


@dataclass
class Place:
    """A directory that a proxy serves from by ``program``, at ``port`` of 127.0.0.1."""

    directory: Path
    program: Path
    upstream: str
    port: int = field(default_factory=free_port)
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    def order(self, **more: Any) -> dict[str, Any]:
        """Give what ``apply`` reads."""
        listen = f"127.0.0.1:{self.port}"
        own = {"listen": listen, "upstream": self.upstream, "sumdb": "off", "proxied_sumdbs": [], **self.config}
        return {"config": own, "program": str(self.program), "supervisor": "plain", "names": [], **more}

    def apply(self, **more: Any) -> subprocess.CompletedProcess[str]:
        """Have it serve, or be as it was."""
        return self.call("apply", json.dumps(self.order(**more)))

    def call(self, word: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a subcommand of the program."""
        words = [str(self.program), word, str(self.directory)]
        return subprocess.run(words, input=given, capture_output=True, text=True, timeout=VERB_LIMIT_S)

    @property
    def state(self) -> dict[str, Any]:
        """What ``status`` says."""
        found: dict[str, Any] = json.loads(self.call("status").stdout)
        return found

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask it for a path."""
        return fetch(self.url + path)

    def serve(self, *before: str) -> subprocess.Popen[bytes]:
        """Start a server without a keeper, below the words ``before``; it may not answer yet."""
        self.directory.mkdir(exist_ok=True)
        config = json.dumps(self.order()["config"])
        script = 'cd "$1" && printf %s "$2" >config.json && exec "$3" serve .'
        words = [*before, "sh", "-c", script, "sh", str(self.directory), config, str(self.program)]
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def remove(self) -> None:
        """End it, whatever has become of it, by the process numbers it tells."""
        if (self.directory / "config.json").exists() and (done := self.call("remove")).returncode != 0:
            raise AssertionError(done.stderr)
        shutil.rmtree(self.directory, ignore_errors=True)


def end(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
    """End a process and wait for it."""
    process.send_signal(number)
    process.wait(VERB_LIMIT_S)
