"""Which checksum database is asked: what GOSUMDB says (`go help environment`, cmd/go's sumdb.go)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from remotego.golang.sumdb.note import Key, parse_key

DEFAULT = "sum.golang.org"
_KNOWN = {"sum.golang.org": "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"}
"""Keys that cmd/go has built in (modfetch/key.go)."""

_ALIASES = {"sum.golang.google.cn": "sum.golang.org https://sum.golang.google.cn"}
NAMES = (*_KNOWN, *_ALIASES)
"""What may be named without a key."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


@dataclass(frozen=True, slots=True)
class Database:
    """A checksum database. ``url`` is where GOSUMDB says it is asked, passing proxies by; "" for nowhere."""

    key: Key
    url: str = ""

    @property
    def name(self) -> str:
        """Its name, which is its host too."""
        return self.key.name

    @property
    def direct(self) -> str:
        """Where it is asked if no proxy does it."""
        return self.url or f"https://{self.name}"


def parse_gosumdb(text: str) -> Database | None:
    """Read GOSUMDB: a known name or a key, and a URL if it is given; None for "off". "" is the default.

    Raises ValueError.
    """
    if text == "off":
        return None
    key, *url = _ALIASES.get(text, text or DEFAULT).split()
    if len(url) > 1:
        raise ValueError("it has too many words")
    database = Database(parse_key(_KNOWN.get(key, key)), *url)
    if not _NAME.fullmatch(database.name):
        raise ValueError("the name in it is not a host")
    if urlsplit(database.direct).scheme not in ("https", "http"):
        raise ValueError("its URL is neither https nor http")
    return database
