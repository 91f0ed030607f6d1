"""Why ssh gave a hop up, told from what it said: the same errors as with the other transport.

The wording is that of OpenSSH 7.6 to 10; what is not recognised is passed on as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from remotego.adapters.ssh.distrust import (
    HostKeyChangedError,
    HostKeyRevokedError,
    HostUnknownError,
    RevocationUnknownError,
)
from remotego.adapters.ssh.errors import (
    ConnectError,
    HandshakeError,
    JumpRefusedError,
    LoginRefusedError,
    ProxyCommandError,
    describe,
)
from remotego.adapters.ssh.knownhosts import KnownKey, Mark, fingerprint
from remotego.adapters.ssh.patience import DroppedError
from remotego.core.errors import UnreachableError
from remotego.core.target import Hop

_DEBUG = re.compile(r"debug\d: |OpenSSH_|Authenticated to ")
_SHOWN = re.compile(r"debug1: Server host key: (?P<kind>\S+) (?P<fingerprint>\S+)")
_OFFERED = re.compile(r"debug1: (?:Offering public key|Trying private key): (?P<key>.+)")
_CHANGED = re.compile(r"@\s+WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!")
_OFFENDING = re.compile(r"Offending (?:\S+ )?key in (?P<place>.+)")
_UNKNOWN = re.compile(r"No .*host key is known for .+ and you have requested strict checking")
_MARKED = re.compile(r"@\s+WARNING: REVOKED HOST KEY DETECTED!|.*host key for .+ is marked as revoked")
_REVOKED = re.compile(r"Host key .+ revoked by file (?P<place>.+)")
_UNCHECKED = re.compile(r"Error checking host key .+ in revoked keys file (?P<place>.+): (?P<reason>.+)")
_NOT_CONNECTED = re.compile(r"ssh: connect to host \S+ port \d+: (?P<cause>.+)")
_NOT_RESOLVED = re.compile(r"ssh: Could not resolve hostname .+: (?P<cause>.+)")
_LOCKED_OUT = re.compile(r".*Permission denied \(|.*Too many authentication failures|.*No more authentication methods")
_DROPPED = re.compile(r"kex_exchange_identification: |Connection (?:closed|reset) by .+ port \d+$|.*banner exchange: ")
_SILENT = re.compile(r"Connection timed out during banner exchange|.*banner exchange: .*timed out")
_NOT_SSH = re.compile(r"kex_exchange_identification: (?:banner line|No banner)|.*banner exchange: .*invalid format")
_NO_PASSAGE = re.compile(r"Stdio forwarding request failed|stdio forwarding failed")
OPEN_FAILED = re.compile(r"channel \d+: open failed: (?P<reason>[^:]+): ?(?P<said>.*)")
_GONE = re.compile(r"Timeout, server .+ not responding|.*Connection timed out")


@dataclass(frozen=True, slots=True)
class Refused:
    """A server did not open a channel; ``is_policy`` unless it tried and nobody was there."""

    said: str
    is_policy: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """A hop that could not be signed in to, the one before it, and what is known of its key."""

    hop: Hop
    through: Hop | None
    known: Sequence[KnownKey]

    @property
    def place(self) -> str:
        """Name the hop for an error."""
        return describe(self.hop)

    @property
    def pinned_in(self) -> str:
        """Name the file that would have its key."""
        return str(self.hop.known_hosts[0]) if self.hop.known_hosts else "a UserKnownHostsFile"


def diagnose(scene: Scene, lines: Sequence[str], passage: Refused | None) -> Exception:
    """Find the error in what a master said before it ended; ``passage`` is what the hop before refused."""
    return (
        _distrust(scene, lines)
        or _detour(scene, lines, passage)
        or _absence(scene, lines)
        or _lockout(scene, lines)
        or _hangup(scene, lines)
        or HandshakeError(scene.place, rest(lines) or "ssh ends without a word")
    )


def find_refusal(lines: Sequence[str]) -> Refused | None:
    """Find the last channel that a server refused to open."""
    found = _last(OPEN_FAILED, lines)
    if found is None:
        return None
    return Refused(found["said"] or found["reason"], is_policy=found["reason"] != "connect failed")


def cause_of_loss(lines: Sequence[str]) -> str:
    """Tell why a master that was signed in ended."""
    return "it does not answer" if _last(_GONE, lines[-20:]) else "the other side closed it"


def _distrust(scene: Scene, lines: Sequence[str]) -> UnreachableError | None:
    hop, place = scene.hop, scene.place
    shown = _last(_SHOWN, lines)
    kind, mark = (shown["kind"], shown["fingerprint"]) if shown else ("a key", "unknown")
    if found := _last(_UNCHECKED, lines):
        return RevocationUnknownError(place, kind, mark, found["place"], found["reason"])
    if found := _last(_REVOKED, lines):
        return HostKeyRevokedError(place, kind, mark, found["place"])
    if _last(_MARKED, lines):
        line = next((key for key in scene.known if key.mark is Mark.REVOKED), None)
        return HostKeyRevokedError(place, kind, mark, line.place if line else scene.pinned_in)
    if _last(_CHANGED, lines):
        return _changed(scene, lines, kind, mark)
    if _last(_UNKNOWN, lines):
        via = f"ssh {scene.through.alias} " if scene.through else ""
        return HostUnknownError(place, hop.key_name, kind, mark, hop.hostname, hop.port, scene.pinned_in, via)
    return None


def _changed(scene: Scene, lines: Sequence[str], kind: str, mark: str) -> HostKeyChangedError:
    key_name = scene.hop.key_name
    line = next((key for key in scene.known if key.mark is Mark.TRUSTED and key.name == key_name), None)
    offending = _last(_OFFENDING, lines)
    place = offending["place"] if offending else line.place if line else scene.pinned_in
    had = f"{line.kind} {fingerprint(line.blob)}" if line else "another key"
    return HostKeyChangedError(
        scene.place, key_name, kind, mark, place, had, str(line.path) if line else scene.pinned_in
    )


def _detour(scene: Scene, lines: Sequence[str], passage: Refused | None) -> Exception | None:
    """Blame the hop before, or the ProxyCommand, if it did not lead here."""
    if scene.through and _last(_NO_PASSAGE, lines):
        jump = describe(scene.through)
        if passage and passage.is_policy:
            return JumpRefusedError(jump, scene.place, passage.said)
        return ConnectError(scene.place, f"{jump} cannot reach it ({passage.said if passage else 'no reason given'})")
    if scene.hop.proxy_command and _last(_DROPPED, lines) and not _last(_SILENT, lines):
        said = [line for line in lines if not _DEBUG.match(line) and not _DROPPED.match(line)]
        return ProxyCommandError(scene.place, scene.hop.proxy_command, "\n".join(said).strip() or "it ended")
    return None


def _absence(scene: Scene, lines: Sequence[str]) -> ConnectError | None:
    if found := _last(_NOT_RESOLVED, lines):
        return ConnectError(scene.place, f"its name cannot be resolved ({found['cause']})")
    found = _last(_NOT_CONNECTED, lines)
    return ConnectError(scene.place, found["cause"]) if found else None


def _lockout(scene: Scene, lines: Sequence[str]) -> LoginRefusedError | None:
    if not _last(_LOCKED_OUT, lines):
        return None
    offered = (found["key"] for line in lines if (found := _OFFERED.match(line)))
    return LoginRefusedError(scene.place, ", ".join(dict.fromkeys(offered)) or "(ssh found none to try)")


def _hangup(scene: Scene, lines: Sequence[str]) -> HandshakeError | None:
    if _last(_SILENT, lines):
        return HandshakeError(scene.place, "it sends no SSH banner")
    if _last(_NOT_SSH, lines):
        return HandshakeError(scene.place, "what it says is not SSH")
    greeted = any(line.startswith("debug1: Remote protocol version") for line in lines)
    if not greeted and _last(_DROPPED, lines):
        return DroppedError(scene.place, "it hangs up before it says anything")
    return None


def rest(lines: Sequence[str]) -> str:
    """What ssh said beside its debugging messages."""
    return "\n".join(line for line in lines if not _DEBUG.match(line)).strip()[-1000:]


def _last(pattern: re.Pattern[str], lines: Sequence[str]) -> re.Match[str] | None:
    return next((found for line in reversed(lines) if (found := pattern.match(line))), None)
