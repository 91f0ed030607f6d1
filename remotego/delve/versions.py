"""Which Delve for which Go.

``dlv attach`` itself never compares: a Delve too old for the process attaches, and then shows
wrong values or crashes. So the choice is made here, before anything is built.
"""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.delve.release import Release
from remotego.delve.table import RELEASES
from remotego.golang.version import GoVersion

NEWEST = RELEASES[0]


@dataclass(eq=False)
class UnknownDelveError(UsageError):
    """A Delve version that is not in the table."""

    version: str
    known: str
    what = "Delve {version} is not a version this remotego knows"
    remedy = "take one of {known}, or leave the choice to remotego with 'auto'"


@dataclass(eq=False)
class DelveMismatchError(UsageError):
    """The pinned Delve cannot debug what this Go built."""

    pinned: str
    supports: str
    debuggee: str
    fitting: str
    what = "Delve {pinned} debugs programs built by Go {supports}, and this one was built by Go {debuggee}"
    remedy = "take Delve {fitting}, or leave the choice to remotego with 'auto'"


@dataclass(eq=False)
class NoDelveError(UsageError):
    """No known Delve can debug what this Go built."""

    debuggee: str
    oldest: str
    newest: str
    what = "no Delve this remotego knows debugs programs built by Go {debuggee}"
    remedy = "known are those for Go {oldest} to {newest}: upgrade remotego, or rebuild the program with such a Go"


def find(version: str) -> Release:
    """Look a release up by ``1.27.1`` or ``v1.27.1``. Raises UnknownDelveError."""
    bare = version.removeprefix("v")
    for release in RELEASES:
        if release.version == bare:
            return release
    raise UnknownDelveError(version, _names(RELEASES))


def choose(debuggee: GoVersion | None) -> Release:
    """Give the newest release that debugs what ``debuggee`` built; None, not known, takes the newest.

    Raises NoDelveError.
    """
    if debuggee is None:
        return NEWEST
    return _fitting(debuggee)[0]


def check(pinned: Release, debuggee: GoVersion | None) -> None:
    """Raise DelveMismatchError, naming the releases that fit, if the pinned one does not.

    Raises NoDelveError if none does.
    """
    if debuggee is None or pinned.debugs(debuggee):
        return
    fitting = _names(_fitting(debuggee))
    raise DelveMismatchError(pinned.version, f"{pinned.oldest_go} to {pinned.newest_go}", str(debuggee), fitting)


def _fitting(debuggee: GoVersion) -> tuple[Release, ...]:
    fitting = tuple(release for release in RELEASES if release.debugs(debuggee))
    if not fitting:
        raise NoDelveError(str(debuggee), str(RELEASES[-1].oldest_go), str(NEWEST.newest_go))
    return fitting


def _names(releases: tuple[Release, ...]) -> str:
    return ", ".join(release.version for release in releases)
