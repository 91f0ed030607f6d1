"""The state of this machine's network: what decides which proxies it reaches, and by which way.

Linux has it in /proc/net (proc_net(5)). Elsewhere addresses and default routes are known by the address that a packet
to the world would have. Links, neighbours, routes to single networks and lifetimes of addresses are no part of it:
containers that come and go, and renewed leases, change those all day.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

State = Mapping[str, frozenset[str]]
"""What there is, by its kind in the words of people; states of one machine have the same kinds."""

_NET = Path("/proc/self/net")
_RESOLV = Path("/etc/resolv.conf")

_WORLD = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses of documentation (RFC 5737, RFC 3849): nothing is ever sent there, only the way is asked for."""

_LOCAL = re.compile(r"\|-- (\S+)\n\s*/32 host LOCAL")
_ANY4, _ANY6 = "00000000", "0" * 32


def look() -> State:
    """Look how it is now. What cannot be read counts as not there."""
    return {
        "addresses": addresses(_read(_NET / "fib_trie"), _read(_NET / "if_inet6")) | _sources(),
        "default routes": routes(_read(_NET / "route"), _read(_NET / "ipv6_route")),
        "resolvers": resolvers(_read(_RESOLV)),
    }


def difference(before: State, now: State) -> str:
    """Name the kinds in which two states differ, with commas; "" for none."""
    return ", ".join(kind for kind in now if now[kind] != before[kind])


def addresses(trie: str, inet6: str) -> frozenset[str]:
    """Read the addresses of fib_trie and if_inet6 by which others can be reached: no loopback and link-local ones."""
    found = [ip_address(text) for text in _LOCAL.findall(trie)]
    found += [ip_address(bytes.fromhex(cells[0])) for cells in _rows(inet6)]
    return frozenset(str(one) for one in found if not (one.is_loopback or one.is_link_local))


def routes(ipv4: str, ipv6: str) -> frozenset[str]:
    """Read the default routes of route and ipv6_route, each as its gateway and interface."""
    found = [f"{cells[2]} {cells[0]}" for cells in _rows(ipv4) if (cells[1], cells[7]) == (_ANY4, _ANY4)]
    found += [f"{cells[4]} {cells[-1]}" for cells in _rows(ipv6) if (cells[0], cells[1]) == (_ANY6, "00")]
    return frozenset(found)


def resolvers(text: str) -> frozenset[str]:
    """Read who resolves names, and how, from resolv.conf(5); comments do not count."""
    lines = (re.split("[#;]", line, maxsplit=1)[0].split() for line in text.splitlines())
    return frozenset(" ".join(words) for words in lines if words)


def _rows(text: str) -> list[list[str]]:
    return [cells for line in text.splitlines() if (cells := line.split()) and cells[0] != "Iface"]


def _sources() -> frozenset[str]:
    return frozenset(filter(None, (_source(family, address) for family, address in _WORLD)))


def _source(family: int, address: str) -> str:
    """Give the address that a packet to the world would have; "" where there is no way."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 9))
        return str(probe.getsockname()[0])
    return ""


def _read(path: Path) -> str:
    with suppress(OSError):
        return path.read_text("utf-8", "replace")
    return ""
