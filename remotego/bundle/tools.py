"""Tools that a bundle takes along: words such as ``dlv``, ``gopls@v0.21.0`` or a package with its version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.golang.modulepath import is_module_path, is_version

LATEST = "latest"

KNOWN: Mapping[str, tuple[str, str]] = {
    "dlv": ("github.com/go-delve/delve", "cmd/dlv"),
    "gopls": ("golang.org/x/tools/gopls", ""),
    "staticcheck": ("honnef.co/go/tools", "cmd/staticcheck"),
    "govulncheck": ("golang.org/x/vuln", "cmd/govulncheck"),
    "goimports": ("golang.org/x/tools", "cmd/goimports"),
}
"""Short names: the module, and the package in it."""


@dataclass(eq=False)
class UnknownToolError(UsageError):
    """A word that names no tool."""

    word: str
    known: str
    what = "--tools {word}: it is none of {known}, and no package such as example.com/cmd/tool@v1.2.3"
    remedy = "write the package that `go install` takes, with a version in full or @latest"


@dataclass(frozen=True, slots=True)
class Tool:
    """A package that ``go install`` takes, a version of it (LATEST for whatever is newest), and where its module may
    begin: the longest path first.
    """

    package: str
    version: str
    candidates: tuple[str, ...]

    @property
    def name(self) -> str:
        """As ``go install`` takes it."""
        return f"{self.package}@{self.version}"


def parse_tool(word: str, delve: str) -> Tool:
    """Read a word of --tools; ``delve`` is the version that remotego would deploy. Raises UnknownToolError."""
    name, _, version = word.partition("@")
    if name in KNOWN:
        module, below = KNOWN[name]
        chosen = version or (f"v{delve}" if name == "dlv" else LATEST)
        package = f"{module}/{below}".rstrip("/")
        candidates: tuple[str, ...] = (module,)
    else:
        parts = name.split("/")
        package, chosen = name, version
        candidates = tuple("/".join(parts[:count]) for count in range(len(parts), 0, -1))
    if not is_module_path(package) or not (chosen == LATEST or is_version(chosen)) or "." not in package.split("/")[0]:
        raise UnknownToolError(word, ", ".join(KNOWN))
    return Tool(package, chosen, candidates)
