"""Managers of Go versions that may be on a machine already: where they are, what they do, how to have them stand aside.

They are left as they are. Where one has a word for "not me, the next in PATH", an editor's terminals get that as a
variable, since its start-up line in .bashrc or .zshrc comes after what an editor sets and puts its shims first again.

Sources: goenv libexec/goenv-exec and goenv-sh-rehash (GOROOT and GOPATH are exported unless the version is
"system"); asdf documentation, "system" version and ASDF_<TOOL>_VERSION; mise documentation, MISE_<TOOL>_VERSION and
"system"; gvm scripts/env/use; g README (~/.g/env); golang.org/dl internal/version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Manager:
    """A manager by its ``name``.

    ``variable`` may name its ``root``, which is else that below the home; ``sdk`` is where it keeps a version below
    that; ``links`` are directories of PATH that lead to it. ``files`` are files of a workspace that name a version,
    each with the word before it ("" where the version stands alone). ``aside`` are variables that have it step
    aside. ``does`` goes on "it ...". ``is_loaded``: a start-up file of the shell puts it first in PATH.
    """

    name: str
    variable: str
    root: str
    sdk: str
    links: tuple[str, ...]
    files: Mapping[str, str]
    does: str
    aside: Mapping[str, str] = field(default_factory=dict)
    is_loaded: bool = True


MANAGERS = (
    Manager(
        "goenv",
        "GOENV_ROOT",
        ".goenv",
        "versions/{version}",
        ("shims",),
        {".go-version": ""},
        "has shims that choose by .go-version, and exports GOROOT and a GOPATH per version",
        {"GOENV_VERSION": "system", "GOENV_DISABLE_GOROOT": "1", "GOENV_DISABLE_GOPATH": "1"},
    ),
    Manager(
        "asdf",
        "ASDF_DATA_DIR",
        ".asdf",
        "installs/golang/{version}/go",
        ("shims",),
        {".tool-versions": "golang"},
        "has shims that choose by .tool-versions, and can export GOROOT",
        {"ASDF_GOLANG_VERSION": "system"},
    ),
    Manager(
        "mise",
        "MISE_DATA_DIR",
        ".local/share/mise",
        "installs/go/{version}",
        ("shims", "installs/go"),
        {"mise.toml": "go", ".mise.toml": "go", ".tool-versions": "go"},
        "puts the go of mise.toml first in PATH in every directory, and exports GOROOT",
        {"MISE_GO_VERSION": "system"},
    ),
    Manager(
        "gvm",
        "GVM_ROOT",
        ".gvm",
        "gos/go{version}",
        ("gos", "bin"),
        {},
        "exports GOROOT, GOPATH and PATH by a shell function",
    ),
    Manager(
        "g",
        "G_HOME",
        ".g",
        "versions/{version}",
        ("go/bin",),
        {},
        "exports GOROOT and PATH, both by a link that stands for one version in all workspaces",
    ),
    Manager(
        "golang.org/dl",
        "",
        "sdk",
        "go{version}",
        (),
        {},
        "has commands such as go1.26.6, which set GOROOT for themselves alone",
        is_loaded=False,
    ),
)


@dataclass(frozen=True, slots=True)
class VersionFile:
    """A file that names a version for a manager, and the line."""

    file: str
    line: int
    version: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """A manager that is here: its ``root``, the first ``go`` of PATH if that is its own, what files say to it."""

    manager: Manager
    root: str
    go: str | None
    files: tuple[VersionFile, ...]

    @property
    def described(self) -> str:
        """What it does and why that does not count in the workspace, for people."""
        shim = f"{self.go} is the first go in PATH and" if self.go else "it"
        if self.manager.aside:
            words = " ".join(f"{name}={value}" for name, value in self.manager.aside.items())
            wins = f"terminals here get {words}, with which it lets the next go in PATH be"
        elif not self.manager.is_loaded:
            wins = "what go alone means has nothing to do with it"
        else:
            wins = "where a shell's start-up files load it, its go comes first in terminals all the same"
        return f"{self.manager.name} ({self.root}) is left as it is: {shim} {self.manager.does}; {wins}"
