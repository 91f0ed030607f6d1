"""Naming: what a user names to be asked, or asked for, refused where that would tell a secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.core.tables import secret_in
from remotego.golang.patterns import first_match
from remotego.golang.sumdb.database import Database
from remotego.goproxy.hearing import PUBLIC_SUMS
from remotego.goproxy.questions import Known


@dataclass(eq=False)
class LoginInProxyError(UsageError):
    """A proxy with a login in its URL. Nothing of it is shown: where a password begins and ends is not known."""

    flag: str
    number: int
    what = "--{flag}: URL number {number} has a user, a password or a query in it, and would be shown and logged"
    remedy = (
        "take it out, and change the password: a command line is seen by others. Where GOPROXY itself names the proxy, "
        "go reads the login from ~/.netrc or asks GOAUTH (`go help goauth`); `remotego auth.connect` lends it to a host"
    )


@dataclass(eq=False)
class PrivateKnownError(UsageError):
    """A private module, whose path everybody would be told who is asked for it."""

    module: str
    pattern: str
    heard_by: str
    what = "--known: {module} is private by {pattern!r}, and {heard_by} would hear of it"
    remedy = "name a public module that all of them have; or leave out who is not yours, with GOSUMDB=off"


def check_proxies(named: Mapping[str, Iterable[str]]) -> None:
    """See that no proxy has a login in its URL; ``named`` are URLs by their flag. Raises LoginInProxyError."""
    for flag, urls in named.items():
        for number, url in enumerate(urls, 1):
            if secret_in("profile.extranet.goproxy", url):
                raise LoginInProxyError(flag, number)


def check_known(known: Known, private: str, hearers: Iterable[str]) -> None:
    """See that a known module is not told to ``hearers``, who are not one's own, if ``private`` (patterns) fit it.

    Raises PrivateKnownError.
    """
    heard_by = ", ".join(hearers)
    pattern = first_match(private, known.module)
    if pattern and heard_by:
        raise PrivateKnownError(known.module, pattern, heard_by)


def public_sums(database: Database | None) -> tuple[str, ...]:
    """Give the name of a checksum database that is everybody's, as somebody who hears; () for one's own or none."""
    return (database.name,) if database and database.name in PUBLIC_SUMS else ()
