"""Modules made of text: the files that a GOPROXY has of them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

WHEN = "2026-01-02T03:04:05Z"

Files = Mapping[str, str]


def escape(path: str) -> str:
    """Write capital letters as the protocol does."""
    return re.sub("[A-Z]", lambda found: f"!{found[0].lower()}", path)


def module_file(module: str, versions: Mapping[str, Files], name: str) -> bytes | None:
    """Give what is at ``@v/NAME`` or ``@latest`` of a module; None where there is nothing."""
    if name == "@v/list":
        return "".join(f"{version}\n" for version in versions).encode()
    found = re.fullmatch(r"@v/(.+)\.(info|mod|zip)", name)
    for version, files in versions.items():
        if found and found[1] == escape(version):
            return {"info": _info, "mod": _mod, "zip": _zip}[found[2]](module, version, files)
    return None


def _info(_module: str, version: str, _files: Files) -> bytes:
    return json.dumps({"Version": version, "Time": WHEN}).encode()


def _mod(module: str, _version: str, files: Files) -> bytes:
    return files.get("go.mod", f"module {module}\n").encode()


def _zip(module: str, version: str, files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in {"go.mod": f"module {module}\n", **files}.items():
            archive.writestr(zipfile.ZipInfo(f"{module}@{version}/{name}"), text)
    return packed.getvalue()


def write_tree(folder: Path, modules: Mapping[str, Mapping[str, Files]]) -> None:
    """Put modules into a tree of files that is a GOPROXY by file:// and by any web server."""
    for module, versions in modules.items():
        place = folder / escape(module) / "@v"
        place.mkdir(parents=True, exist_ok=True)
        (place / "list").write_bytes(module_file(module, versions, "@v/list") or b"")
        for version in versions:
            for kind in ("info", "mod", "zip"):
                name = f"@v/{escape(version)}.{kind}"
                (place / f"{escape(version)}.{kind}").write_bytes(module_file(module, versions, name) or b"")
