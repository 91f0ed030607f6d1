"""The developer's own dlv: VS Code's Go extension refuses to attach anywhere while it finds none on its machine.

(golang/vscode-go, extension/src/goDebugConfiguration.ts.) It is only looked for, never run, in a remote attach.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.localtools import ask_dlv, dlv_on_path, install, own_dlv, this_platform
from remotego.core.errors import BuildError, UsageError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.delve.platforms import parse_machine
from remotego.delve.versions import NEWEST
from remotego.ops.building import Workshop

LEAST = (1, 22, 1)
"""Older ones are replaced: the extension calls them out of date."""

HERE = "this machine"


@dataclass(frozen=True, slots=True)
class Tool:
    """A dlv at ``path``; ``status``: "found" where editors look by themselves, "nothing to do", "built", "planned"."""

    path: str
    version: str
    status: str

    @property
    def must_be_named(self) -> bool:
        """Whether settings have to say where it is."""
        return self.status != "found"


def provide(settings: Settings, progress: Progress, *, named: Any = None, dry: bool) -> Tool | str:
    """Have a dlv on this machine; give it, or say in words why there is none.

    ``named`` is what the editor's settings give as dlv: nothing replaces it, whatever it is.
    """
    place = own_dlv()
    if named is not None and named != str(place):
        return _judge(named)
    found = dlv_on_path()
    if found is not None and _number(found.version) >= LEAST:
        return Tool(str(found.path), found.version, "found")
    have = ask_dlv(place)
    if have is not None and _number(have.version) >= LEAST:
        return Tool(str(place), have.version, "nothing to do")
    if dry:
        return Tool(str(place), NEWEST.version, "planned")
    try:
        goos, machine = this_platform()
        goarch = parse_machine(machine.lower())
        made = Workshop(go=settings.go).delve(
            NEWEST.version, goarch, goos=goos, say=lambda text: progress.step(HERE, text)
        )
    except (BuildError, UsageError) as error:
        return f"the Go extension wants a dlv on this machine, and none could be built: {error}; {error.advice}"
    install(made.path, place)
    return Tool(str(place), NEWEST.version, "built")


def _judge(named: Any) -> Tool | str:
    """Say what is wrong with the dlv that settings name, if anything is."""
    found = ask_dlv(Path(named).expanduser()) if isinstance(named, str) and "${" not in named else None
    if found and _number(found.version) >= LEAST:
        return Tool(str(found.path), found.version, "found")
    unknown = "does not run here" if "${" not in str(named) else "cannot be tried here for its variable"
    fault = f"is {found.version}, too old" if found else unknown
    return f"settings.json names {named} in go.alternateTools, which {fault}; without that entry one is built for you"


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
