"""The vault: credentials of entries, asked for when first needed and held in memory for a short while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from remotego.adapters import vaults
from remotego.core.secret import Secret
from remotego.credentials.entry import Entry

FRESH_S = 300.0
"""A helper may renew a token in the meantime, and a user may take one back."""

Look = Callable[[Entry], Secret | str]

SOURCES: Mapping[str, Look] = {
    "git": lambda entry: vaults.from_git(entry.prefix.netloc, entry.prefix.path, entry.user),
    "gh": lambda entry: vaults.from_gh(entry.prefix.netloc, entry.user),
    "keyring": lambda entry: vaults.from_keyring(entry.source.name, entry.user),
    "netrc": lambda entry: vaults.from_netrc(entry.prefix.netloc),
}


@dataclass(slots=True)
class Vault:
    """Secrets by entry. One that a server has refused is to be forgotten, and then asked for anew."""

    _held: dict[Entry, tuple[float, Secret]] = field(default_factory=dict, repr=False)

    def get(self, entry: Entry) -> Secret | str:
        """Give an entry's credential, or say why there is none."""
        at_s, held = self._held.get(entry, (0.0, None))
        if held is not None and monotonic() - at_s < FRESH_S:
            return held
        found = _find(entry)
        if isinstance(found, Secret):
            self._held[entry] = (monotonic(), found)
        return found

    def forget(self, entry: Entry) -> None:
        """Ask the source anew next time. The source itself is left alone: a host may not erase what is kept here."""
        self._held.pop(entry, None)


def _find(entry: Entry) -> Secret | str:
    """Try an entry's sources in order; one of another user than asked for does not count."""
    reasons = []
    for kind in entry.source.kinds:
        found = SOURCES[kind](entry)
        if isinstance(found, Secret) and not (reason := _unfit(found, entry)):
            return found
        reasons.append(found if isinstance(found, str) else f"{kind}: {reason}")
    return "; ".join(reasons)


def _unfit(found: Secret, entry: Entry) -> str:
    if entry.user and found.user and found.user != entry.user:
        return f"its user is not {entry.user}"
    return found.fault
