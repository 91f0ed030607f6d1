"""The kinds of findings: how grave each is, the exit code of one that fails, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from remotego.core.errors import BuildError, MissingError, RefusedError

Level = Literal["failure", "warning", "note", "unknown"]

WORST_FIRST: tuple[Level, ...] = ("failure", "unknown", "warning", "note")
BROKEN, ABSENT, UNSAFE = BuildError.exit_code, MissingError.exit_code, RefusedError.exit_code
GRAVITY = (UNSAFE, BROKEN, ABSENT)
"""What the exit code tells of where several fail: what may be an attack comes before what does not build."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding. ``code`` is the exit code where it is a failure."""

    id: str
    level: Level
    title: str
    meaning: str
    code: int = 0


KINDS = (
    Kind(
        "forced-upgrade",
        "failure",
        "A requirement is lower than what is selected",
        "Minimal version selection takes the highest version that anything requires; go.mod says a lower one, "
        "so every command that may not change go.mod ends with an error.",
        BROKEN,
    ),
    Kind(
        "workspace-upgrade",
        "note",
        "A module is built with another version in the workspace than alone",
        "go.work selects one version for all its modules; a module that requires less is tested with what it would not "
        "get by itself.",
    ),
    Kind(
        "go-raised",
        "failure",
        "A go line is lower than that of a dependency",
        "A module needs at least the Go that each of its dependencies needs (go.dev/doc/toolchain).",
        BROKEN,
    ),
    Kind(
        "toolchain-mismatch",
        "failure",
        "The go command is older than the modules need",
        "With GOTOOLCHAIN=local no other toolchain is fetched, and an older go command refuses to work.",
        BROKEN,
    ),
    Kind(
        "excluded-version",
        "warning",
        "An exclude directive lowers what others require",
        "A requirement on an excluded version is dropped; what is selected instead may be older than a module "
        "in the build says it needs.",
    ),
    Kind(
        "replaced-older",
        "warning",
        "A replace directive leads to an older version than others require",
        "A replacement counts as the version it replaces; nobody compares its own version with what is required.",
    ),
    Kind(
        "replace-broken",
        "failure",
        "A replace or use directive leads nowhere",
        "The directory is missing, or has no go.mod.",
        ABSENT,
    ),
    Kind(
        "replace-unused",
        "note",
        "A replace directive replaces nothing",
        "No module of that path and version is in the build.",
    ),
    Kind(
        "retracted",
        "warning",
        "A version is retracted",
        "Its author has taken it back (go.dev/ref/mod#go-mod-file-retract).",
    ),
    Kind("deprecated", "warning", "A module is deprecated", "Its author advises against it."),
    Kind(
        "several-majors",
        "note",
        "Several major versions of a module are in one build",
        "They are different modules: their types do not mix, their global state is there twice.",
    ),
    Kind(
        "sum-missing",
        "failure",
        "go.sum lacks a line",
        "A module in the build has no hash to be checked by.",
        BROKEN,
    ),
    Kind("sum-malformed", "failure", "A line of go.sum cannot be read", "cmd/go refuses the whole file.", BROKEN),
    Kind(
        "sum-mismatch",
        "failure",
        "A module is not what go.sum says",
        "The hash in go.sum and that of the module differ.",
        UNSAFE,
    ),
    Kind(
        "cache-corrupt",
        "failure",
        "The module cache was changed after a download",
        "The files there have another hash than what was downloaded.",
        UNSAFE,
    ),
    Kind(
        "vendor-inconsistent",
        "failure",
        "vendor/modules.txt and go.mod disagree",
        "cmd/go refuses to build from vendor then.",
        BROKEN,
    ),
    Kind(
        "vendor-changed",
        "failure",
        "Files in vendor are not those of the modules",
        "Nothing in cmd/go checks them: what was changed there is built.",
        UNSAFE,
    ),
    Kind(
        "module-missing",
        "failure",
        "A module or package cannot be found",
        "No module in go.mod has the package, or its version is nowhere to be had.",
        ABSENT,
    ),
    Kind(
        "module-unreachable",
        "failure",
        "What the build needs cannot be had here",
        "go cannot tell the module graph, or load a package, because nobody answers for it: it would not build either.",
        ABSENT,
    ),
    Kind(
        "not-known",
        "unknown",
        "Something could not be looked at",
        "It needs a network, a proxy, or files that are not here.",
    ),
)

BY_ID = {kind.id: kind for kind in KINDS}
