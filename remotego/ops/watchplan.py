"""What a watch will run: the proxies behind the router, whose they are, and the file that will lead there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from remotego.adapters.gateway import go_settings
from remotego.core.errors import UsageError
from remotego.core.settings import Settings
from remotego.core.tables import PROFILES
from remotego.golang.goproxy import DIRECT, OFF, parse_goproxy
from remotego.golang.profile import PUBLIC
from remotego.golang.sumdb.database import Database, parse_gosumdb
from remotego.goproxy.questions import KNOWN, Known
from remotego.goproxy.switching import Upstream
from remotego.ops.naming import check_known, check_proxies, public_sums
from remotego.ops.probing import BadSumdbError
from remotego.ops.proxyfile import NoGoFileHereError, ProxyFile

PORT = 23460
"""Where the router listens on 127.0.0.1 unless it is told otherwise: GOPROXY must not change from run to run."""

_ASKED = ("GOPROXY", "GOSUMDB", "GOPRIVATE", "GOENV")


@dataclass(eq=False)
class NoUpstreamError(UsageError):
    """There is nothing to switch between."""

    what = "no proxy to stand behind the router: no --proxy or --own, and none in a [profile.NAME] of remotego.toml"
    remedy = "give --own URL for the company's and --proxy URL for public ones"


@dataclass(eq=False)
class UnfitUpstreamError(UsageError):
    """Something that is named as a proxy and is no server that requests can be handed on to."""

    flag: str
    given: str
    what = "--{flag} {given}: no proxy that can stand behind the router"
    remedy = "give the http or https URL of another server; direct, off and files need no router"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants: public ``proxies``, those of their ``own``, the ``port``, ``write``: go's own file too, and
    the ``known`` module that all of them must have.
    """

    proxies: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    port: int = PORT
    write: bool = False
    known: Known = KNOWN


@dataclass(frozen=True, slots=True)
class Plan:
    """What will run: the constant ``url``, who stands behind it, what is private, and go's own file.

    ``file`` is None where go has none; ``writes``: it will lead to the url.
    """

    url: str
    upstreams: tuple[Upstream, ...]
    private: str
    database: Database | None
    file: ProxyFile | None = None
    writes: bool = False


def plan_watch(settings: Settings, wish: Wish) -> Plan:
    """Find out what will run.

    Raises LoginInProxyError, PrivateKnownError, UnfitUpstreamError, NoUpstreamError, NoGoFileHereError, BadSumdbError.
    """
    url = f"http://127.0.0.1:{wish.port}"
    _check_named({"own": wish.own, "proxy": wish.proxies}, url)
    folder = Path(settings.workspace)
    said = go_settings(settings.go, _ASKED, folder if folder.is_dir() else Path())
    tables = {one: settings.table(f"profile.{one}") for one in PROFILES}
    own = [*wish.own, *(proxy for one in ("intranet", "mixed") for proxy in tables[one].get("goproxy", ()))]
    public = [*wish.proxies, *tables["extranet"].get("goproxy", ())]
    upstreams = tuple(dict.fromkeys([*_upstreams(own, url, ours=True), *_upstreams(public, url, ours=False)]))
    if not upstreams:
        raise NoUpstreamError
    patterns = [word for table in tables.values() for word in table.get("private", ())]
    private = ",".join(dict.fromkeys([*patterns, *filter(None, (said or {}).get("GOPRIVATE", "").split(","))]))
    database = _database((said or {}).get("GOSUMDB", ""))
    check_known(wish.known, private, [*(one.url for one in upstreams if not one.ours), *public_sums(database)])
    return Plan(url, upstreams, private, database, _go_file(said, url, needed=wish.write), wish.write)


def _check_named(named: Mapping[str, Iterable[str]], router: str) -> None:
    """See that all that is named, by its flag, is of use. Raises LoginInProxyError, UnfitUpstreamError."""
    check_proxies(named)
    for flag, urls in named.items():
        for one in urls:
            if not _upstreams([one], router, ours=False):
                raise UnfitUpstreamError(flag, one)


def _upstreams(urls: Iterable[str], router: str, *, ours: bool) -> list[Upstream]:
    """Leave out what is no server, and the router itself; a public host is never one's own."""
    found = []
    for one in parse_goproxy(",".join(url for url in urls if url not in (DIRECT, OFF)) or OFF):
        parts = urlsplit(one.url)
        if parts.scheme in ("https", "http") and not f"{one.url}/".startswith(f"{router}/"):
            found.append(Upstream(one.url.rstrip("/"), ours and parts.hostname not in PUBLIC))
    return found


def _database(text: str) -> Database | None:
    try:
        return parse_gosumdb(text)
    except ValueError as error:
        raise BadSumdbError(text, str(error)) from error


def _go_file(said: Mapping[str, str] | None, url: str, *, needed: bool) -> ProxyFile | None:
    """Give go's own file; where it has none and one is ``needed``, raise NoGoFileHereError."""
    path = (said or {}).get("GOENV", "")  # go says "" for off, too
    if path and path != "off":
        return ProxyFile(Path(path), url)
    if needed:
        raise NoGoFileHereError("there is no go here" if said is None else "GOENV=off, so that go has none")
    return None
