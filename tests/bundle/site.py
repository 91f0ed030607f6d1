"""A company in small: a module proxy with a checksum database, modules public and private, and a workspace."""

import io
import json
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard

from remotego.adapters.configuration import load_settings
from remotego.adapters.toolchain import bundled_go
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.golang.modulepath import escaped
from remotego.ops.bundle.create import Created, create
from remotego.ops.bundle.gather import Wish
from remotego.ops.bundle.verify import Trust, Whole, verify
from tests.golang.checksums import Server, signer

OURS = signer()
TRUST = Trust(OURS.vkey)
PUBLIC, MIXED, LATER, TOOL, PRIVATE = (
    *("example.com/public", "example.com/Mixed/Case", "example.com/later", "example.com/tool"),
    "corp.example.com/private",
)
TOOL_WORD = f"{TOOL}@v0.1.0"
TOKEN = "canary-token-5f2c"
GO_LIMIT_S = 280

LIBRARY = "package {name}\n\n// Name says who this is.\nfunc Name() string {{ return {quoted} }}\n"
PROGRAM = f"""\
package main

import (
	"fmt"

	private "{PRIVATE}"
	"{PUBLIC}"
)

func main() {{ fmt.Println(public.Name(), private.Name()) }}
"""
TEST = f"""\
package main

import (
	"testing"

	mixed "{MIXED}"
)

func TestName(t *testing.T) {{
	if mixed.Name() != "{MIXED}" {{
		t.Fatal(mixed.Name())
	}}
}}
"""
WORKSPACE = {
    "go.mod": f"""\
module example.com/svc

go 1.24

require (
	{PRIVATE} v1.0.0
	{PUBLIC} v1.1.0
	{MIXED} v1.0.0
)
""",
    "main.go": PROGRAM,
    "main_test.go": TEST,
}
TOOL_FILES = {
    "main.go": f'package main\n\nimport "{MIXED}"\n\nfunc main() {{ println(mixed.Name()) }}\n'.replace(
        f'"{MIXED}"', f'mixed "{MIXED}"'
    )
}


def publish(proxy: Path, path: str, version: str, files: Mapping[str, str], requires: str = "") -> None:
    """Put a version of a module into the proxy's tree; its go.mod is made."""
    modfile = f"module {path}\n\ngo 1.21\n{requires}"
    place = proxy / escaped(path) / "@v"
    place.mkdir(parents=True, exist_ok=True)
    if escaped(path) != path:
        # The database's server looks a module up by its own name.
        (proxy / path / "@v").mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted({"go.mod": modfile, **files}.items()):
            archive.writestr(zipfile.ZipInfo(f"{path}@{version}/{name}", (2024, 1, 1, 0, 0, 0)), text)
    for folder in {place, proxy / path / "@v"}:
        (folder / f"{version}.zip").write_bytes(packed.getvalue())
        (folder / f"{version}.mod").write_text(modfile)
    origin = {"VCS": "git", "URL": f"https://ann:{TOKEN}@git.example.com/x"}
    info = {"Version": version, "Time": "2024-01-01T00:00:00Z", "Origin": origin}
    (place / f"{version}.info").write_text(json.dumps(info))
    versions = sorted(one.stem for one in place.glob("*.zip"))
    (place / "list").write_text("".join(f"{one}\n" for one in versions))


def publish_all(proxy: Path) -> None:
    """Publish everything that the workspace and the tool need."""
    for path in (PUBLIC, MIXED, LATER, PRIVATE):
        name = path.rpartition("/")[2].lower()
        for version in ("v1.0.0", "v1.1.0"):
            library = {f"{name}.go": LIBRARY.format(name=name.replace("case", "mixed"), quoted=json.dumps(path))}
            publish(proxy, path, version, library)
    publish(proxy, TOOL, "v0.1.0", TOOL_FILES, f"\nrequire {MIXED} v1.0.0\n")


def lay_out(folder: Path, files: Mapping[str, str] = WORKSPACE) -> Path:
    """Write a workspace."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


@contextmanager
def online(server: Server, room: Path) -> Iterator[pytest.MonkeyPatch]:
    """A developer's machine: the proxy and its database, an empty module cache, one pattern of private modules."""
    with pytest.MonkeyPatch.context() as patch:
        fixed = {
            "GOPROXY": server.url,
            "GOSUMDB": OURS.vkey,
            "GONOSUMDB": "corp.example.com",
            "GOENV": "off",
            "GOFLAGS": "",
            "GOWORK": "",
            "GOTOOLCHAIN": "local",
            "GOMODCACHE": str(room / "modcache"),
            "GOPATH": str(room / "gopath"),
        }
        for name, value in fixed.items():
            patch.setenv(name, value)
        for name in ("GOPRIVATE", "GONOPROXY"):
            patch.delenv(name, raising=False)
        yield patch


def settings(workspace: Path) -> Settings:
    """Settings of somebody who has none, in a workspace."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    flags = {"workspace": str(workspace), "go": str(go)}
    return load_settings(flags, cwd=workspace, environ={}, user_file=workspace / "none.toml")


def bundled(out: Path, workspace: Path, *since: Path, tools: tuple[str, ...] = ()) -> Created:
    """Make a bundle; SDKs are left to others."""
    return create(Wish(tools, ("none",)), out, since, settings(workspace), Silence())


def verified(place: Path, *earlier: Path, trust: Trust = TRUST) -> Whole:
    """Verify a bundle."""
    return verify(place, earlier, trust, Silence())


def offline_go(*words: str, cwd: Path, room: Path, goproxy: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run go in a network namespace that has no network, with an empty module cache and the database on."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    fixed = {
        "GOPROXY": goproxy,
        "GOSUMDB": OURS.vkey,
        "GONOSUMDB": "corp.example.com",
        "GONOPROXY": "none",
        "GOENV": "off",
        "GOFLAGS": "-modcacherw",
        "GOWORK": "",
        "GOTOOLCHAIN": "local",
        "GOMODCACHE": str(room / "mod"),
        "GOPATH": str(room / "path"),
        "GOBIN": str(room / "bin"),
    }
    argv = ["unshare", "--user", "--map-root-user", "--net", str(go), *words]
    return subprocess.run(
        argv, cwd=cwd, env=os.environ | fixed | env, capture_output=True, text=True, timeout=GO_LIMIT_S, check=False
    )


def plain(place: Path) -> bytes:
    """The tar in a bundle."""
    with place.open("rb") as file:
        return zstandard.ZstdDecompressor().stream_reader(file).read()


def unpacked(place: Path, into: Path) -> str:
    """Unpack a bundle; give what GOPROXY says of it."""
    with tarfile.open(fileobj=io.BytesIO(plain(place))) as tar:
        tar.extractall(into, filter="data")
    return f"file://{into}/cache/download"
