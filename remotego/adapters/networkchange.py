"""Changes of this machine's network: what it is now is looked at every POLL_S, and at once on the kernel's word.

Linux tells of links, addresses and routes over netlink (rtnetlink(7)), also of many that change nothing here, such as
a container's; nobody tells of /etc/resolv.conf.
"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from remotego.adapters.networkstate import difference, look

POLL_S = 5.0

_LINK, _ADDRESS4, _ROUTE4, _ADDRESS6, _ROUTE6 = 0x1, 0x10, 0x40, 0x100, 0x400
"""RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE of <linux/rtnetlink.h>."""

_MESSAGES_BYTES = 1 << 16


class NetworkWatch(threading.Thread):
    """Calls ``tell`` with the kinds of things that have changed, until ``end``; ``source`` says how that is known."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(name="network", daemon=True)
        self._tell = tell
        self._kernel = _netlink()
        self._before = look()
        self._wake, self._woken = socket.socketpair()
        self.source = "netlink" if self._kernel else f"a look every {POLL_S:.0f} s"

    def run(self) -> None:
        """Wait for the kernel's word, and look then, and by oneself now and then."""
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
            self._compare()

    def _compare(self) -> None:
        before, self._before = self._before, look()
        if how := difference(before, self._before):
            self._tell(how)

    def end(self) -> None:
        """Stop watching. Safe to call twice."""
        self._wake.close()
        if self.is_alive():
            self.join(POLL_S)


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
    """Read all there is; what got lost (ENOBUFS) is seen by looking all the same."""
    with suppress(OSError):
        while kernel.recv(_MESSAGES_BYTES):
            pass
