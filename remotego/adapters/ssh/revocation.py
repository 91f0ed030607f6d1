"""Host keys that ssh_config's RevokedHostKeys withdraws: lists of public keys, and KRLs (ssh-keygen(1))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.openssh import KrlError, is_in_krl
from remotego.adapters.ssh.knownhosts import read_blob

_KRL_MAGIC = b"SSHKRL\n\0"


@dataclass(frozen=True, slots=True)
class Revoked:
    """The key is withdrawn; ``place`` is the file, with the line where it has lines."""

    place: str


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Nobody can tell: the file at ``place`` cannot be read, and why."""

    place: str
    reason: str


class LineError(ValueError):
    """A line of a list that is no public key."""


def find_revocation(blob: bytes, files: Sequence[Path]) -> Revoked | Unchecked | None:
    """Look a public key (SSH wire format) up in every file; None when it is in none of them.

    Like ssh, a file that is missing, unreadable or damaged withdraws every key (sshkey_check_revoked).
    """
    for path in files:
        try:
            place = _find(blob, path)
        except OSError as error:
            return Unchecked(str(path), error.strerror or str(error))
        except (LineError, KrlError) as error:
            return Unchecked(str(path), str(error))
        if place is not None:
            return Revoked(place)
    return None


def _find(blob: bytes, path: Path) -> str | None:
    content = path.read_bytes()
    if content.startswith(_KRL_MAGIC):
        return str(path) if is_in_krl(blob, path) else None
    return next((f"{path}:{number}" for number, listed in _keys(content) if listed == blob), None)


def _keys(content: bytes) -> list[tuple[int, bytes]]:
    """Read a list: a type and a key on each line, blank lines and comments between them."""
    found: list[tuple[int, bytes]] = []
    for number, line in enumerate(content.split(b"\n"), 1):
        words = line.split()
        if not words or words[0].startswith(b"#"):
            continue
        blob = read_blob(*words[:2]) if len(words) > 1 else None
        if blob is None:
            raise LineError(f"line {number} is no public key")
        found.append((number, blob))
    return found
