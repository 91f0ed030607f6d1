"""Why the key of a host is not trusted, and what its user can do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from remotego.adapters.ssh.errors import describe
from remotego.adapters.ssh.knownhosts import KnownKey, Mark, Verdict, fingerprint
from remotego.adapters.ssh.revocation import Revoked, Unchecked
from remotego.core.errors import UnreachableError
from remotego.core.target import Hop


@dataclass(eq=False)
class HostUnknownError(UnreachableError):
    """A host shows a key that no known_hosts file has."""

    hop: str
    key_name: str
    kind: str
    fingerprint: str
    hostname: str
    port: int
    known_hosts: str
    through: str
    what = "the host key of {hop} is not known: it shows {kind} {fingerprint}"
    remedy = (
        "compare that fingerprint with one you get another way (its console, its administrator), "
        "then pin it:\n"
        "  {through}ssh-keyscan -t {kind} -p {port} {hostname} > new-key && ssh-keygen -lf new-key\n"
        "  and, when the fingerprints agree, put the key under the name {key_name} into {known_hosts}"
    )


@dataclass(eq=False)
class HostKeyChangedError(UnreachableError):
    """A host shows another key than the one on file: a new installation, or someone in between."""

    hop: str
    key_name: str
    kind: str
    fingerprint: str
    place: str
    known: str
    known_hosts: str
    what = "the host key of {hop} has CHANGED: it shows {kind} {fingerprint}, but {place} has {known}"
    remedy = (
        "do not go on before its administrator confirms the new fingerprint: "
        "this is what an attack looks like;\n"
        "  once confirmed, `ssh-keygen -R '{key_name}' -f '{known_hosts}'` drops the old key, "
        "then pin the new one"
    )


@dataclass(eq=False)
class HostKeyRevokedError(UnreachableError):
    """A host shows a key that is marked @revoked, or that a file of RevokedHostKeys lists."""

    hop: str
    kind: str
    fingerprint: str
    place: str
    what = "the host key of {hop} is revoked by {place}: {kind} {fingerprint}"
    remedy = "do not connect; ask the host's administrator for a new host key and the reason for the revocation"


@dataclass(eq=False)
class RevocationUnknownError(HostKeyRevokedError):
    """A file of RevokedHostKeys cannot be read: like ssh, every key is taken for revoked."""

    reason: str
    what = (
        "the host key of {hop} counts as revoked, {kind} {fingerprint}: "
        "RevokedHostKeys names {place}, which cannot be read ({reason})"
    )
    remedy = "put that file right, or correct RevokedHostKeys in your ssh_config; `ssh-keygen -Qf` reads a KRL"


@dataclass(eq=False)
class HostCertificateError(UnreachableError):
    """Only a certificate authority is known for a host, and its certificates cannot be checked here."""

    hop: str
    key_name: str
    kind: str
    fingerprint: str
    place: str
    known_hosts: str
    what = (
        "{hop} is known by the certificate authority at {place} only, "
        "and the SSH library cannot check host certificates; the plain key it shows is {kind} {fingerprint}"
    )
    remedy = (
        "let ssh check the certificate and learn the plain keys: "
        "`ssh -o UpdateHostKeys=yes {key_name} true`, or add the plain key to {known_hosts} by hand"
    )


def withdraw(hop: Hop, revocation: Revoked | Unchecked, kind: str, blob: bytes) -> HostKeyRevokedError:
    """Put what RevokedHostKeys says into words."""
    match revocation:
        case Revoked(place):
            return HostKeyRevokedError(describe(hop), kind, fingerprint(blob), place)
        case Unchecked(place, reason):
            return RevocationUnknownError(describe(hop), kind, fingerprint(blob), place, reason)
        case _:
            assert_never(revocation)


def complain(
    hop: Hop, known: Sequence[KnownKey], through: Hop | None, verdict: Verdict, kind: str, blob: bytes
) -> UnreachableError:
    """Put a verdict into words."""
    place, mark = describe(hop), fingerprint(blob)
    pinned_in = str(hop.known_hosts[0]) if hop.known_hosts else "a UserKnownHostsFile"
    match verdict:
        case Verdict.REVOKED:
            line = next(key for key in known if key.mark is Mark.REVOKED and key.blob == blob)
            return HostKeyRevokedError(place, kind, mark, line.place)
        case Verdict.CHANGED:
            line = next(key for key in known if key.mark is Mark.TRUSTED and key.name == hop.key_name)
            had = f"{line.kind} {fingerprint(line.blob)}"
            return HostKeyChangedError(place, hop.key_name, kind, mark, line.place, had, str(line.path))
        case Verdict.AUTHORITY_ONLY:
            line = next(key for key in known if key.mark is Mark.AUTHORITY)
            return HostCertificateError(place, hop.key_name, kind, mark, line.place, pinned_in)
        case _:
            via = f"ssh {through.alias} " if through else ""
            return HostUnknownError(place, hop.key_name, kind, mark, hop.hostname, hop.port, pinned_in, via)
