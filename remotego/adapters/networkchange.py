"""Changes of this machine's network: told by the kernel where that can be had, and looked for every POLL_S anyway.

Linux tells of links, addresses and routes over netlink (rtnetlink(7)); nobody tells of /etc/resolv.conf. Elsewhere all
of it is looked for: names of interfaces, the addresses that packets to the world would have, and /etc/resolv.conf.
"""

from __future__ import annotations

import hashlib
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

POLL_S = 5.0

_LINK, _ADDRESS4, _ROUTE4, _ADDRESS6, _ROUTE6 = 0x1, 0x10, 0x40, 0x100, 0x400
"""RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE of <linux/rtnetlink.h>."""

_MESSAGES_BYTES = 1 << 16
_RESOLV = Path("/etc/resolv.conf")
_WORLD = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses of documentation (RFC 5737, RFC 3849): nothing is ever sent there, only the way is asked for."""


class NetworkWatch(threading.Thread):
    """Calls ``tell`` with what has changed, until ``end``; ``source`` says how that is known."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(name="network", daemon=True)
        self._tell = tell
        self._kernel = _netlink()
        self._before = snapshot()
        self._wake, self._woken = socket.socketpair()
        self.source = "netlink" if self._kernel else f"a look every {POLL_S:.0f} s"

    def run(self) -> None:
        """Wait for the kernel's word, and look by oneself now and then."""
        waited = [self._woken, *([self._kernel] if self._kernel else [])]
        while True:
            ready = select.select(waited, [], [], POLL_S)[0]
            if self._woken in ready:
                self._woken.close()
                if self._kernel:
                    self._kernel.close()
                return
            if self._kernel in ready:
                _drain(self._kernel)
                self._tell("netlink")
            now = snapshot()
            if now != self._before and self._kernel not in ready:
                self._tell("route, interfaces or resolv.conf")
            self._before = now

    def end(self) -> None:
        """Stop watching. Safe to call twice."""
        self._wake.close()
        if self.is_alive():
            self.join(POLL_S)


def snapshot() -> str:
    """Sum up in one word what routes, interfaces and names are resolved by now."""
    parts = [repr(_names()), *(_source(family, address) for family, address in _WORLD)]
    with suppress(OSError):
        parts.append(_RESOLV.read_bytes().decode("utf-8", "replace"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _names() -> list[tuple[int, str]]:
    try:
        return socket.if_nameindex()
    except OSError:
        return []


def _source(family: int, address: str) -> str:
    """Give the address that a packet to the world would have; "" where there is no way."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 9))
        return str(probe.getsockname()[0])
    return ""


def _netlink() -> socket.socket | None:
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:
        return None
    with suppress(OSError):
        kernel = socket.socket(family, socket.SOCK_RAW, 0)  # NETLINK_ROUTE
        kernel.bind((0, _LINK | _ADDRESS4 | _ROUTE4 | _ADDRESS6 | _ROUTE6))
        kernel.setblocking(False)
        return kernel
    return None


def _drain(kernel: socket.socket) -> None:
    """Read all there is; what got lost (ENOBUFS) was a change too."""
    with suppress(OSError):
        while kernel.recv(_MESSAGES_BYTES):
            pass
