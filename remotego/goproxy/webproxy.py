"""HTTP(S)_PROXY and NO_PROXY: through which HTTP proxy go sends a request (x/net/http/httpproxy)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit


def web_proxy(url: str, variables: Mapping[str, str]) -> str:
    """Give the HTTP proxy for a URL, "" for none. In an upper and a lower case name the upper one counts first.

    What is on this machine is never asked through a proxy.
    """
    asked = urlsplit(url)
    if asked.scheme not in ("http", "https") or not asked.hostname:
        return ""
    proxy = _variable(f"{asked.scheme}_PROXY", variables)
    return proxy if proxy and not _is_spared(asked, _variable("NO_PROXY", variables)) else ""


def host_of(proxy: str) -> str:
    """Give the host of an HTTP proxy, with its port and without a login; the scheme may be missing."""
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}").netloc.rpartition("@")[2]


def _variable(name: str, variables: Mapping[str, str]) -> str:
    return variables.get(name.upper()) or variables.get(name.lower()) or ""


def _is_spared(asked: SplitResult, no_proxy: str) -> bool:
    host = (asked.hostname or "").rstrip(".").lower()
    port = asked.port or {"http": 80, "https": 443}[asked.scheme]
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    return any(_spares(word.strip().lower(), host, port, address) for word in no_proxy.split(","))


def _spares(word: str, host: str, port: int, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    if not word:
        return False
    if word == "*":
        return True
    if network := _network(word):
        return address is not None and address in network
    name, wanted = _split(word)
    if wanted is not None and wanted != str(port):
        return False
    if own := _address(name):
        return address == own
    bare = name.removeprefix("*")
    return host.endswith(bare) if bare.startswith(".") else host == bare or host.endswith(f".{bare}")


def _split(word: str) -> tuple[str, str | None]:
    """Take the port off, as Go's net.SplitHostPort does; where there is none, the word stands as it is."""
    inside, bracket, port = word.removeprefix("[").partition("]:")
    if word.startswith("[") and bracket:
        return inside, port or None
    name, colon, port = word.rpartition(":")
    return (name, port or None) if colon and not set(":[]") & set(name) else (word, None)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(word: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(word, strict=False) if "/" in word else None
    except ValueError:
        return None
