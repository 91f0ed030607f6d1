"""Policies: tiers of places that modules come from, as variables of go that leak no private name.

go takes one list for all modules. What follows from that (cmd/go's proxy.go, sumdb.go; tried out against real go):

- ``|`` goes on after every failure, so it may only join places that give the same for the same request: the
  company's proxies among themselves, or public ones among themselves.
- A private module may be asked of the company's proxies, then nothing public may stand in that list; or of its own
  repositories, then GONOPROXY keeps it from all proxies and the company's is one more place for public modules.
- ``direct`` behind ``,`` is for what nobody has. Behind ``|`` a proxy that is down would send every request to the
  origins; so it never stands there.
- A list always ends in so many words, by ``direct`` or by ``off``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remotego.core.errors import UsageError

COMPANY, ORIGIN = "company", "origin"
"""Where private modules are asked for."""

FOLKLORE = (
    "`A,direct` does not mean: A, and direct when A is down. Behind a comma go goes on after 404 and 410 alone: when A "
    "is down or wants a login every build ends, and what A does not have, private names too, is asked of the world"
)


@dataclass(eq=False)
class MixedTiersError(UsageError):
    """Company and public proxies in one list, and nobody says where private modules come from."""

    company: str
    public: str
    what = "{company} and {public} cannot stand in one list while private modules come from the company's proxy"
    remedy = (
        "give --private-from origin if private modules come from their own repositories; else leave the public tiers "
        "out, and have the company's proxy fetch public modules"
    )


@dataclass(eq=False)
class NoPatternsError(UsageError):
    """Public places or a checksum database, and nobody says which modules are private."""

    what = "which modules are private is not said, and every name may be told to public services"
    remedy = 'give --private "*.corp.example" with your patterns, or --nothing-private if there are none'


@dataclass(eq=False)
class NoTiersError(UsageError):
    """No tier at all."""

    what = "there is no tier to make a policy of"
    remedy = "give --company, --mirror, --public or --ending, or have goproxy in a [profile] table of remotego.toml"


@dataclass(frozen=True, slots=True)
class Tiers:
    """Places by tier, best first: ``company``, national ``mirrors``, other ``public`` ones, and how the list ends.

    ``private`` are patterns of modules that nobody else may hear of, ``private_from`` is COMPANY or ORIGIN.
    ``sumdb`` is GOSUMDB. ``ending`` is "direct" or "off"; private modules of the company's proxy leave only "off".
    """

    company: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    ending: str = "direct"
    private: tuple[str, ...] = ()
    private_from: str = ORIGIN
    sumdb: str = ""

    @property
    def world(self) -> tuple[str, ...]:
        """The places for everybody."""
        return (*self.mirrors, *self.public)


def variables_of(tiers: Tiers) -> dict[str, str]:
    """Make go's variables of tiers. Raises MixedTiersError."""
    from_company = tiers.private_from == COMPANY
    if from_company and (tiers.world or tiers.ending == "direct"):
        company = tiers.company[0] if tiers.company else "a proxy of your own"
        raise MixedTiersError(company, tiers.world[0] if tiers.world else "direct")
    patterns = ",".join(tiers.private)
    equivalent = "|".join((*tiers.company, *tiers.world))
    return {
        "GOPROXY": ",".join(filter(None, (equivalent, tiers.ending))),
        "GOPRIVATE": patterns,
        "GONOPROXY": "none" if from_company else patterns,
        "GONOSUMDB": patterns,
        "GOSUMDB": tiers.sumdb,
    }


def too_deep(tiers: Tiers) -> list[str]:
    """List private patterns below whose parents nothing is private: `go get` asks public places for the parents too."""
    return [pattern for pattern in tiers.private if "/" in pattern.rstrip("/")] if tiers.world else []


def reasons(tiers: Tiers, variables: Mapping[str, str]) -> dict[str, str]:
    """Say of each variable why it is what it is."""
    several = len((*tiers.company, *tiers.world)) > 1
    return {
        "GOPROXY": "; ".join(filter(None, (_joined(tiers) if several else "", _ending(tiers)))),
        "GOPRIVATE": "the default of GONOPROXY and GONOSUMDB, and what GOVCS calls private",
        "GONOPROXY": (
            "the company's proxies serve private modules too, so they are asked for them"
            if tiers.private_from == COMPANY
            else "private modules come from their repositories, past every proxy"
            if tiers.private
            else "nothing is private"
        ),
        "GONOSUMDB": "no checksum database hears of these" if tiers.private else "nothing is kept from the database",
        "GOSUMDB": (
            "only go.sum vouches for modules, nothing does for one that is new in it"
            if variables["GOSUMDB"] == "off"
            else "it vouches for every module that is not private, whoever gives it"
        ),
    }


def _joined(tiers: Tiers) -> str:
    whose = "the company's" if not tiers.world else "public" if not tiers.company else "proxies of public modules"
    return f"| joins what is equivalent ({whose}): the next one after any failure, 404 included"


def _ending(tiers: Tiers) -> str:
    if tiers.ending == "off":
        return "off ends it: nobody else is ever asked"
    return ", before direct: the origin only for what none of them has, never because one is down"
