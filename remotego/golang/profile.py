"""Profiles: which modules a network lets Go reach, and from where, as variables of go.

What the rules rest on (cmd/go's proxy.go and `go help goproxy`, `go help private`; tried out):

- Behind ``,`` the next proxy is asked only after 404 and 410; behind ``|`` after any failure. So ``A,direct``
  does not mean "direct when A is down", and it asks the world for what A does not have.
- go cannot choose a proxy by the name of a module. A private name that the company's proxy lacks is asked of
  whatever stands behind it in the list: nothing public may stand there.
- GOPRIVATE is the default of GONOPROXY as well as of GONOSUMDB: behind a proxy that serves private modules
  GONOPROXY has to be "none", or go passes that proxy by.
- A checksum database is asked through the proxy only where the proxy says it can, else directly, and told the
  name of every module that GONOSUMDB does not spare.
- An empty variable counts as not given: go then reads its own file (``go env -w``), the user's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from remotego.core.errors import UsageError
from remotego.golang.policy import COMPANY, Tiers, variables_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PUBLIC = frozenset(
    (
        "proxy.golang.org",
        "goproxy.io",
        "goproxy.cn",
        "proxy.golang.com.cn",
        "athens.azurefd.net",
        "mirrors.aliyun.com",
        "mirrors.cloud.tencent.com",
        "repo.huaweicloud.com",
    )
)
"""Hosts of proxies that anybody may ask, and that keep what they are asked for."""

MIRRORS = PUBLIC - {"proxy.golang.org", "athens.azurefd.net"}
"""Those of them that stand in for proxy.golang.org where a country's network keeps it away."""

ENDINGS = ("direct", "off")
SUMDB = "sum.golang.org"


@dataclass(eq=False)
class LeakingProfileError(UsageError):
    """A list of proxies by which private names would be asked of the world."""

    profile: str
    public: str
    what = (
        '[profile.{profile}] goproxy has "{public}" beside proxies of your own: '
        "go would ask it for every private module that they do not have"
    )
    remedy = (
        "have your own proxy fetch public modules and keep only it; "
        "or keep only public proxies, then private modules come from their repositories"
    )


@dataclass(eq=False)
class EndingInsideError(UsageError):
    """``direct`` or ``off`` before the end of a list: nothing behind it is ever asked."""

    profile: str
    ending: str
    what = '[profile.{profile}] goproxy: nothing that stands behind "{ending}" is ever asked'
    remedy = 'put "{ending}" at the end, or take it out'


@dataclass(eq=False)
class NoPrivateError(UsageError):
    """A profile that asks a checksum database and does not say what is private."""

    profile: str
    sumdb: str
    what = "[profile.{profile}] does not say which modules are private, and every other name may be told to {sumdb}"
    remedy = 'add private = ["*.corp.example"] with your patterns, or private = [] if nothing is'


@dataclass(frozen=True, slots=True)
class Profile:
    """Variables of go, by name, and ``notes`` for people on what they mean."""

    name: str
    variables: Mapping[str, str]
    notes: tuple[str, ...] = ()


def profile(name: str, tables: Mapping[str, Mapping[str, Any]]) -> Profile:
    """Make the profile ``name`` of all the [profile.NAME] tables there are.

    Every profile sets the same variables, so that changing from one to another leaves nothing behind. What is
    private in any of them is private in all. Raises LeakingProfileError, EndingInsideError, NoPrivateError.
    """
    own = tables.get(name, {})
    private = tuple(dict.fromkeys(word for table in tables.values() for word in table.get("private", ())))
    proxies, ending = _split(name, own.get("goproxy", ()))
    sumdb = str(own.get("sumdb", "off" if name == "intranet" else SUMDB))
    if name != "extranet" and sumdb != "off" and not any("private" in table for table in tables.values()):
        raise NoPrivateError(name, _database(sumdb))
    ours = name != "extranet" and _are_ours(name, proxies, ending)
    toolchain = "auto" if name == "extranet" else "local"
    variables = {
        **variables_of(_tiers(proxies, ending, private, sumdb, ours=ours)),
        "GOTOOLCHAIN": str(own.get("toolchain", toolchain)),
    }
    if any("goflags" in table for table in tables.values()):
        variables["GOFLAGS"] = " ".join(own.get("goflags", ()))
    return Profile(name, variables, tuple(notes_on(variables)))


def profile_there(name: str, tables: Mapping[str, Mapping[str, Any]]) -> Profile:
    """Make the profile for hosts: what they ask may be another proxy (``host_goproxy``), and who vouches (``goauth``).

    GOAUTH is among the variables if any profile names one. Raises what ``profile`` raises, and by the same rules.
    """
    theirs = {
        one: {**table, "goproxy": table["host_goproxy"]} if "host_goproxy" in table else table
        for one, table in tables.items()
    }
    made = profile(name, theirs)
    if not any("goauth" in table for table in tables.values()):
        return made
    commands = "; ".join(tables.get(name, {}).get("goauth", ()))
    return Profile(name, {**made.variables, "GOAUTH": commands}, made.notes)


def at_home(variables: Mapping[str, str], home: str) -> dict[str, str]:
    """Give variables with the path of a home in the place of ``file://~/``, which go does not know."""
    return {name: value.replace("file://~/", f"file://{home}/") for name, value in variables.items()}


def _split(name: str, given: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
    *before, last = given or ("",)
    if inside := next((word for word in before if word in ENDINGS), None):
        raise EndingInsideError(name, inside)
    proxies = tuple(word for word in given if word not in ENDINGS)
    return proxies, last if last in ENDINGS else None


def _are_ours(name: str, proxies: Sequence[str], ending: str | None) -> bool:
    """Tell whether the proxies are the company's. Raises LeakingProfileError for a mixture."""
    public = [proxy for proxy in proxies if urlsplit(proxy).hostname in PUBLIC]
    if name == "mixed" and len(public) == len(proxies):
        return False
    if name == "mixed" or public or ending == "direct":
        world = [*public, *(["direct"] if ending == "direct" else [])]
        if world:
            raise LeakingProfileError(name, world[0])
    return True


def _tiers(proxies: tuple[str, ...], ending: str | None, private: tuple[str, ...], sumdb: str, *, ours: bool) -> Tiers:
    """Sort a profile's proxies into tiers: all the company's, or all public."""
    if ours:
        return Tiers(company=proxies, ending="off", private=private, private_from=COMPANY, sumdb=sumdb)
    return Tiers(
        public=proxies or ("https://proxy.golang.org",), ending=ending or "direct", private=private, sumdb=sumdb
    )


def notes_on(variables: Mapping[str, str]) -> list[str]:
    """Say what variables mean, as far as people should know."""
    notes = []
    if variables["GOPROXY"] == "off":
        notes.append("no goproxy is given: go takes modules only from its cache and from vendor directories")
    if variables["GOSUMDB"] == "off":
        notes.append("GOSUMDB is off: only go.sum vouches for modules, nothing does for one that is new in it")
    elif variables["GONOPROXY"] == "none":
        notes.append(
            f"{_database(variables['GOSUMDB'])} is asked through the proxy only where that answers "
            f"/sumdb/{_database(variables['GOSUMDB'])}/supported with 200; else go asks it directly"
        )
    elif variables["GOPRIVATE"] and variables["GONOPROXY"] != "none":
        notes.append("private modules come from their repositories, past every proxy")
    return notes


def _database(gosumdb: str) -> str:
    """Give a checksum database's name: GOSUMDB may have its key and its address too (`go help environment`)."""
    return gosumdb.split()[0].partition("+")[0]
