"""Values of variables and words of tools that may hold a secret, made fit to be shown."""

from __future__ import annotations

from remotego.core.redaction import redacted
from remotego.core.terminal import inert
from remotego.golang.telling import told_value


def shown(text: str) -> str:
    """Leave out secrets, and what a terminal would obey."""
    return redacted(inert(text))


def shown_value(name: str, value: str) -> str:
    """Leave them out of a variable's value."""
    return told_value(name, inert(value))
