"""The audit of lent credentials: what was asked and what became of it, in a log of this machine, without any secret."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from remotego.core.redaction import without_secrets

if TYPE_CHECKING:
    from remotego.cli.render import Printer
    from remotego.ops.auth.broker import Asked

LOG = "auth"
SHARE_BYTES = 128 << 10
"""What one connection may write: a host that asks without end shall not push out what others have done."""

COUNT_S = 600.0
"""How often what comes beyond that is told as a number."""


class Audit:
    """Keeps events of one connection. A log that cannot be kept is said once."""

    def __init__(self, printer: Printer) -> None:
        """Begin with a whole share."""
        self._printer = printer
        self._left, self._counted_s = SHARE_BYTES, monotonic()
        self._more: Counter[str] = Counter()
        self._logs = True

    def note(self, host: str, document: Mapping[str, Any]) -> None:
        """Keep an event of a host's."""
        rest = {name: value for name, value in document.items() if name != "changes"}
        size = len(json.dumps(rest))
        if document["event"] in ("granted", "refused", "turned-away") and size > self._left:
            self._count(host, document["event"])
            return
        self._left -= size
        if self._more and document["event"] == "ended":
            self._write(host, self._counted())
        self._write(host, rest)

    def _count(self, host: str, event: str) -> None:
        self._more[event] += 1
        if monotonic() - self._counted_s >= COUNT_S:
            self._write(host, self._counted())

    def _counted(self) -> dict[str, Any]:
        line = {"event": "more", "counts": dict(self._more)}
        self._more.clear()
        self._counted_s = monotonic()
        return line

    def _write(self, host: str, line: Mapping[str, Any]) -> None:
        from remotego.adapters.ledger import note, place

        try:
            note(place(LOG), {"at": datetime.now(UTC).isoformat(timespec="seconds"), "host": host, **line})
        except OSError as error:
            if self._logs:
                self._printer.note(f"no log is kept: {error}")
            self._logs = False


def document_question(event: Asked, host: str) -> dict[str, Any]:
    """Give a question and what became of it as JSON."""
    asked = event.question
    return {
        "event": "granted" if event.outcome == "granted" else "refused",
        "host": host,
        "code": event.outcome,
        "why": event.why or None,
        "kind": asked.kind,
        "url": shown(asked.url),
        "allowed_by": str(event.entry.prefix) if event.entry else None,
        "pid": asked.pid,
        "uid": asked.uid,
        "chain": list(asked.chain),
    }


def shown(url: str) -> str:
    """Leave out what may be a secret: a client of another user's making can ask for anything."""
    return without_secrets(url)[:300]
