"""Records of profiles in workspaces: what was written where, and what it takes to go back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from remotego.adapters.files import read_file
from remotego.adapters.keepsake import keep, recall
from remotego.core.settings import Settings
from remotego.ops.environment import settings_place
from remotego.vscode.turning import Record, digest, in_force, parse_record, record_as_json

KIND = "profiles"
"""What our keepsakes are kept for: those of sdk.use are others."""


def profile_in_force(settings: Settings) -> str | None:
    """Name the profile that a workspace has by our records; None for none."""
    folder, name = settings_place(Path(settings.workspace).absolute())
    records = tuple(records_of(folder / name))
    if not records:
        return None
    text = read_file(folder / name, within=folder).text
    if text is not None and digest(text) in {digest(one.was) for one in records if one.was is not None}:
        return None
    return (in_force(text, records) or records[0]).profile


def records_of(path: Path) -> Iterator[Record]:
    """Read the records of a file, the newest first; none where they cannot be read."""
    found = recall(path, KIND) or {}
    with suppress(ValueError):
        yield from map(parse_record, found.get("records", ()))


def keep_records(path: Path, records: Sequence[Record]) -> None:
    """Write the records of a file, the newest first. Raises UnwritableFileError."""
    keep(path, {"file": os.fspath(path), "records": [record_as_json(one) for one in records]}, KIND)
