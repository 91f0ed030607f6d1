"""A small SDK of the shape of a real one: its go is a program that says of itself whatever version it shall be."""

import gzip
import hashlib
import io
import json
import random
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from remotego.core.artifact import Artifact
from remotego.golang.sdk import Sdk
from remotego.golang.sdktree import module_h1
from remotego.host.sdk.note import SdkNote
from remotego.host.sdk.store import Amount
from remotego.ops.sdk.hosts import Delivery
from tests.golang import specimens

SOURCE = """\
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

func main() {
	said := runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	switch os.Args[1] {
	case "version":
		fmt.Println("go version", said)
	case "build":
		os.WriteFile(os.Args[3], []byte("#!/bin/sh\\necho "+said+"\\n"), 0o755)
	case "wait":
		fmt.Println("waiting")
		io.Copy(io.Discard, os.Stdin)
	}
}
"""
"""``go build -o FILE main.go`` writes a program that prints what the real one's would; ``go wait`` runs on."""

SOURCES = {f"src/p{number}/p.go": b"package p\n" * number for number in range(1, 40)}

Go = Callable[..., bytes]


def build_go(folder: Path, version: str, goarch: str = "amd64") -> bytes:
    """Build the go of an SDK."""
    (folder / "main.go").write_text(SOURCE)
    (folder / "go.mod").write_text("module stand.in/go\n")
    flags = f"-ldflags=-s -w -X=runtime.buildVersion=go{version}"
    specimens.go("build", flags, "-o", folder / "go", ".", cwd=folder, GOARCH=goarch)
    return (folder / "go").read_bytes()


def files_of(version: str, go: bytes) -> dict[str, bytes]:
    """The files of a small SDK."""
    more = {"VERSION": f"go{version}\n".encode(), "go.mod": b"module std\n", "pkg/tool/linux_amd64/compile": go[:4096]}
    return {"bin/go": go, **more, **SOURCES}


def deliver(
    folder: Path, version: str, go: bytes, *, goarch: str = "amd64", says: str = "", ballast_bytes: int = 0
) -> Delivery:
    """Pack a small SDK as a supply does. ``says``: a version that the note claims; ``ballast``: it does not shrink."""
    files = files_of(version, go) | {"src/ballast": random.Random(1).randbytes(ballast_bytes)}
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    h1 = module_h1(Sdk(says or version, "linux", goarch), digests)
    manifest = json.dumps({"version": version, "h1": h1, "source": "this test", "files": digests}).encode()
    packed = pack({f"go/{path}": content for path, content in files.items()} | {"remotego-sdk.json": manifest})
    sha256 = hashlib.sha256(packed).hexdigest()
    path = folder / f"{sha256}.tar.gz"
    path.write_bytes(packed)
    artifact = Artifact(f"go-{version}-linux-{goarch}", sha256, len(packed), path)
    note = SdkNote(says or version, "linux", goarch, h1, "this test", "nobody", sha256)
    return Delivery(note, artifact, Amount(len(files), sum(map(len, files.values()))))


def pack(files: Mapping[str, bytes]) -> bytes:
    """A gzip'd tar of files and the directories above them."""
    raw = io.BytesIO()
    above = {str(parent) for path in files for parent in Path(path).parents} - {"."}
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(above):
            _add(tar, path, None)
        for path, content in sorted(files.items()):
            _add(tar, path, content)
    return gzip.compress(raw.getvalue(), mtime=0)


def _add(tar: tarfile.TarFile, path: str, content: bytes | None) -> None:
    entry = tarfile.TarInfo(path)
    entry.type = tarfile.REGTYPE if content is not None else tarfile.DIRTYPE
    entry.mode = 0o644 if content is not None and not path.startswith(("go/bin/", "go/pkg/tool/")) else 0o755
    entry.size = len(content or b"")
    tar.addfile(entry, io.BytesIO(content or b""))
