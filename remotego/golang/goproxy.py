"""GOPROXY as cmd/go reads it: a list of places, and after which failures the next one is asked (modfetch/proxy.go)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from remotego.core.errors import MissingError, RemotegoError

DEFAULT = "https://proxy.golang.org,direct"
DIRECT = "direct"
OFF = "off"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A place of the list: a URL, ``direct`` or ``off``. ``whatever``: the next is asked after any failure.

    Else it is asked only where this one says that it has not got something (404, 410).
    """

    url: str
    whatever: bool = False


def parse_goproxy(text: str) -> tuple[Proxy, ...]:
    """Read the list; "" is Go's default. What stands behind ``direct`` or ``off`` is never asked, so left out."""
    proxies = []
    for url, separator in re.findall(r"([^,|]*)([,|]|$)", text.strip() or DEFAULT):
        if url := url.strip():
            proxies.append(Proxy(_with_scheme(url), separator == "|"))
        if url in (DIRECT, OFF):
            break
    return tuple(proxies)


def write_goproxy(proxies: Sequence[Proxy]) -> str:
    """Write the list as it is read."""
    return "".join(f"{proxy.url}{'|' if proxy.whatever else ','}" for proxy in proxies).rstrip(",|")


def _with_scheme(url: str) -> str:
    is_host = re.search(r"[.:/]", url) and ":/" not in url and not url.startswith("/")
    return f"https://{url}" if is_host else url


def first_that_has(proxies: Sequence[Proxy], ask: Callable[[Proxy], T]) -> T:
    """Ask one after another, as far as the list allows; give the first answer.

    Raises the first failure, or where there is none the first "not there". ``ask`` raises MissingError where
    something is not there.
    """
    failure: RemotegoError | None = None
    for proxy in proxies:
        try:
            return ask(proxy)
        except RemotegoError as error:
            if failure is None or (isinstance(failure, MissingError) and not isinstance(error, MissingError)):
                failure = error
            if not (proxy.whatever or isinstance(error, MissingError)):
                break
    if failure is None:
        raise ValueError("no proxy is named")
    raise failure
