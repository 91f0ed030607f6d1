"""A real Go small enough for a test: what it takes to build a service, as the module golang.org/toolchain."""

import json
import os
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.toolchain import bundled_go
from remotego.golang.sdk import MODULE, Sdk

STANDARD = ("fmt", "os", "path/filepath", "strconv", "syscall", "time")
"""What the packages of ``modules`` import, and what those import, is all there is of the standard library."""

PROGRAMS = ("bin/go", *(f"pkg/tool/{{platform}}/{name}" for name in ("asm", "compile", "link")))
FILES = ("VERSION", "go.env", "src/go.mod")
HEADERS = ("pkg/include", "src/runtime")
FAST = 1
"""Compression level: the zip is read once."""

LIMIT_S = 200
"""Nothing is compiled, but a go that is cold reads all of its standard library."""
FIXED = {
    "GOENV": "off", "GOFLAGS": "", "GOWORK": "off", "CGO_ENABLED": "0", "GOOS": "linux", "GOTOOLCHAIN": "local",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Toolchain:
    """One that is published: the SDK it is, and its zip."""

    sdk: Sdk
    zip: Path


def publish_toolchain(folder: Path) -> Toolchain:
    """Add the running Go, without all that a small service does not need, to the tree of a GOPROXY."""
    found = _env("GOROOT", "GOVERSION", "GOARCH")
    root, sdk = Path(found["GOROOT"]), Sdk(found["GOVERSION"].removeprefix("go"), "linux", found["GOARCH"])
    place = folder / MODULE / "@v"
    place.mkdir(parents=True, exist_ok=True)
    version = sdk.module_version
    (place / "list").write_text(f"{version}\n")
    (place / f"{version}.info").write_text(json.dumps({"Version": version}))
    (place / f"{version}.mod").write_text(f"module {MODULE}\n")
    packed = place / f"{version}.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
        for name in sorted(_names(root, f"linux_{sdk.goarch}")):
            # A module's zip may hold no other go.mod; cmd/go gives this one its name back.
            archive.write(root / name, f"{sdk.module}/{name.replace('src/go.mod', 'src/_go.mod')}")
    return Toolchain(sdk, packed)


def _names(root: Path, platform: str) -> Iterator[str]:
    yield from (name.format(platform=platform) for name in PROGRAMS)
    yield from FILES
    headers = (path for folder in HEADERS for path in (root / folder).rglob("*.h"))
    yield from sorted({str(path.relative_to(root)) for path in (*headers, *_sources())})


def _sources() -> Iterable[Path]:
    listed = _go("list", "-deps", "-json=Dir,GoFiles,SFiles,HFiles,EmbedFiles", *STANDARD)
    decoder, at = json.JSONDecoder(), 0
    while at < len(listed.rstrip()):
        package, at = decoder.raw_decode(listed, at)
        at += 1
        for kind in ("GoFiles", "SFiles", "HFiles", "EmbedFiles"):
            yield from (Path(package["Dir"], name) for name in package.get(kind, ()))


def _env(*names: str) -> dict[str, str]:
    return dict(json.loads(_go("env", "-json", *names)))


def _go(*words: str) -> str:
    program = bundled_go()
    assert program is not None, "the extra 'go' is not installed"
    env = os.environ | FIXED
    done = subprocess.run([program, *words], env=env, check=True, capture_output=True, text=True, timeout=LIMIT_S)
    return done.stdout
