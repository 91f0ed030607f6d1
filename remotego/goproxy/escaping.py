"""Paths and versions as the module proxy protocol writes them: ``!x`` for a capital X (go.dev/ref/mod)."""

from __future__ import annotations

import re


def escaped(text: str) -> str:
    """Write a module path or a version for a URL."""
    return re.sub("[A-Z]", lambda found: f"!{found[0].lower()}", text)
