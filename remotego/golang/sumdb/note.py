"""Signed notes: a text, and under it lines of signatures (golang.org/x/mod/sumdb/note)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

_ED25519 = 1
_ED25519_BYTES = 32
_MOST_SIGNATURES = 100
CAP_BYTES = 1_000_000
_DASH = "\u2014 "
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Key:
    """A verifier key: the server's ``name``, four bytes of a hash to tell keys apart, the Ed25519 public key."""

    name: str
    mark: bytes
    public: bytes

    @property
    def id(self) -> str:
        """Name and mark, as in ``sum.golang.org+033de0ae``."""
        return f"{self.name}+{self.mark.hex()}"


def parse_key(text: str) -> Key:
    """Read ``name+hash+base64``. Raises ValueError for another algorithm, or a hash that is not the key's."""
    name, _, rest = text.partition("+")
    mark, _, encoded = rest.partition("+")
    blob = _decoded(encoded)
    if not _NAME.fullmatch(name) or not re.fullmatch(r"[0-9a-fA-F]{8}", mark) or not blob:
        raise ValueError("a verifier key is name+hash+key")
    if bytes.fromhex(mark) != hashlib.sha256(name.encode() + b"\n" + blob).digest()[:4]:
        raise ValueError("the hash in the verifier key is not that of its name and key")
    if blob[0] != _ED25519 or len(blob) != 1 + _ED25519_BYTES:
        raise ValueError("the verifier key is not of Ed25519")
    return Key(name, bytes.fromhex(mark), blob[1:])


def open_note(message: bytes, key: Key) -> str:
    """Give the text of a note that ``key`` signed; signatures by others are passed over.

    Raises ValueError for a note that is malformed, is not signed by the key, or has a signature in its name that
    is not its own.
    """
    text, signatures = _split(message)
    is_signed = False
    for line in signatures:
        name, mark, signature = _signature(line)
        if (name, mark) == (key.name, key.mark):
            _verify(key, signature, text.encode())
            is_signed = True
    if not is_signed:
        raise ValueError(f"the note is not signed by {key.id}")
    return text


def _split(message: bytes) -> tuple[str, list[str]]:
    if len(message) > CAP_BYTES:
        raise ValueError("the note is too long")
    try:
        decoded = message.decode()
    except UnicodeDecodeError as error:
        raise ValueError("the note is not UTF-8") from error
    text, blank, block = decoded.rpartition("\n\n")
    if not blank or not block.endswith("\n") or _CONTROL.search(decoded):
        raise ValueError("the note is malformed or cut short")
    lines = block.removesuffix("\n").split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise ValueError("the note has too many signatures")
    return f"{text}\n", lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    blob = _decoded(encoded)
    if not line.startswith(_DASH) or not _NAME.fullmatch(name) or len(blob) <= 4:
        raise ValueError("the note has a malformed signature")
    return name, blob[:4], blob[4:]


def _verify(key: Key, signature: bytes, text: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text)
    except InvalidSignature as error:
        raise ValueError(f"a signature in the name of {key.id} is not its own") from error


def _decoded(text: str) -> bytes:
    """Decode base64; b"" for what is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
