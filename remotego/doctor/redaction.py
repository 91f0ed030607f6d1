"""Values of variables and words of tools that may hold a secret, made fit to be shown."""

from __future__ import annotations

from remotego.core.redaction import redacted
from remotego.core.terminal import inert


def shown(text: str) -> str:
    """Leave out secrets, and what a terminal would obey."""
    return redacted(inert(text))
