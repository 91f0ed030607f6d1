"""The rules that go's settings make for fetching modules: which places, in which order, for which paths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from remotego.golang.goproxy import DIRECT, OFF, Proxy, parse_goproxy
from remotego.golang.patterns import matches
from remotego.golang.sumdb.database import Database, parse_gosumdb
from remotego.golang.version import GoVersion

BYPASS = "noproxy"
"""The place in front of all others where GONOPROXY is set: the origin of the modules it names, nothing for others."""

ASKS_AGAIN = (1, 24)
"""The first go that answers every 4xx of an https server by asking once more, with what GOAUTH says then."""

TOOLCHAIN = "golang.org/toolchain"


@dataclass(frozen=True, slots=True)
class Rules:
    """Go's settings as it reads them. ``fault`` says why go would refuse them before it asks anybody.

    ``summed`` is what go.sum has lines for, as (module, version, "zip" or "mod"). ``asks_again``: see ASKS_AGAIN.
    """

    places: tuple[Proxy, ...]
    gonoproxy: str = ""
    gonosumdb: str = ""
    goprivate: str = ""
    goinsecure: str = ""
    govcs: str = ""
    sumdb: Database | None = None
    sumdb_fault: str = ""
    goproxy: str = ""
    mod: str = ""
    asks_again: bool = True
    summed: frozenset[tuple[str, str, str]] = field(default=frozenset())
    fault: str = ""

    def is_direct(self, path: str) -> bool:
        """Tell whether a path is asked of its origin, past every proxy."""
        return matches(self.gonoproxy, path)

    def is_looked_up(self, path: str) -> bool:
        """Tell whether the checksum database has to know a path (cmd/go's useSumDB)."""
        if path == TOOLCHAIN and not (self.goproxy.startswith("file://") and not re.search("[,|]", self.goproxy)):
            return True
        return bool(self.sumdb or self.sumdb_fault) and not matches(self.gonosumdb, path)

    def allows(self, vcs: str, root: str) -> bool:
        """Tell whether GOVCS lets a version control program fetch below ``root`` (`go help vcs`)."""
        private = matches(self.goprivate, root)
        given = [rule.strip().rpartition(":") for rule in self.govcs.split(",") if ":" in rule]
        for pattern, _, allowed in (*given, ("private", ":", "all"), ("public", ":", "git|hg")):
            fits = {"private": private, "public": not private}.get(pattern)
            if fits if fits is not None else matches(pattern, root):
                return bool({vcs, "all"} & {one.strip() for one in allowed.split("|")})
        return False


def read_rules(
    values: Mapping[str, str],
    *,
    version: GoVersion | None = None,
    summed: frozenset[tuple[str, str, str]] = frozenset(),
    vendored: bool = False,
) -> Rules:
    """Read what ``go env`` says; names that are missing have their defaults. ``version``: of go, None if not known.

    ``vendored``: the main module has a vendor directory that go uses unless -mod says otherwise.
    """
    private = values.get("GOPRIVATE", "")
    goproxy = values.get("GOPROXY", "")
    gonoproxy = values.get("GONOPROXY") or private
    database, database_fault = _database(values.get("GOSUMDB", ""))
    places = parse_goproxy(goproxy)
    front = (Proxy(BYPASS),) if gonoproxy and goproxy != DIRECT else ()
    return Rules(
        places=(*front, *places),
        gonoproxy=gonoproxy,
        gonosumdb=values.get("GONOSUMDB") or private,
        goprivate=private,
        goinsecure=values.get("GOINSECURE", ""),
        govcs=values.get("GOVCS", ""),
        sumdb=database,
        sumdb_fault=database_fault,
        goproxy=goproxy,
        mod=_mod(values.get("GOFLAGS", "")) or ("vendor" if vendored else ""),
        asks_again=version is None or (version.major, version.minor) >= ASKS_AGAIN,
        summed=summed,
        fault=_fault(goproxy, places),
    )


def _database(text: str) -> tuple[Database | None, str]:
    try:
        return parse_gosumdb(text), ""
    except ValueError as error:
        return None, f"GOSUMDB cannot be read: {error}"


def _mod(flags: str) -> str:
    found = re.findall(r"(?:^|\s)--?mod=(\S+)", flags)
    return found[-1] if found else ""


def _fault(goproxy: str, places: tuple[Proxy, ...]) -> str:
    """Say what go would refuse (cmd/go's proxyList, newProxyRepo)."""
    if not places or goproxy.isspace():
        return "GOPROXY is not empty and names no place"
    for place in places:
        if place.url in (DIRECT, OFF):
            continue
        if urlsplit(place.url).scheme not in ("http", "https", "file"):
            return f"GOPROXY has {place.url}, which is no URL with http, https or file"
    return ""
