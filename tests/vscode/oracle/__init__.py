"""What VS Code's own parser says of a text, now or when it was last asked."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RECORD = HERE / "recorded.json"
LIMITS = ("nested deeper than", "a number of more than", "half of a surrogate pair")
"""Reasons of ours to refuse what VS Code takes."""


def ask(texts: Sequence[str]) -> list[tuple[bool, Any]]:
    """Ask the parser, which npm installs beside this file: whether it takes each text, and as what."""
    if not (HERE / "node_modules").exists():
        subprocess.run(["npm", "install", "--silent", "--no-package-lock"], cwd=HERE, check=True, timeout=300)
    said = subprocess.run(
        ["node", HERE / "parse.js"],
        input="".join(json.dumps(text) + "\n" for text in texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=3600,
    ).stdout
    return [tuple(json.loads(line)) for line in said.split("\n") if line]


def record(texts: Sequence[str]) -> None:
    """Keep what the parser says of these texts."""
    lines = [json.dumps([text, *answer]) for text, answer in zip(texts, ask(texts), strict=True)]
    RECORD.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def recorded() -> list[tuple[str, bool, Any]]:
    """Give each text that was kept, whether the parser took it, and as what."""
    return [tuple(line) for line in json.loads(RECORD.read_text(encoding="utf-8"))]
