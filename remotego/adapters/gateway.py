"""The gateway on this machine: run for one order and its answers; and go itself, for what its settings are here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from remotego.core.errors import HostError

_GO_S = 30.0


@dataclass(eq=False)
class GatewayFailedError(HostError):
    """The gateway does not do its work on this machine."""

    program: str
    reason: str
    what = "{program} cannot be used here: {reason}"
    remedy = "see what keeps programs in the user's cache directory from running; removing it has it built anew"


def carry_out(program: Path, word: str, order: str, timeout_s: float) -> str:
    """Have the gateway do what ``word`` says, and give what it printed. Raises GatewayFailedError."""
    try:
        done = subprocess.run(
            [program, word],
            input=f"{order}\n",
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GatewayFailedError(str(program), str(error)) from error
    if done.returncode != 0:
        raise GatewayFailedError(str(program), done.stderr.strip()[-300:] or f"exit code {done.returncode}")
    return done.stdout


def go_settings(go: str | None, names: Sequence[str], folder: Path) -> Mapping[str, str] | None:
    """Ask go what it goes by in a folder; None where there is no go, or none that answers.

    It is asked under GOTOOLCHAIN=local, so that it fetches none.
    """
    program = go or shutil.which("go")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "env", "-json", *names],
            cwd=folder,
            env=os.environ | {"GOTOOLCHAIN": "local"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GO_S,
            check=True,
        )
        said = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return {name: str(said.get(name, "")) for name in names}
