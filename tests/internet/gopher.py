"""Somebody with a real go, an empty module cache, and settings of their own."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.toolchain import bundled_go
from tests.internet.internet import Internet

LIMIT_S = 200
SCRUBBED = ("GO", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
"""Beginnings of variables that a developer may have set and that must not decide here."""


@dataclass(frozen=True, slots=True)
class Gopher:
    """``home`` has everything that go keeps; ``settings`` are its variables."""

    home: Path
    settings: dict[str, str]

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of go."""
        inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith(SCRUBBED)}
        fixed = {
            "HOME": str(self.home), "GOPATH": str(self.home / "go"), "GOFLAGS": "-modcacherw", "GOENV": "off",
            "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOWORK": "off",
            "GOCACHE": os.environ.get("GOCACHE", str(Path.home() / ".cache/go-build")),
        }  # fmt: skip
        return inherited | fixed | self.settings

    def go(self, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run go to its end, however it ends."""
        program = bundled_go()
        assert program is not None, "the extra 'go' is not installed"
        self.home.mkdir(exist_ok=True)
        return subprocess.run(
            [program, *words], cwd=cwd or self.home, env=self.env, capture_output=True, text=True, timeout=LIMIT_S
        )

    def forget(self) -> None:
        """Have an empty module cache again."""
        shutil.rmtree(self.home / "go", ignore_errors=True)


def gopher(home: Path, internet: Internet, **settings: str) -> Gopher:
    """Somebody whose GOPROXY and GOSUMDB are ``internet`` unless ``settings`` say otherwise."""
    return Gopher(home, {"GOPROXY": internet.url, "GOSUMDB": internet.sumdb} | settings)
