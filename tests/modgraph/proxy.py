"""A GOPROXY as a tree of files, of modules that a test makes up (go.dev/ref/mod#goproxy-protocol, #zip-files)."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

GO = "1.21"
"""The go line of modules that ask for nothing newer."""


def escaped(path: str) -> str:
    """Write a module path as the protocol has it: upper case is marked."""
    return "".join(f"!{letter.lower()}" if letter.isupper() else letter for letter in path)


def package(path: str, *imports: str) -> str:
    """Write a Go file of a package that imports others."""
    name = next(part for part in reversed(path.split("/")) if not part.startswith("v") or not part[1:].isdigit())
    lines = "".join(f'import _ "{one}"\n' for one in imports)
    return f"package {name}\n{lines}\nconst Version = 1\n"


def gomod(path: str, *lines: str, go: str = GO) -> str:
    """Write a go.mod; each of ``lines`` is a directive."""
    return "\n".join([f"module {path}", "", f"go {go}", "", *lines, ""])


@dataclass(frozen=True, slots=True)
class Proxy:
    """The tree at ``root``."""

    root: Path

    @property
    def url(self) -> str:
        """For GOPROXY. A lone file:// would be taken for a test of Go itself."""
        return f"{self.root.as_uri()},off"

    def publish(
        self, path: str, version: str, *needs: str, go: str = GO, extra: tuple[str, ...] = (), head: str = ""
    ) -> None:
        """Publish a version of a module with one package, which imports what it ``needs`` (path@version).

        ``extra`` are more directives of its go.mod, ``head`` stands above its module line (a deprecation).
        """
        requires = [f"require {need.replace('@', ' ')}" for need in needs]
        mod = head + gomod(path, *requires, *extra, go=go)
        source = package(path, *(need.partition("@")[0] for need in needs))
        self.put(path, version, {"go.mod": mod, "x.go": source})

    def put(self, path: str, version: str, files: Mapping[str, str]) -> Path:
        """Publish these files; gives the zip."""
        place = self.root / escaped(path) / "@v"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{version}.info").write_text(json.dumps({"Version": version, "Time": "2026-01-01T00:00:00Z"}))
        (place / f"{version}.mod").write_text(files["go.mod"])
        archive = place / f"{version}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, text in sorted(files.items()):
                packed.writestr(f"{path}@{version}/{name}", text)
        known = (place / "list").read_text().splitlines() if (place / "list").exists() else []
        (place / "list").write_text("\n".join([*known, version]) + "\n")
        return archive
