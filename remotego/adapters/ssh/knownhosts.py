"""Host keys as known_hosts files hold them, and the verdict on one that a host presents.

The files are only ever read. Format: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

_FOUND = re.compile(rb"# Host .* found: line (\d+) ?(CA|REVOKED)?\s*")


class Mark(Enum):
    """What a line says about its key."""

    TRUSTED = ""
    AUTHORITY = "@cert-authority"
    REVOKED = "@revoked"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key from one line of a known_hosts file, found under ``name``.

    ``blob`` is the public key in SSH wire format.
    """

    name: str
    kind: str
    blob: bytes
    mark: Mark
    path: Path
    line: int

    @property
    def place(self) -> str:
        """``file:line``, for people."""
        return f"{self.path}:{self.line}"


class Verdict(Enum):
    """What the known keys say about the key a host presents."""

    TRUSTED = "trusted"
    REVOKED = "revoked"
    CHANGED = "changed"
    AUTHORITY_ONLY = "authority only"
    UNKNOWN = "unknown"


def judge(key_name: str, blob: bytes, known: Sequence[KnownKey]) -> Verdict:
    """Compare the key a host presents with those known under the host's names.

    A revocation wins over everything. Like ssh, a key filed under the bare host counts for a
    ``[host]:port`` that has no entry of its own.
    """
    verdict = _compare(blob, [key for key in known if key.name == key_name])
    if verdict is not Verdict.UNKNOWN:
        return verdict
    fallback = _compare(blob, known)
    return fallback if fallback in (Verdict.TRUSTED, Verdict.REVOKED) else Verdict.UNKNOWN


def _compare(blob: bytes, known: Sequence[KnownKey]) -> Verdict:
    trusted = [key for key in known if key.mark is Mark.TRUSTED]
    if any(key.mark is Mark.REVOKED and key.blob == blob for key in known):
        return Verdict.REVOKED
    if any(key.blob == blob for key in trusted):
        return Verdict.TRUSTED
    if trusted:
        return Verdict.CHANGED
    if any(key.mark is Mark.AUTHORITY for key in known):
        return Verdict.AUTHORITY_ONLY
    return Verdict.UNKNOWN


def fingerprint(blob: bytes) -> str:
    """``SHA256:…`` as ssh-keygen -l prints it."""
    digest = base64.b64encode(hashlib.sha256(blob).digest())
    return "SHA256:" + digest.decode().rstrip("=")


def names_of(key_name: str) -> tuple[str, ...]:
    """Names to look a key up by: its own, and like ssh the bare host when the port has no entry."""
    bare = re.fullmatch(r"\[(.+)\]:\d+", key_name)
    return (key_name, bare[1]) if bare else (key_name,)


def read_blob(kind: bytes, encoded: bytes) -> bytes | None:
    """Decode a public key as files hold it, its type and base64; None for what is no such key."""
    try:
        blob = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    size = int.from_bytes(blob[:4], "big")
    return blob if kind and blob[4 : 4 + size] == kind else None


def parse_found(output: bytes, name: str, path: Path) -> list[KnownKey]:
    """Read what ``ssh-keygen -F`` prints: a comment naming the line, then the line itself."""
    keys: list[KnownKey] = []
    number = 0
    for line in output.splitlines():
        if match := _FOUND.fullmatch(line):
            number = int(match[1])
        elif key := _parse_line(line, name, path, number):
            keys.append(key[1])
    return keys


def read_known_hosts(content: bytes, name: str, path: Path) -> list[KnownKey]:
    """Find the keys of ``name`` without ssh-keygen. Lines that make no sense are passed over."""
    parsed = (_parse_line(line, name, path, number) for number, line in enumerate(content.split(b"\n"), 1))
    return [key for names, key in filter(None, parsed) if _matches(names, name.lower())]


def _parse_line(line: bytes, name: str, path: Path, number: int) -> tuple[bytes, KnownKey] | None:
    words = line.split()
    if not words or words[0].startswith(b"#"):
        return None
    mark = next((mark for mark in Mark if mark.value.encode() == words[0]), Mark.TRUSTED)
    names, kind, encoded = [*words[mark is not Mark.TRUSTED :], b"", b"", b""][:3]
    blob = read_blob(kind, encoded)
    if blob is None:
        return None
    return names, KnownKey(name, kind.decode("ascii", "replace"), blob, mark, path, number)


def _matches(names: bytes, wanted: str) -> bool:
    if names.startswith(b"|"):
        return _matches_hash(names, wanted)
    patterns = names.decode("utf-8", "replace").lower().split(",")
    if any(_fits(pattern[1:], wanted) for pattern in patterns if pattern.startswith("!")):
        return False
    return any(_fits(pattern, wanted) for pattern in patterns)


def _fits(pattern: str, wanted: str) -> bool:
    """Match ``*`` and ``?`` only: brackets are part of ``[host]:port``, so fnmatch would misread them."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), wanted, re.DOTALL) is not None


def _matches_hash(names: bytes, wanted: str) -> bool:
    fields = names.split(b"|")
    if len(fields) != 4 or fields[1] != b"1":
        return False
    try:
        salt, digest = (base64.b64decode(field, validate=True) for field in fields[2:])
    except binascii.Error:
        return False
    return hmac.compare_digest(hmac.new(salt, wanted.encode(), hashlib.sha1).digest(), digest)
