"""Decides about the key a host shows, before anything is said about the user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from paramiko.client import MissingHostKeyPolicy

from remotego.adapters.ssh.knownhosts import KnownKey, Verdict, judge
from remotego.adapters.ssh.revocation import find_revocation
from remotego.core.target import Hop


class TrustPolicy(MissingHostKeyPolicy):  # type: ignore[misc]  # paramiko has no types
    """Accepts the keys known for one hop. paramiko itself is given no keys, so it always asks here."""

    def __init__(self, hop: Hop, known: Sequence[KnownKey], through: Hop | None) -> None:
        self._hop = hop
        self._known = known
        self._through = through

    def missing_host_key(self, _client: Any, _hostname: str, key: Any) -> None:
        """Return for a trusted key; raise an UnreachableError that says why for any other."""
        kind, blob = key.get_name(), key.asbytes()
        if revocation := find_revocation(blob, self._hop.revoked_keys):
            from remotego.adapters.ssh.distrust import withdraw

            raise withdraw(self._hop, revocation, kind, blob)
        verdict = judge(self._hop.key_name, blob, self._known)
        if verdict is not Verdict.TRUSTED:
            from remotego.adapters.ssh.distrust import complain

            raise complain(self._hop, self._known, self._through, verdict, kind, blob)
