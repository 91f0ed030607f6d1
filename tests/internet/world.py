"""The modules of that internet, and those that only the company has: real ones, in the tree of a GOPROXY."""

import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.binaries import TICKER

SOURCES = Path(__file__).parent / "modules"
TRACING = TICKER / "tracing.go"
"""The service lets others attach as the lab's sample service does."""

ANY_VERSION = "v0.0.0-dev"
"""Stands in the sources where the version of a module goes."""

PUBLISHED = "2026-01-02T03:04:05Z"
GO = "1.24"


@dataclass(frozen=True, slots=True)
class Module:
    """A module at one version: what it requires, and the folder of its sources."""

    path: str
    version: str
    source: str
    requires: Mapping[str, str] = field(default_factory=dict)

    @property
    def mod(self) -> str:
        """Its go.mod."""
        return render_mod(self.path, self.requires)

    def files(self) -> dict[str, bytes]:
        """Every file of it by name."""
        sources = sorted((SOURCES / self.source).iterdir())
        texts = {file.name: file.read_text().replace(ANY_VERSION, self.version) for file in sources}
        return {name: text.encode() for name, text in sorted((texts | {"go.mod": self.mod}).items())}

    def zip(self) -> bytes:
        """The archive that a proxy hands out, the same bytes each time."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.files().items():
                archive.writestr(zipfile.ZipInfo(f"{self.path}@{self.version}/{name}"), data)
        return packed.getvalue()


WORDS, STEP, CLOCK = "greet.example/words", "pace.example/step/v2", "corp.example/clock"
PUBLIC = (
    *(Module(WORDS, version, "words") for version in ("v1.0.0", "v1.1.0", "v1.2.0")),
    *(Module(STEP, version, "step", {WORDS: "v1.1.0"}) for version in ("v2.0.0", "v2.1.0", "v2.2.0")),
)
PRIVATE = (
    Module(CLOCK, "v1.3.0", "clock", {STEP: "v2.0.0", WORDS: "v1.0.0"}),
    Module(CLOCK, "v1.4.0", "clock", {STEP: "v2.1.0", WORDS: "v1.2.0"}),
)
PRIVATE_PATTERN = "corp.example"
"""For GOPRIVATE."""

TELLER = "corp.example/teller"
TELLER_REQUIRES = {CLOCK: "v1.4.0", STEP: "v2.1.0", WORDS: "v1.2.0"}


def publish(folder: Path, *modules: Module) -> Path:
    """Lay modules out as the tree of a GOPROXY (go.dev/ref/mod#goproxy-protocol); gives the folder."""
    for module in modules:
        place = folder / module.path / "@v"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{module.version}.info").write_text(json.dumps({"Version": module.version, "Time": PUBLISHED}))
        (place / f"{module.version}.mod").write_text(module.mod)
        (place / f"{module.version}.zip").write_bytes(module.zip())
        with (place / "list").open("a") as listed:
            listed.write(f"{module.version}\n")
    return folder


def check_out(folder: Path) -> Path:
    """Lay out the workspace of the company's service, which has no go.sum yet; gives the folder."""
    shutil.copytree(SOURCES / "teller", folder)
    shutil.copy(TRACING, folder)
    (folder / "go.mod").write_text(render_mod(TELLER, TELLER_REQUIRES))
    return folder


def render_mod(path: str, requires: Mapping[str, str]) -> str:
    """A go.mod; paths here have no upper-case letters, so a proxy needs no escapes."""
    lines = "".join(f"require {module} {version}\n" for module, version in sorted(requires.items()))
    return f"module {path}\n\ngo {GO}\n\n{lines}"
