"""What a machine is like, as far as a doctor has to know: plain records that a script or an adapter fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """A file or directory: permission bits as ``mode``, None where it is not there; ``mine``: owned by this login.

    ``writable`` is what the system itself answers, which knows of read-only mounts and access lists too.
    """

    path: str
    mode: int | None
    mine: bool = True
    writable: bool = True

    @property
    def others_write(self) -> bool:
        """Whether others than the owner may write it."""
        return bool(self.mode and self.mode & 0o022)

    @property
    def others_read(self) -> bool:
        """Whether others than the owner may read, or enter, it."""
        return bool(self.mode and self.mode & 0o077)


@dataclass(frozen=True, slots=True)
class Trial:
    """A fetch of a small known thing over one entry of GOPROXY: by which ``tool``, how it ended, what was said.

    ``code`` is the tool's exit code, 124 where it was ended for taking too long (timeout(1)).
    """

    proxy: str
    tool: str
    code: int
    said: str


@dataclass(frozen=True, slots=True)
class GoState:
    """Go as one login finds it.

    ``path`` is the go of PATH ("" if there is none), ``real`` where its links lead, ``dangling`` links called go that
    lead nowhere. ``exported`` are variables of the environment, ``said`` what ``go env`` answers (empty where it
    fails, and ``problem`` says why). ``places`` are the directories go writes to; ``closed`` directories of PATH that
    may not be looked into.
    """

    path: str = ""
    real: str = ""
    version: str = ""
    problem: str = ""
    dangling: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    exported: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    trials: tuple[Trial, ...] = ()
    home: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """A Python package that remotego needs: the version wanted and the one there ("" if none)."""

    name: str
    wanted: str
    have: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """What ``go mod verify`` said of a module: the directory, its exit code (None where it was not run), its words.

    ``sums`` are the lines of go.sum that it may blame.
    """

    directory: str
    code: int | None
    said: str
    sums: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """The developer's own machine. ``free_bytes`` and ``go`` are None where nobody could tell."""

    ssh: str = ""
    python: tuple[int, ...] = ()
    packages: tuple[Package, ...] = ()
    ssh_files: tuple[Place, ...] = ()
    cache: Place | None = None
    free_bytes: int | None = None
    dlv: str = ""
    dlv_version: str = ""
    go: GoState | None = None
    sums: tuple[Sums, ...] = ()
