"""The way to a host: each hop of it, host keys, and what its sshd lets through."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remotego.core.errors import RemotegoError
from remotego.doctor.check import Finding, failure, ok, unknown, warning

LEAST_RSA_BITS = 2048
"""Below that OpenSSH itself refuses (ssh_config(5), RequiredRSASize: 1024 by default, 2048 in later practice)."""

WEAK = ("ssh-dss",)


@dataclass(frozen=True, slots=True)
class Hop:
    """A machine on the way and why it could not be used; None where it could."""

    name: str
    address: str
    error: RemotegoError | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A way to a session's dlv that was tried: None for one that is open, "" for one that nobody could try."""

    rung: str
    refused: str | None


def judge_hops(hops: Sequence[Hop]) -> Iterator[Finding]:
    """Judge the machines on the way, the nearest first; behind one that fails nothing was tried."""
    for hop in hops:
        if hop.error is None:
            yield ok("reach-hop", f"{hop.name} ({hop.address})")
        else:
            yield failure("reach-hop", str(hop.error), hop.error.advice)


def judge_keys(offered: Sequence[str], known: Mapping[str, Sequence[str]]) -> Finding:
    """Judge host keys: ``offered`` are the host's public key files, ``known`` kinds of keys on file by key name."""
    kinds = [_kind(line) for line in offered if line.split()]
    recorded = sorted({kind for those in known.values() for kind in those})
    strong = [kind for kind in kinds if kind not in WEAK and not _is_short(kind)]
    if kinds and not strong:
        remedy = "have its administrator run `ssh-keygen -A` (it adds an ed25519 key), and pin that one"
        return warning("reach-key", f"it has only weak host keys: {', '.join(kinds)}", remedy)
    if recorded and all(kind in (*WEAK, "ssh-rsa") for kind in recorded):
        remedy = "pin its ed25519 or ecdsa key too (ssh-keyscan, compared by another way)"
        said = f"known_hosts has only {', '.join(recorded)} for it; SHA-1 signatures by such keys are refused today"
        return warning("reach-key", said, remedy)
    return ok("reach-key", ", ".join(recorded or strong) or "certified, or not told")


def _kind(line: str) -> str:
    words = line.split()
    bits = _rsa_bits(words[1]) if words[0] == "ssh-rsa" and len(words) > 1 else None
    return words[0] if bits is None else f"ssh-rsa {bits}"


def _is_short(kind: str) -> bool:
    name, _, bits = kind.partition(" ")
    return name == "ssh-rsa" and bits.isdecimal() and int(bits) < LEAST_RSA_BITS


def _rsa_bits(text: str) -> int | None:
    """Read the length of the modulus out of a public key in SSH wire format (RFC 4253, 6.6)."""
    try:
        blob = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    fields = []
    while len(blob) >= 4:
        size = int.from_bytes(blob[:4], "big")
        fields.append(blob[4 : 4 + size])
        blob = blob[4 + size :]
    return int.from_bytes(fields[2], "big").bit_length() if len(fields) == 3 else None


def judge_doors(doors: Sequence[Door]) -> Finding:
    """Judge which rungs of a channel the host's sshd leaves open."""
    opened = [one.rung for one in doors if one.refused is None]
    closed = [one for one in doors if one.refused]
    said = "; ".join(f"{one.rung}: {one.refused}" for one in closed)
    remedy = (
        "its sshd_config could open more for this account: AllowStreamLocalForwarding yes, AllowTcpForwarding yes, "
        "no PermitOpen, no DisableForwarding; MaxSessions 3 or more and no ForceCommand"
    )
    if not opened:
        tried = [one for one in doors if one.refused is not None and one.refused != ""]
        return (failure if tried else unknown)("forward-channel", f"no way to a session is open: {said}", remedy)
    if closed:
        return warning("forward-channel", f"{', '.join(opened)} open; not {said}", remedy)
    return ok("forward-channel", f"{', '.join(opened)} open")
