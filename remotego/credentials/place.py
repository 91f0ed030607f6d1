"""Places: URLs as an allow-list compares them, so that no spelling leads past it.

Only https has secrets. A host is compared without case, a port by its number, a path by its decoded segments, with
case. What servers, proxies and programs read in different ways is refused and not interpreted: user and password, dot
segments, empty segments, encoded slashes, backslashes, control characters, names that are not ASCII (RFC 3986, 6 and 7;
git and cmd/go hand on what a go.mod or a server's redirect says).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from remotego.core.errors import UsageError

HTTPS = "https://"
HTTPS_PORT = 443
LONGEST = 2048

_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*|\[[0-9a-f:.]+\]"
)
_PLAIN = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=@:-]+")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_GIT = ".git"


@dataclass(eq=False)
class UnfitUrlError(UsageError):
    """A URL that cannot stand in an allow-list, or be asked for."""

    url: str
    reason: str
    what = "{url!r} cannot be used here: {reason}"
    remedy = "give a plain URL such as https://git.example.com/team, without user, password, query and dots"


@dataclass(frozen=True, slots=True)
class Place:
    """A host, its port and the segments of a path, all as they are compared."""

    host: str
    port: int
    segments: tuple[str, ...]

    @property
    def path(self) -> str:
        """The path, "" for a whole host."""
        return "".join(f"/{segment}" for segment in self.segments)

    @property
    def netloc(self) -> str:
        """The host, with its port where that is not https's own."""
        return self.host if self.port == HTTPS_PORT else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        """Write the URL."""
        return f"{HTTPS}{self.netloc}{self.path}"

    @property
    def spellings(self) -> tuple[Place, ...]:
        """Itself, and where it is a repository its other name: forges take team/svc and team/svc.git for the same."""
        if not self.segments or self.segments[-1].endswith(_GIT):
            return (self,)
        return self, Place(self.host, self.port, (*self.segments[:-1], self.segments[-1] + _GIT))

    def covers(self, other: Place) -> bool:
        """Tell whether another place is this one or below it."""
        return any(one._is_above(other) for one in self.spellings)

    def _is_above(self, other: Place) -> bool:
        mine = self.segments
        return (self.host, self.port) == (other.host, other.port) and other.segments[: len(mine)] == mine


def parse_place(url: str) -> Place:
    """Read a URL that somebody asks for; a query is left out. Raises UnfitUrlError for one that could mislead."""
    if len(url) > LONGEST:
        raise UnfitUrlError(ascii(_bare(url)[:80])[1:-1], f"it is longer than {LONGEST} characters")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise UnfitUrlError(ascii(_bare(url)[:80])[1:-1], "it has a character in it that no URL has")
    if url[: len(HTTPS)].lower() != HTTPS:
        raise UnfitUrlError(_bare(url), "only https:// keeps a secret; git and go send none over anything else")
    authority, _, rest = url[len(HTTPS) :].partition("/")
    host, port = _authority(authority, url)
    return Place(host, port, _segments(re.split(r"[?#]", rest, maxsplit=1)[0], url))


def parse_prefix(url: str) -> Place:
    """Read a URL for an allow-list: only what needs no encoding. Raises UnfitUrlError."""
    place = parse_place(url)
    if "?" in url or "#" in url:
        raise UnfitUrlError(_bare(url), "a query has no meaning here")
    if not all(_PLAIN.fullmatch(segment) for segment in place.segments):
        raise UnfitUrlError(_bare(url), "its path needs an encoding, that programs write in different ways")
    return place


def _authority(text: str, url: str) -> tuple[str, int]:
    if "@" in text:
        raise UnfitUrlError(_bare(url), "it has a user or a password in it")
    host, colon, port = text.lower().rpartition(":") if re.search(r":[^\]]*$", text) else (text.lower(), "", "")
    if not _HOST.fullmatch(host):
        raise UnfitUrlError(_bare(url), "its host has no name of one (write other scripts as xn--...)")
    if colon and not (_PORT.fullmatch(port) and int(port) < 1 << 16):
        raise UnfitUrlError(_bare(url), "its port is none")
    return host, int(port) if colon else HTTPS_PORT


def _segments(path: str, url: str) -> tuple[str, ...]:
    if _ESCAPE.search(path):
        raise UnfitUrlError(_bare(url), "it has a % in it that encodes nothing")
    written = path.removesuffix("/").split("/") if path.strip("/") else [*path]
    return tuple(_segment(one, url) for one in written)


def _segment(written: str, url: str) -> str:
    try:
        segment = unquote_to_bytes(written).decode()
    except UnicodeDecodeError as error:
        raise UnfitUrlError(_bare(url), "its path is no text") from error
    if segment in ("", ".", "..") or not segment.isprintable() or re.search(r"[/\\%;]", segment):
        raise UnfitUrlError(_bare(url), f"the segment {segment!r} of its path can be read in more than one way")
    return segment


def _bare(url: str) -> str:
    """Leave out what may be a secret: whatever stands before an "@", and a query."""
    found = _SCHEME.match(url)
    scheme = found[0] if found else ""
    return scheme + re.split(r"[?#]", url.removeprefix(scheme).rpartition("@")[2], maxsplit=1)[0][:200]
