"""A release of Delve: what it can debug and what it takes to build it."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.golang.build import ModulePin
from remotego.golang.version import GoVersion, parse_go_version

MODULE = "github.com/go-delve/delve"
PACKAGE = f"{MODULE}/cmd/dlv"

_UNIX_SOCKET = (1, 22, 1)
_DWARF5_GUARD = (1, 24, 2)
_GO_WITH_DWARF5 = GoVersion(1, 25)


@dataclass(frozen=True, slots=True)
class Release:
    """``oldest_go`` to ``newest_go``: language versions of the programs it can debug, both included.

    ``go_line`` is the go line of its go.mod, the oldest Go that builds it. The sums are those of
    the checksum database, for the module zip and for its go.mod.
    """

    version: str
    oldest_go: GoVersion
    newest_go: GoVersion
    go_line: str
    zip_sum: str
    mod_sum: str

    @property
    def number(self) -> tuple[int, ...]:
        """1.27.1 as (1, 27, 1), for comparing."""
        return tuple(int(part) for part in self.version.split("."))

    @property
    def pin(self) -> ModulePin:
        """The module to build from."""
        return ModulePin(MODULE, f"v{self.version}", self.zip_sum, self.mod_sum, self.go_line)

    @property
    def listens_on_unix(self) -> bool:
        """Whether ``--listen=unix:PATH`` works (Delve's CHANGELOG, 1.22.1)."""
        return self.number >= _UNIX_SOCKET

    def debugs(self, debuggee: GoVersion) -> bool:
        """Whether programs built by ``debuggee`` are in its range (pkg/goversion/compat.go)."""
        return self.oldest_go <= debuggee.language <= self.newest_go

    def needs_go(self, debuggee: GoVersion | None) -> GoVersion:
        """Give the oldest Go to build it with.

        Go 1.25 and later write DWARF 5, which Delve since 1.24.2 reads only when itself built by
        Go 1.25 or later. An unknown debuggee (None) may be as new as the range allows.
        """
        oldest = parse_go_version(self.go_line)
        newest_debuggee = (debuggee or self.newest_go).language
        if self.number >= _DWARF5_GUARD and newest_debuggee >= _GO_WITH_DWARF5:
            return max(oldest, _GO_WITH_DWARF5)
        return oldest
