"""The token of a host's proxy: made here, put aside until the host takes it, and then in the place of the one before.

So a change that fails leaves the token that is in force, and one that is cut off after the host took it loses none.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from remotego.adapters.tokens import (
    drop_folders,
    drop_new_token,
    drop_token,
    drop_trust,
    new_token_file,
    read_token,
    token_file,
    write_token,
)
from remotego.goproxy.installed import ProxyState
from remotego.goproxy.server import netrc_entry, parse_netrc_entry


@dataclass(frozen=True, slots=True)
class Protection:
    """Whether clients need a token, and whether a new one shall be made.

    ``plain``: a proxy that is there may lose the TLS and the token that it has.
    """

    token: bool = False
    anew: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """A token, "" where there is none or it is not known here, and the ``digests`` that the host shall take."""

    token: str = ""
    digests: tuple[str, ...] = ()


def choose_token(name: str, taken: Sequence[str], protection: Protection) -> Chosen:
    """Choose the token of a host that takes those of some digests. One that works stays, whoever has made it."""
    if not protection.token:
        return Chosen()
    here = [] if protection.anew else [token for token in (_kept(name), _aside(name)) if token]
    known = next((token for token in here if _digest(token) in taken), "")
    if known or (taken and not here and not protection.anew):
        return Chosen(known, tuple(taken))
    token = next(iter(here), "") or secrets.token_urlsafe(32)
    return Chosen(token, (_digest(token),))


def put_aside(name: str, url: str, token: str) -> None:
    """Keep a token that is to be sent, until ``settle``. Raises UnwritableFileError."""
    if token and token != _kept(name):
        write_token(new_token_file(name), netrc_entry(url, token))


def settle(name: str, url: str, token: str) -> None:
    """Have clients here use a token that its host takes now, at the URL it has now. Raises UnwritableFileError."""
    if token:
        write_token(token_file(name), netrc_entry(url, token))
        drop_new_token(name)


def forget(name: str, state: ProxyState) -> None:
    """Remove what clients here had of a proxy that has gone: its token, and the certificate that was trusted for it.

    What belongs to another proxy of that host stays. Raises UnwritableFileError.
    """
    if _digest(_kept(name)) in state.tokens:
        drop_token(name)
    if _digest(_aside(name)) in state.tokens:
        drop_new_token(name)
    drop_trust(name, state.ca)
    drop_folders(name)


def _kept(name: str) -> str:
    return parse_netrc_entry(read_token(token_file(name))) or ""


def _aside(name: str) -> str:
    return parse_netrc_entry(read_token(new_token_file(name))) or ""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
