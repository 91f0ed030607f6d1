"""A ledger: lines that are kept on this machine, for its user alone, and do not grow without end."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MOST_BYTES = 1 << 20


def place(name: str) -> Path:
    """Where a ledger is, by the rules of the platform."""
    import platformdirs

    return platformdirs.user_state_path("remotego") / f"{name}.jsonl"


def note(path: Path, line: Mapping[str, Any]) -> None:
    """Add a line. A ledger of MOST_BYTES becomes the old one, and the one before that goes. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.stat().st_size > MOST_BYTES:
        path.replace(path.with_suffix(".old"))
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - Path.open takes no flags
        file.write(json.dumps(line) + "\n")
