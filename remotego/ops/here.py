"""Launch, where the editor's extensions run on the target itself: in a window of Remote-SSH."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.files import schema
from remotego.core.errors import UsageError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.host.launching import check_environment, split_command
from remotego.ops.drafts import Draft, original, write
from remotego.ops.goals import Launch, OpenCore
from remotego.ops.kits import Entry, plan_dlv
from remotego.ops.launch import Made
from remotego.ops.local_dlv import Tool, provide
from remotego.ops.sighting import ATTACH, VERBS, Goal
from remotego.ops.source_paths import open_workspace
from remotego.vscode import launch
from remotego.vscode.here import HERE, attach_here, core_here, exec_here, plan_here
from remotego.vscode.launch import entry_name


@dataclass(eq=False)
class NotHereError(UsageError):
    """Something that a window on the target cannot do."""

    flag: str
    reason: str
    what = "{flag} does not work in a window on the target itself: {reason}"
    remedy = "leave it out, or debug from your own machine, without --remote-ssh"


def gen_here(settings: Settings, goal: Goal | None, progress: Progress, *, dry: bool) -> Made:
    """Write an entry that needs no tunnel. Nobody is connected to: this is the target.

    Raises NotHereError, JsoncError, ForeignEntryError, SchemaError.
    """
    root = Path(open_workspace(settings).root)
    config = _configuration(settings, goal)
    tool = provide(settings, progress, dry=dry)
    named = tool.path if isinstance(tool, Tool) and tool.must_be_named else ""
    before = original(root, launch.FILE)
    drafts = (*plan_dlv(named, root), Draft(before, plan_here(before.text, config, schema("launch"))))
    if not dry:
        write(drafts)
    entry = Entry(HERE, str(config["name"]), 0, (), (), (), ())
    missing = (tool,) if isinstance(tool, str) else ()
    return Made((entry,), drafts, missing, dlv=tool if isinstance(tool, Tool) else None)


def _configuration(settings: Settings, goal: Goal | None) -> dict[str, Any]:
    match goal:
        case None:
            if settings.port is not None or settings.unit is not None:
                raise NotHereError(
                    "--port" if settings.port is not None else "--unit", "the extension knows names only"
                )
            process = settings.process if settings.pid is None else settings.pid
            return attach_here(_name(str(process or "any process"), ATTACH), process)
        case Launch(command, directory, environment):
            check_environment(environment)
            program, *arguments = split_command(command)
            variables = dict(one.split("=", 1) for one in environment)
            return exec_here(_name(_base(program), VERBS[Launch]), program, tuple(arguments), directory, variables)
        case OpenCore(file, program):
            if not program:
                raise NotHereError("--core without --program", "the extension does not look into the file")
            return core_here(_name(_base(program), VERBS[OpenCore]), program, file)
        case _:
            raise NotHereError("--wait-for", "the Go extension opens its picker instead")


def _name(label: str, verb: str) -> str:
    return entry_name(label, HERE, verb)


def _base(path: str) -> str:
    return path.rsplit("/", 1)[-1]
