"""The user's key files, the certificates beside them, and their passphrases."""

from __future__ import annotations

import base64
import binascii
import getpass
import io
import os
import re
import stat
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paramiko import ECDSAKey, Ed25519Key, PKey, RSAKey
from paramiko.message import Message
from paramiko.ssh_exception import PasswordRequiredException, SSHException

_TRIES = 3
_ARMOUR = re.compile(r"-----BEGIN (?P<label>[A-Z ]*PRIVATE KEY)-----(?P<body>.*?)-----END", re.DOTALL)
_MAGIC = b"openssh-key-v1\x00"
_CLASSES = {"ssh-ed25519": Ed25519Key, "ssh-rsa": RSAKey, "ecdsa": ECDSAKey}
_LEGACY = {"RSA PRIVATE KEY": "ssh-rsa", "EC PRIVATE KEY": "ecdsa"}


class UnusableKeyError(SSHException):  # type: ignore[misc]  # paramiko has no types
    """A key file that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A key file. ``blob`` is its public half if that can be told without the passphrase."""

    path: Path
    kind: str
    blob: bytes | None
    text: str | None
    locked: bool

    @property
    def usable(self) -> bool:
        """Whether the file holds a private key, not just the public half of one an agent has."""
        return self.text is not None


def read_identity(path: Path) -> Identity | None:
    """Look at a key file without unlocking it; None where there is none or it cannot be read."""
    try:
        text = path.read_text("ascii", "replace")
    except OSError:
        return None
    beside = _read_public(path.with_name(path.name + ".pub"))
    armour = _ARMOUR.search(text)
    if armour is None:
        blob = _read_public(path)
        return Identity(path, _kind(blob), blob, None, locked=False) if blob else None
    if armour["label"] != "OPENSSH PRIVATE KEY":
        kind = _LEGACY.get(armour["label"], "") or _kind(beside)
        return Identity(path, kind, beside, text, locked="ENCRYPTED" in text)
    blob, locked = _read_header(armour["body"])
    return Identity(path, _kind(blob or beside), blob or beside, text, locked)


def read_certificates(identity: Identity, listed: tuple[Path, ...]) -> list[Path]:
    """Find the certificates for a key: the ``-cert.pub`` beside it, and those listed that are for it."""
    beside = identity.path.with_name(identity.path.name.removesuffix(".pub") + "-cert.pub")
    return [path for path in dict.fromkeys((*listed, beside)) if _certifies(path, identity.blob)]


def certify(key: Any, path: Path) -> Any:
    """Join a certificate to its key."""
    key.load_certificate(str(path))
    return key


class KeyRing:
    """Private keys unlocked once per process; asks for a passphrase on a terminal only.

    ``before_asking`` is called first, to clear the terminal of what moves there.
    """

    def __init__(self, before_asking: Callable[[], None] = lambda: None) -> None:
        self._before_asking = before_asking
        self._lock = threading.Lock()
        self._open: dict[Path, str | None] = {}

    def load(self, identity: Identity) -> PKey:
        """Unlock a private key. Raises UnusableKeyError."""
        _check_mode(identity.path)
        if not identity.locked:
            return _parse(identity, None)
        with self._lock:
            if identity.path not in self._open:
                self._open[identity.path] = self._ask(identity)
            return _parse(identity, self._open[identity.path])

    def _ask(self, identity: Identity) -> str:
        if not sys.stdin.isatty():
            raise UnusableKeyError(f"it has a passphrase and there is no terminal: ssh-add {identity.path}")
        for _ in range(_TRIES):
            self._before_asking()
            passphrase = getpass.getpass(f"Passphrase for {identity.path}: ")
            try:
                _parse(identity, passphrase)
            except UnusableKeyError:
                continue
            return passphrase
        raise UnusableKeyError("the passphrase was wrong")


def _check_mode(path: Path) -> None:
    """Refuse, like ssh, a key of ours that others may read."""
    status = path.stat()
    if status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) & 0o077:
        raise UnusableKeyError(f"others may read it: chmod 600 {path}")


def _parse(identity: Identity, passphrase: str | None) -> PKey:
    base = "ecdsa" if identity.kind.startswith("ecdsa-") else identity.kind
    if base not in _CLASSES or identity.text is None:
        raise UnusableKeyError(f"keys of type {identity.kind or 'PKCS#8'} work through an agent only: ssh-add it")
    try:
        return _CLASSES[base].from_private_key(io.StringIO(identity.text), password=passphrase)
    except PasswordRequiredException as error:
        raise UnusableKeyError("it has a passphrase") from error
    except (SSHException, ValueError, IndexError, UnicodeError) as error:
        raise UnusableKeyError(f"it cannot be read ({error})") from error


def _read_header(body: str) -> tuple[bytes | None, bool]:
    """Read the public key and whether the private one is encrypted (OpenSSH, PROTOCOL.key)."""
    try:
        data = base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error:
        return None, False
    if not data.startswith(_MAGIC):
        return None, False
    message = Message(data[len(_MAGIC) :])
    cipher, _kdf, _options = (message.get_binary() for _ in range(3))
    count = message.get_int()
    return (message.get_binary() if count == 1 else None), cipher != b"none"


def _read_public(path: Path) -> bytes | None:
    try:
        return base64.b64decode(path.read_bytes().split()[1], validate=True)
    except (OSError, IndexError, binascii.Error):
        return None


def _kind(blob: bytes | None) -> str:
    if blob is None:
        return ""
    size = int.from_bytes(blob[:4], "big")
    return blob[4 : 4 + size].decode("ascii", "replace")


def _certifies(path: Path, blob: bytes | None) -> bool:
    """Whether a certificate is for this public key: it carries the same key fields after its nonce."""
    found = _read_public(path)
    if blob is None or found is None or not _kind(found).endswith("-cert-v01@openssh.com"):
        return False
    kind = _kind(blob)
    message = Message(found)
    message.get_binary()
    message.get_binary()
    return message.get_remainder().startswith(blob[4 + len(kind) :]) and _kind(found).startswith(kind)
