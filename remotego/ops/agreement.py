"""Agreement: whether an editor's extension, its debugger, tasks and terminals of a workspace find the same Go."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.askinggo import ask_command, ask_shell
from remotego.vscode.onego import ENV
from remotego.vscode.settings import TOOLS

SYSTEMS: Mapping[str, str] = {"win32": "windows", "darwin": "osx"}
"""What an editor calls a system, by what Python does; linux is all else."""

_VARIABLE = re.compile(r"\$\{env:([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Witness:
    """What is found ``by`` a way of starting programs; ``version`` is "" where no go answers, as ``complaint`` says.

    ``goroot`` is an exported GOROOT: every build fails by a go whose own is another.
    """

    by: str
    go: str
    version: str
    complaint: str = ""
    goroot: str = ""

    def agrees(self, version: str | None, go: str | None) -> bool:
        """Tell whether it comes to one ``version``, whose command is ``go``."""
        return self.version == version and self.goroot in ("", str(Path(go or "").parent.parent))


def system() -> str:
    """What an editor calls this machine's system."""
    return SYSTEMS.get(sys.platform, "linux")


def witnesses(settings: Mapping[str, Any], folder: Path, environ: Mapping[str, str]) -> tuple[Witness, ...]:
    """Start programs as an editor does by its ``settings`` in a folder, and see which go they find.

    A task is no interactive shell, so it reads no start-up file; a terminal is one, and reads them after all that
    the editor has set. The extension starts its own go, and has that go's directory first for the debugger.
    """
    go = str(settings.get(TOOLS, {}).get("go") or "go")
    own = {**environ, **{name: str(value) for name, value in settings.get("go.toolsEnvVars", {}).items()}}
    ahead = own | {"PATH": f"{Path(go).parent}{os.pathsep}{own.get('PATH', '')}"}
    inside = inherited(environ, settings.get(f"{ENV}.{system()}", {}))
    found = {
        "extension": ask_command(go, own, folder),
        "debugger": ask_shell(("/bin/sh", "-c"), ahead, folder),
        "task": ask_shell(("/bin/sh", "-c"), inside, folder),
        "terminal": ask_shell((environ.get("SHELL") or "/bin/sh", "-ic"), inside, folder),
    }
    return tuple(Witness(by, one.go, one.version, one.complaint, one.goroot) for by, one in found.items())


def inherited(environ: Mapping[str, str], variables: Mapping[str, Any]) -> dict[str, str]:
    """Give the environment of a terminal: null takes a variable out, ``${env:NAME}`` is what it was before."""
    env = dict(environ)
    for name, value in variables.items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = _VARIABLE.sub(lambda found: environ.get(found[1], ""), str(value))
    return env
