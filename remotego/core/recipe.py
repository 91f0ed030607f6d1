"""Recipes: how a binary is made, as plain data; the same recipe and the same Go give the same bytes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

FORMAT = 1
"""Raised when the way a recipe is carried out changes the bytes it gives."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A static Go program for a target.

    ``files`` (path, text) are written into an empty directory, where ``go`` runs with the
    arguments of ``download`` and then of ``build``; the program is then found there as ``output``.
    ``download`` may be empty; else it prints the JSON of ``go mod download -json`` and the
    go.sum of the module it names is added to ours before the build. ``env`` overrides the
    user's environment, and "" stands for "not set".
    """

    label: str
    files: tuple[tuple[str, str], ...]
    download: tuple[str, ...]
    build: tuple[str, ...]
    output: str
    env: tuple[tuple[str, str], ...]

    def key(self, go_version: str) -> str:
        """Name the result before it exists: the SHA-256 of everything that decides its bytes."""
        inputs = {"format": FORMAT, "go": go_version, "recipe": asdict(self)}
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
