"""What go's settings are on this machine, in a folder: its own answer, and the files that it reads."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 30.0
"""A cold start of go from a slow disk takes seconds."""

Lines = dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What ``go env -json`` said; with ``complaint`` instead where it did not. ``files`` are by name: user, root."""

    values: Mapping[str, str]
    complaint: str
    user: Lines
    root: Lines


def ask_go(go: Path, folder: Path, names: Collection[str]) -> Said:
    """Ask a go command for its settings in a folder. No other go is fetched for that."""
    env = {**os.environ, "GOTOOLCHAIN": "local"}
    try:
        done = subprocess.run(
            [go, "env", "-json"],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
        values = {name: str(value) for name, value in json.loads(done.stdout).items()}
    except (OSError, subprocess.TimeoutExpired) as error:
        return Said({}, str(error), {}, {})
    except ValueError:
        return Said({}, done.stderr.strip() or "it prints no JSON", {}, {})
    file = values.get("GOENV", "off")
    user = {} if file == "off" else _lines(Path(file), names)
    return Said(values, "", user, _lines(Path(values.get("GOROOT", ""), "go.env"), names))


def _lines(file: Path, names: Collection[str]) -> Lines:
    """Read the lines of a file of go's that set something; the last one of a name counts."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    split = ((number, *line.partition("=")) for number, line in enumerate(text.split("\n"), 1))
    return {name: (number, value) for number, name, equals, value in split if equals and name in names}
