"""Decides about the key a host shows, before anything is said about the user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from paramiko.client import MissingHostKeyPolicy

from remotego.adapters.ssh.errors import (
    HostCertificateError,
    HostKeyChangedError,
    HostKeyRevokedError,
    HostUnknownError,
    describe,
)
from remotego.adapters.ssh.knownhosts import KnownKey, Mark, Verdict, fingerprint, judge
from remotego.core.errors import UnreachableError
from remotego.core.target import Hop


class TrustPolicy(MissingHostKeyPolicy):  # type: ignore[misc]  # paramiko has no types
    """Accepts the keys known for one hop. paramiko itself is given no keys, so it always asks here."""

    def __init__(self, hop: Hop, known: Sequence[KnownKey], through: Hop | None) -> None:
        self._hop = hop
        self._known = known
        self._through = through

    def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:
        """Return for a trusted key; raise an UnreachableError that says why for any other."""
        kind, blob = key.get_name(), key.asbytes()
        verdict = judge(self._hop.key_name, blob, self._known)
        if verdict is not Verdict.TRUSTED:
            raise complain(self._hop, self._known, self._through, verdict, kind, blob)


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
