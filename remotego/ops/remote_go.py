"""The go of a target: which of those that were seen there is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from remotego.core.errors import MissingError
from remotego.golang.version import parse_go_version
from remotego.host.homefiles import Go, Home


@dataclass(eq=False)
class NoRemoteGoError(MissingError):
    """No go command was found on a target, or not where the user says."""

    host: str
    place: str
    what = "{host}: there is no go command {place}"
    remedy = "install Go there, or say where it is with --remote-go (remote_go in remotego.toml)"


def directories_of(go: Go, home: Home) -> tuple[str, ...]:
    """Give the directories for PATH: that of go first, then those of the other tools."""
    paths = (go.path, *home.tools.values())
    return tuple(dict.fromkeys(path.rpartition("/")[0] or "/" for path in paths))


def choose(home: Home, wanted: str | None, *, host: str) -> Go:
    """Take the go the user named, else that of our SDK in use, else the login shell's own, else the first in its usual
    places, newest SDK first.

    Raises NoRemoteGoError.
    """
    ways = {way: [go for go in home.gos if go.found == way] for way in ("given", "sdk", "login shell", "usual place")}
    if wanted:
        if not ways["given"]:
            raise NoRemoteGoError(host, f"at {wanted}")
        return ways["given"][0]
    if ours := (*ways["sdk"], *ways["login shell"]):
        return ours[0]
    if not ways["usual place"]:
        raise NoRemoteGoError(host, "in its login shell's PATH nor in /usr/local/go, /opt/go, ~/sdk, ~/go/bin")
    return max(ways["usual place"], key=lambda go: _preference(home, go))


def _preference(home: Home, go: Go) -> tuple[Any, ...]:
    places = (f"{home.path}/go/", "/opt/go/", f"{home.path}/sdk/", "/usr/local/go/")
    place = next((rank for rank, start in enumerate(places) if go.path.startswith(start)), -1)
    try:
        version = parse_go_version(go.version or go.path.split("/")[-3])
    except ValueError:
        return (place, False)
    return (place, True, version)
