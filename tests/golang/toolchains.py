"""Go SDKs small enough for tests: of the right shape, with a shell script in the place of each program."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from remotego.golang.sdk import Sdk

SDK = Sdk("1.26.6", "linux", "amd64")


def files(sdk: Sdk = SDK) -> dict[str, bytes]:
    """Every file by its name in GOROOT."""
    tool = f"pkg/tool/{sdk.goos}_{sdk.goarch}"
    return {
        "VERSION": f"go{sdk.version}\ntime 2026-08-11T00:40:00Z\n".encode(),
        "bin/go": b"#!/bin/sh\necho go\n",
        "bin/gofmt": b"#!/bin/sh\n",
        f"{tool}/compile": b"#!/bin/sh\n",
        f"{tool}/link": b"#!/bin/sh\n" * 1000,
        "lib/wasm/go_js_wasm_exec": b"#!/bin/sh\n",
        "src/go.mod": b"module std\n",
        "src/runtime/proc.go": b"package runtime\n",
    }


def module_zip(sdk: Sdk = SDK, content: Mapping[str, bytes] | None = None) -> bytes:
    """The zip of the module golang.org/toolchain."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted((files(sdk) if content is None else content).items()):
            above, slash, base = name.rpartition("/")
            archive.writestr(f"{sdk.module}/{above}{slash}{'_go.mod' if base == 'go.mod' else base}", data)
    return packed.getvalue()


def archive_tar(sdk: Sdk = SDK, more: Mapping[str, bytes] | None = None) -> bytes:
    """The official archive: with what the module leaves out."""
    packed = io.BytesIO()
    left_out = {"api/go1.txt": b"pkg\n", "doc/x.html": b"", "misc/y": b"", "test/z.go": b"package z\n"}
    with gzip.GzipFile(fileobj=packed, mode="wb") as plain, tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in sorted((files(sdk) | left_out | dict(more or {})).items()):
            info = tarfile.TarInfo(f"go/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def publish(proxy: Path, sdk: Sdk = SDK, content: bytes | None = None) -> Path:
    """Put a module into a tree of files that is a proxy; gives its zip."""
    place = proxy / "golang.org" / "toolchain" / "@v"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{sdk.module_version}.info").write_text(f'{{"Version":"{sdk.module_version}"}}')
    (place / f"{sdk.module_version}.mod").write_text("module golang.org/toolchain\n")
    path = place / f"{sdk.module_version}.zip"
    path.write_bytes(module_zip(sdk) if content is None else content)
    return path
