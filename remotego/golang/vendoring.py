"""What a vendor directory holds: its list of modules, what such a directory covers and what it never does.

Facts: cmd/go's modcmd/vendor.go. It copies what the main module's packages and tests import, for every platform; it
leaves out tests of dependencies, packages nobody imports, and what is in no package; and go checks none of its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

COVERS = (
    "what packages and tests of the main module import, for every GOOS and GOARCH (they are ignored while vendoring)",
    "files that //go:embed names in those packages",
)
NEVER = (
    "tests of dependencies and what only those import: `go test all` does not work from it",
    "packages of the same modules that nobody imports: a new import takes a network, or a bundle",
    "files that are in no package, such as data, documents, and C code in directories of its own",
    "tools (go install tool@version), SDKs of Go and toolchain switches: bundle.create takes them along",
    "verification: go compiles whatever bytes lie there; `go mod verify` looks at the module cache alone",
)


@dataclass(frozen=True, slots=True)
class Vendored:
    """The modules of a vendor directory as ``path@version``, each with its packages."""

    modules: Mapping[str, tuple[str, ...]]

    @property
    def packages(self) -> int:
        """How many packages there are."""
        return sum(map(len, self.modules.values()))

    def module_of(self, path: str) -> str:
        """Name the module that a file below vendor belongs to, "" for none."""
        paths = {module.rpartition("@")[0]: module for module in self.modules}
        parts = path.split("/")
        candidates = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
        return next((paths[one] for one in candidates if one in paths), "")


@dataclass(frozen=True, slots=True)
class Drift:
    """A file that is not as its module has it: "changed", "added" or "missing"."""

    path: str
    module: str
    what: str


def parse_modules_txt(text: str) -> Vendored:
    """Read vendor/modules.txt: ``# path version [=> target]``, and the packages below each."""
    modules: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        match line.split():
            case ["#", path, version, *_] if version != "=>":
                current = modules.setdefault(f"{path}@{version}", [])
            case ["##", *_] | ["#", *_] | []:
                continue
            case [package]:
                current.append(package)
    return Vendored({name: tuple(packages) for name, packages in modules.items() if packages})
