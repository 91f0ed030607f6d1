"""Artifacts: bytes named by their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Artifact:
    """A local file whose content is known: a dlv, the agent, an SDK.

    ``label`` is a short word for people (``dlv``); ``packed`` is the same content
    compressed by gzip (``packed_bytes`` long), kept beside it so that no push has to compress again.
    """

    label: str
    sha256: str
    size_bytes: int
    path: Path
    packed: Path | None = None
    packed_bytes: int = 0

    @property
    def name(self) -> str:
        """The file name in a store: the label for people, the hash for truth."""
        return f"{self.label}-{self.sha256}"
