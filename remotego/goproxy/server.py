"""The proxy of our own: what it is told (remotego/goproxyd/config), and what its clients are told."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from remotego.core.errors import UsageError
from remotego.core.tables import secret_in
from remotego.golang.patterns import tidied
from remotego.golang.sumdb.database import NAMES, parse_gosumdb

SUPERVISORS = ("auto", "user", "plain")
"""Who looks after it: systemd where it manages the login, or a keeper of our own."""


@dataclass(eq=False)
class BadProxyWishError(UsageError):
    """What was asked for makes no proxy that should run. ``verb`` is what knows the flag."""

    flag: str
    why: str
    verb: str = "deploy-proxy"
    what = "{flag}: {why}"
    remedy = "see `remotego {verb} --help`"


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """How a proxy serves; the fields are those of goproxyd's configuration, whose defaults these are.

    ``upstream`` and ``sumdb`` are as GOPROXY and GOSUMDB; ``tokens`` are SHA-256 of tokens, in hexadecimal;
    ``seeds`` are directories there as GOMODCACHE/cache/download. ``missing_is_final``: while it is offline, what it
    does not have is 404 instead of 503.
    """

    listen: str = "127.0.0.1:8081"
    tls: bool = False
    tokens: tuple[str, ...] = ()
    upstream: str = "https://proxy.golang.org"
    sumdb: str = "sum.golang.org"
    nosumdb: str = ""
    proxied_sumdbs: tuple[str, ...] = ("sum.golang.org",)
    max_bytes: int = 10 << 30
    seeds: tuple[str, ...] = ()
    upstream_wait_s: int = 30
    max_requests: int = 256
    missing_is_final: bool = False

    def as_json(self) -> dict[str, Any]:
        """Give it as the plain data of config.json."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}

    @property
    def is_local(self) -> bool:
        """Whether only its own machine reaches it."""
        return _address(self.listen)[0].is_loopback


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What clients of a proxy have in their environment.

    No ``direct`` behind it, and no ``|``: what it cannot give is an error, and never a way round it.
    """

    url: str
    nosumdb: str
    sumdb: str
    trust: str | None = None

    @property
    def variables(self) -> dict[str, str]:
        """Variables for ``go env -w`` or a profile; SSL_CERT_DIR is none of go's, and adds to what is trusted.

        SSL_CERT_FILE would replace what the system trusts (crypto/x509, root_unix.go), so it is not used.
        """
        found = {"GOPROXY": self.url, "GONOPROXY": "none", "GOSUMDB": self.sumdb}
        if self.nosumdb:
            found["GONOSUMDB"] = self.nosumdb
        return found | ({"SSL_CERT_DIR": f"{self.trust}:/etc/ssl/certs"} if self.trust else {})


def parse_size(given: str) -> int:
    """Read the size of a cache in GB; give it in bytes. Raises BadProxyWishError."""
    if not (given.isascii() and given.isdecimal() and len(given) <= 6 and int(given)):
        raise BadProxyWishError("--max-gb", f"{given!r} is no whole number from 1 to 999999")
    return int(given) << 30


def check(config: ServerConfig) -> None:
    """Raise BadProxyWishError for what goproxyd would refuse, before anything is sent."""
    try:
        address, _ = _address(config.listen)
    except ValueError as error:
        raise BadProxyWishError("--listen", f"{config.listen!r} is no address and port: {error}") from error
    if not address.is_loopback and not (config.tls and config.tokens):
        raise BadProxyWishError("--listen", f"{config.listen} is reached from outside: that takes TLS and --token")
    if config.tokens and not config.tls:
        raise BadProxyWishError("--token", "go sends no token over plain HTTP: it takes --name or --cert, too")
    check_sumdb(config.sumdb)
    if config.nosumdb and tidied(config.nosumdb) != config.nosumdb:
        raise BadProxyWishError(
            "--nosumdb", f"{config.nosumdb!r} is no list of patterns such as *.corp.example,x.org/y"
        )
    if config.max_bytes < 1 << 20:
        raise BadProxyWishError("--max-gb", "a cache of less than a MiB holds nothing")
    for seed in config.seeds:
        if not seed.startswith("/"):
            raise BadProxyWishError(
                "--seed", f"{seed!r} does not begin with /, and the proxy has a directory of its own"
            )
    _check_upstream(config.upstream)


def check_sumdb(given: str, verb: str = "deploy-proxy") -> None:
    """Refuse a name without a key that nobody has: the proxy would answer 500 to everything.

    Raises BadProxyWishError.
    """
    if secret_in("profile.intranet.sumdb", given):
        raise BadProxyWishError("--sumdb", "it has a user, a password or a query in it", verb)
    try:
        if not given or " " in given:
            raise ValueError("one word was expected")
        parse_gosumdb(given)
    except ValueError as error:
        known = " nor ".join(NAMES)
        why = f"{given!r} is neither off nor {known} nor a database's NAME+HASH+KEY: {error}"
        raise BadProxyWishError("--sumdb", why, verb) from error


def check_seeds(absent: Sequence[str]) -> None:
    """Refuse seeds that are not there: to clients, all that they have would be missing."""
    if absent:
        raise BadProxyWishError("--seed", f"{absent[0]!r} is no directory where the proxy runs")


def _check_upstream(listed: str) -> None:
    if secret_in("profile.intranet.goproxy", listed):
        raise BadProxyWishError("--upstream", "a URL with a user, a password or a query would be a secret in a file")
    for one in re.split(r"[,|]", listed):
        parts = _split(one)
        if one == "direct":
            raise BadProxyWishError("--upstream", "direct would take go and git there; name proxies, or off")
        if one != "off" and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise BadProxyWishError("--upstream", f"{one!r} is no URL of a proxy")


def _split(url: str) -> SplitResult:
    """Take a URL apart; what cannot be has no parts."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def client_of(config: ServerConfig, names: tuple[str, ...], trust: str | None) -> ClientSettings:
    """Give what clients need; ``names`` are of its certificate; they use the first without a star."""
    host, port = config.listen.rsplit(":", 1)
    if config.tls:
        name = next((name for name in names if "*" not in name), host)
        host = f"[{name}]" if ":" in name and not name.startswith("[") else name
    scheme = "https" if config.tls else "http"
    return ClientSettings(f"{scheme}://{host}:{port}", config.nosumdb, config.sumdb, trust)


def netrc_entry(url: str, token: str) -> str:
    """Write the entry that go finds the token by: GOAUTH=netrc, its default, knows ports."""
    return f"machine {urlsplit(url).netloc}\nlogin remotego\npassword {token}\n"


def parse_netrc_entry(text: str) -> str | None:
    """Read the token of such an entry; None where there is none."""
    found = re.search(r"^password (\S+)$", text, re.MULTILINE)
    return found[1] if found else None


def render_order(config: ServerConfig, rest: Mapping[str, Any]) -> str:
    """Write what ``goproxyd apply`` reads."""
    return json.dumps({"config": config.as_json(), **rest}, sort_keys=True)


def _address(listen: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]:
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("there is no port, 1 to 65535, behind a colon")
    if ":" in host and not host.startswith("["):
        raise ValueError("an IPv6 address stands in brackets")
    return ipaddress.ip_address(host.strip("[]")), int(port)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
