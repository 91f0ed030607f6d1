"""Host keys known, changed and withdrawn, in every way that known_hosts and RevokedHostKeys can say it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from remotego.adapters.ssh.distrust import (
    HostCertificateError,
    HostKeyChangedError,
    HostKeyRevokedError,
    HostUnknownError,
    RevocationUnknownError,
)
from remotego.core.errors import UnreachableError
from tests.adapters.conftest import Site
from tests.adapters.sshd import Sshd, make_key, public

ATTEMPT = r"Accepted publickey|Failed publickey|Postponed|authenticating user|userauth"


def single(site: Site, lines: Callable[[Sshd], str], **options: str) -> Sshd:
    """Start a server that is known by ``lines`` only, as ``host`` with these options."""
    server = site.start(trusted=False)
    extra = "".join(f"  {key} {value}\n" for key, value in options.items())
    site.write_config(f"Host host\n  Port {server.port}\n{extra}")
    site.known_hosts.write_text(lines(server))
    return server


def _hashed(server: Sshd) -> str:
    plain = server.directory / "plain"
    plain.write_text(f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n")
    subprocess.run(("ssh-keygen", "-q", "-H", "-f", str(plain)), check=True, capture_output=True)
    return plain.read_text()


GOOD: dict[str, Callable[[Sshd], str]] = {
    "plain": lambda server: f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n",
    "hashed": _hashed,
    "wildcard": lambda server: f"[127.0.0.*]:{server.port} {public(server.host_keys[0])}\n",
    "among others": lambda server: f"a,[127.0.0.1]:{server.port},b {public(server.host_keys[0])} note\n",
    "CRLF": lambda server: f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\r\n",
    "bare host": lambda server: f"127.0.0.1 {public(server.host_keys[0])}\n",
    "after bad lines": lambda server: (
        "rubbish\n# note\n\n127.0.0.1 ssh-ed25519 !!!\n[127.0.0.1] ssh-ed25519\n"
        f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n"
    ),
    "revoked line for another key": lambda server: (
        f"@revoked * {public(make_key(server.directory / 'other'))}\n"
        f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n"
    ),
    "CA line beside a plain one": lambda server: (
        f"@cert-authority * {public(make_key(server.directory / 'ca'))}\n"
        f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n"
    ),
    "second of two keys of one type": lambda server: (
        f"[127.0.0.1]:{server.port} {public(make_key(server.directory / 'old'))}\n"
        f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n"
    ),
}

BAD: dict[str, tuple[Callable[[Sshd], str], type[UnreachableError] | tuple[type[UnreachableError], ...]]] = {
    "empty": (lambda _: "", HostUnknownError),
    "other host": (lambda server: f"10.0.0.1 {public(server.host_keys[0])}\n", HostUnknownError),
    "other port": (lambda server: f"[127.0.0.1]:1 {public(server.host_keys[0])}\n", HostUnknownError),
    "negated": (
        lambda server: f"[127.0.0.*]:{server.port},![127.0.0.1]:{server.port} {public(server.host_keys[0])}\n",
        HostUnknownError,
    ),
    "changed": (
        lambda server: f"[127.0.0.1]:{server.port} {public(make_key(server.directory / 'old'))}\n",
        HostKeyChangedError,
    ),
    "changed, though the bare host has the right one": (
        lambda server: (
            f"[127.0.0.1]:{server.port} {public(make_key(server.directory / 'old'))}\n"
            f"127.0.0.1 {public(server.host_keys[0])}\n"
        ),
        HostKeyChangedError,
    ),
    "revoked": (
        lambda server: (
            f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n@revoked * {public(server.host_keys[0])}\n"
        ),
        HostKeyRevokedError,
    ),
    "CA only": (
        lambda server: f"@cert-authority * {public(make_key(server.directory / 'ca'))}\n",
        (HostCertificateError, HostUnknownError),
    ),
}


def _krl(path: Path, *keys: Path) -> None:
    subprocess.run(("ssh-keygen", "-q", "-k", "-f", str(path), *(f"{key}.pub" for key in keys)), check=True)


def _other(path: Path) -> Path:
    return make_key(path.with_name("other"))


def _broken_krl(path: Path, key: Path) -> None:
    _krl(path, key)
    path.write_bytes(path.read_bytes()[:50])


Withdraw = Callable[[Path, Path], object]
"""Writes, to a path, a file of RevokedHostKeys about a host key."""

HARMLESS: dict[str, Withdraw] = {
    "empty list": lambda path, _: path.touch(),
    "list of another key": lambda path, _: path.write_text(f"# gone\n\n{public(_other(path))} note\n"),
    "KRL of another key": lambda path, _: _krl(path, _other(path)),
}

WITHDRAWN: dict[str, tuple[Withdraw, type[HostKeyRevokedError]]] = {
    "list": (
        lambda path, key: path.write_text(f"# gone\n{public(_other(path))}\n  {public(key)} note\r\n"),
        HostKeyRevokedError,
    ),
    "KRL": (lambda path, key: _krl(path, key, _other(path)), HostKeyRevokedError),
    "missing": (lambda *_: None, RevocationUnknownError),
    "unreadable": (lambda path, _: path.mkdir(), RevocationUnknownError),
    "no list": (lambda path, _: path.write_text("keys: none\n"), RevocationUnknownError),
    "damaged KRL": (_broken_krl, RevocationUnknownError),
}
