"""Servers of files as doors: https with the system's trust store, every answer bounded in size and time.

Passwords come from the URL or from netrc, are sent over https alone and only to the host they are for, and are in no
message. Redirects are followed as cmd/go does it: ten at most, none from https to http.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from remotego.adapters.doors import AbsentError, EndlessError, Heard, NoAnswerError
from remotego.adapters.netrc import basic_auth
from remotego.core.terminal import inert

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

CONNECT_S = 10.0
SILENCE_S = 30.0
"""How long a server may say nothing at all."""

SMALL_S = 60.0
LARGE_S = 3600.0
"""How long an answer may take as a whole: a tile, an SDK."""

TRIES = 3
T = TypeVar("T")

_MOST_REDIRECTS = 10
_PIECE_BYTES = 1 << 18
_ABSENT = (404, 410)
_PASSING = (429, 500, 502, 503, 504)
_MOVED = (301, 302, 303, 307, 308)
_ERRNO = re.compile(r"\[Errno -?[0-9]+\] ")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class _PassingError(Exception):
    """A failure that may be gone a moment later."""


class _UnboundedError(ValueError):
    """An answer that is too large or takes too long."""


@dataclass(slots=True)
class Web:
    """What lies below a URL."""

    base: str
    tries: int = TRIES
    small_s: float = SMALL_S
    silence_s: float = SILENCE_S
    _pools: dict[str, PoolManager] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The URL without user, password and query."""
        return shown(self.base)

    def read(self, path: str, cap_bytes: int) -> bytes:
        """Read a small file whole."""

        def once() -> bytes:
            with self._answer(path) as answer:
                return b"".join(_pieces(answer, cap_bytes, time.monotonic() + self.small_s))

        return self._tried(path, once)

    def fetch(self, path: str, into: Path, cap_bytes: int, heard: Heard) -> None:
        """Copy a large file."""

        def once() -> None:
            with self._answer(path) as answer, into.open("wb") as copy:
                total = int(answer.headers.get("Content-Length") or 0)
                for piece in _pieces(answer, cap_bytes, time.monotonic() + LARGE_S):
                    copy.write(piece)
                    heard(copy.tell(), total)

        self._tried(path, once)

    def below(self, path: str) -> Web:
        """Give a directory of it as a door."""
        return Web(_joined(self.base, path), self.tries, self.small_s, self.silence_s, self._pools)

    def _tried(self, path: str, once: Callable[[], T]) -> T:
        """Try again what may pass. Raises AbsentError, NoAnswerError."""
        import tenacity
        from urllib3.exceptions import HTTPError, SSLError
        from urllib3.exceptions import TimeoutError as SilenceError

        passing = tenacity.retry_if_exception(
            lambda error: isinstance(error, _PassingError | HTTPError) and not isinstance(_cause(error), SSLError)
        )
        wait = tenacity.wait_random_exponential(multiplier=0.2, max=5)
        try:
            return tenacity.Retrying(
                stop=tenacity.stop_after_attempt(self.tries), wait=wait, retry=passing, reraise=True
            )(once)
        except (_PassingError, HTTPError, OSError, ValueError) as error:
            kind = EndlessError if isinstance(error, _UnboundedError | SilenceError) else NoAnswerError
            raise kind(self.name, f"{path}: {_reason(error)}") from None

    @contextmanager
    def _answer(self, path: str) -> Iterator[BaseHTTPResponse]:
        """Ask, through redirects. Raises AbsentError, NoAnswerError, and what urllib3 does."""
        url = urlsplit(_joined(self.base, path))
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._asked(url)
            try:
                if answer.status in _MOVED and (target := answer.headers.get("Location")):
                    url = self._moved(url, target)
                    continue
                self._check(answer, path)
                yield answer
                return
            finally:
                answer.close()
        raise NoAnswerError(self.name, f"{path}: more than {_MOST_REDIRECTS} redirects")

    def _asked(self, url: SplitResult) -> BaseHTTPResponse:
        from urllib3 import Timeout

        bare = url._replace(netloc=url.netloc.rpartition("@")[2])
        return self._pool(url).request(
            "GET",
            bare.geturl(),
            headers=_headers(url),
            timeout=Timeout(connect=CONNECT_S, read=self.silence_s),
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
        )

    def _moved(self, url: SplitResult, target: str) -> SplitResult:
        moved = urlsplit(urljoin(url._replace(netloc=url.netloc.rpartition("@")[2]).geturl(), target))
        if moved.scheme not in ("https", url.scheme) or not moved.hostname or "@" in moved.netloc:
            raise NoAnswerError(self.name, f"it redirects to {shown(target)}, which is not followed")
        return moved

    def _check(self, answer: BaseHTTPResponse, path: str) -> None:
        if answer.status in _ABSENT:
            raise AbsentError(self.name, path)
        if answer.status in _PASSING:
            raise _PassingError(f"status {answer.status}")
        if answer.status != 200:
            raise NoAnswerError(self.name, f"{path}: status {answer.status}")
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise NoAnswerError(self.name, f"{path}: packed although nobody asked for it")

    def _pool(self, url: SplitResult) -> PoolManager:
        """Connections to a server, by the proxy that the environment names for it, and the system's trust store."""
        proxy = _proxy_for(url)
        if proxy not in self._pools:
            self._pools[proxy] = _connections(proxy)
        return self._pools[proxy]


