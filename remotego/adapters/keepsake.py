"""Keepsakes: how a file of a workspace was before we changed it, kept outside of the workspace, for its owner alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from remotego.adapters.files import Original, read_file, remove_file, replace_file


def keepsake_of(file: Path) -> Path:
    """Where the keepsake of a file is."""
    import platformdirs

    digest = hashlib.sha256(str(file.absolute()).encode()).hexdigest()[:16]
    return platformdirs.user_state_path("remotego") / "settings" / f"{digest}.json"


def recall(file: Path) -> dict[str, Any] | None:
    """Read a keepsake; None where there is none that can be read."""
    text = _read(keepsake_of(file)).text
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def keep(file: Path, data: dict[str, Any]) -> None:
    """Write a keepsake. Raises UnwritableFileError."""
    replace_file(_read(keepsake_of(file)), json.dumps(data), private=True)


def forget(file: Path) -> None:
    """Have the keepsake away, if there is one."""
    original = _read(keepsake_of(file))
    if original.text is not None:
        remove_file(original)


def _read(path: Path) -> Original:
    return read_file(path, within=Path(path.absolute().anchor))
