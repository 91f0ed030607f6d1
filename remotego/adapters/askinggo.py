"""Asking which go a shell of this machine finds, and what that says its version is."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 15.0
"""A shell that has not started by then is not waited for; VS Code waits 10 s."""

QUESTION = 'echo "@go $(command -v go)"; echo "@goroot $GOROOT"; echo "@version $(go version 2>&1)"'

_GO = re.compile(r"^@go (.*)$", re.MULTILINE)
_GOROOT = re.compile(r"^@goroot (.+)$", re.MULTILINE)
_VERSION = re.compile(r"^@version go version go(\S+)", re.MULTILINE)
_COMPLAINT = re.compile(r"^@version (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """A ``go`` command ("" if none is found) and its ``version``; where it gives none, ``complaint`` says why.

    ``goroot`` is an exported GOROOT ("" without one).
    """

    go: str
    version: str
    complaint: str = ""
    goroot: str = ""


def ask_shell(shell: Sequence[str], env: Mapping[str, str], folder: Path) -> Found:
    """Ask a shell, which is to take a command as its last word, in a folder. It has no terminal."""
    said = _said([*shell, QUESTION], env, folder)
    return said if isinstance(said, Found) else read_found(said)


def ask_command(go: str, env: Mapping[str, str], folder: Path) -> Found:
    """Ask a go command itself."""
    said = _said([go, "version"], env, folder)
    return said if isinstance(said, Found) else read_found(f"@go {go}\n@version {said}")


def read_found(text: str) -> Found:
    """Read an answer to the question, whatever a start-up file has printed before."""
    go, version, goroot = (_first(pattern, text) for pattern in (_GO, _VERSION, _GOROOT))
    return Found(go, version, "" if version else _first(_COMPLAINT, text), goroot)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def _said(argv: Sequence[str], env: Mapping[str, str], folder: Path) -> str | Found:
    """Give what a program prints; where it cannot be run or takes too long, that as what was found."""
    try:
        done = subprocess.run(
            argv,
            env=env,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT_S,
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Found("", "", str(error))
    return done.stdout or done.stderr