def shown(url: str) -> str:
    """Give a URL as people may see it: without user, password, query and what a terminal would obey."""
    bare, _, _ = inert(url).partition("?")
    scheme, colon, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{colon}{host.rpartition('@')[2]}{slash}{path}" if colon else bare.rpartition("@")[2]


def _joined(base: str, path: str) -> str:
    return f"{base.rstrip('/')}/{path}"


def _headers(url: SplitResult) -> dict[str, str]:
    import urllib3

    headers = {"User-Agent": "remotego", "Accept-Encoding": "identity"}
    if url.scheme == "https":
        netloc = (url.hostname or "") + (f":{url.port}" if url.port not in (None, 443) else "")
        given = (unquote(url.username), unquote(url.password or "")) if url.username else basic_auth(netloc)
        if given:
            headers |= urllib3.make_headers(basic_auth=":".join(given))
    elif url.username:
        raise NoAnswerError(shown(url.geturl()), "a password is not sent over http")
    return headers


def _proxy_for(url: SplitResult) -> str:
    """Name the HTTP proxy for a URL; "" for none. Loopback is asked directly, as go does it."""
    from urllib.request import getproxies_environment, proxy_bypass

    host = url.hostname or ""
    if host in _LOOPBACK or proxy_bypass(f"{host}:{url.port}" if url.port else host):
        return ""
    return getproxies_environment().get(url.scheme, "")


def _connections(proxy: str) -> PoolManager:
    import ssl

    import truststore
    import urllib3

    trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.minimum_version = ssl.TLSVersion.TLSv1_2
    if not proxy:
        return urllib3.PoolManager(ssl_context=trust, maxsize=8)
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    given = ":".join((unquote(parts.username), unquote(parts.password or ""))) if parts.username else None
    headers = urllib3.make_headers(proxy_basic_auth=given) if given else None
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return urllib3.ProxyManager(bare, proxy_headers=headers, ssl_context=trust, maxsize=8)


def _pieces(answer: BaseHTTPResponse, cap_bytes: int, end_s: float) -> Iterator[bytes]:
    count = 0
    while piece := answer.read1(_PIECE_BYTES):
        count += len(piece)
        if count > cap_bytes:
            raise _UnboundedError(f"the answer is larger than {cap_bytes} bytes")
        if time.monotonic() > end_s:
            raise _UnboundedError("the answer takes too long")
        yield piece


def _cause(error: BaseException) -> BaseException:
    """What stands behind the errors that urllib3 wraps others in."""
    inner = getattr(error, "reason", None) or getattr(error, "original_error", None)
    return _cause(inner) if isinstance(inner, BaseException) else error


def _reason(error: BaseException) -> str:
    """Say what went wrong, in words without a URL: it may hold a password."""
    cause = _cause(error)
    if isinstance(error, _PassingError | ValueError) and "://" not in str(error):
        return inert(str(error))
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    text = _ERRNO.sub("", inert(str(cause)).rpartition(": ")[2]) or type(cause).__name__
    return type(cause).__name__ if "://" in text or "@" in text else text
