"""Passwords as cmd/go finds them: in ~/.netrc or the file of NETRC, for https alone (`go help goauth`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def basic_auth(netloc: str, environ: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """Give user and password for a host, ``host:port`` if it is not https's own port; None if there are none.

    An entry ``default`` is for no host, as with go. A file that cannot be read counts as none, and nothing of it is
    ever shown.
    """
    import netrc

    try:
        entries = netrc.netrc(str(_place(environ))).hosts
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError, RuntimeError):
        return None
    found = None if netloc == "default" else entries.get(netloc)
    return (found[0], found[2]) if found else None


def _place(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("NETRC") or Path.home() / ("_netrc" if os.name == "nt" else ".netrc"))


def machines(environ: Mapping[str, str] = os.environ) -> frozenset[str]:
    """List the hosts that have a password there; none where the file cannot be read."""
    import netrc

    try:
        return frozenset(netrc.netrc(str(_place(environ))).hosts) - {"default"}
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError, RuntimeError):
        return frozenset()
