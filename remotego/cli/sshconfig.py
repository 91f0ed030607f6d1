"""The verb that writes the team's machines into ssh_config."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from invoke import Context

from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.ops.ssh_config import Written

UNCHECKED = "there is no ssh program here, so nobody has read the result; `ssh -G HOST` shows what it comes to"
WINDOWS = (
    "an editor on Windows reads %USERPROFILE%\\.ssh\\config there, and not this file: run this in Windows too; "
    "paths below ~ are written so that both can read them"
)


@verb(
    "gen-ssh-config",
    iterable=("host",),
    explain={"remove": "take our file away again, and our Include with the last one: your own file is as it was"},
)
def gen_ssh_config(c: Context, host: list[str], remove: bool = False, client: str | None = None) -> Report:
    """Have ssh, Remote-SSH windows and remotego reach the team's machines of remotego.toml by their names.

    Written is a file of ours beside ~/.ssh/config (or --ssh-config), with a block for each [hosts.NAME] and the
    [jumps.NAME] on the way, and one marked Include at the top of your own file, of which nothing else changes. Where
    your file says something else of a host by its name, that counts, and is named with its line. Host keys are
    checked strictly. ssh itself reads the result before it is in its place; a second run finds nothing to do.

    Examples:
        gen-ssh-config
        gen-ssh-config --host app1 --dry
        gen-ssh-config --remove
    """
    from remotego.adapters.configuration import found_upwards
    from remotego.ops import ssh_config

    request = c.request
    project = found_upwards(Path.cwd())
    work = ssh_config.remove_ssh_config if remove else ssh_config.gen_ssh_config
    done = work(request.settings, project, dry=request.dry)
    needed = [edit for edit in done.edits if edit.is_needed]
    status = "nothing to do" if not needed else "planned" if request.dry else "removed" if remove else "written"
    diff = [line for edit in needed for line in edit.diff]
    notes = [] if remove else _notes(done, windows=request.settings.client == "windows")
    return Report(
        "gen-ssh-config",
        {
            "status": status,
            "main": str(done.place.main),
            "file": str(done.place.config),
            "known_hosts": str(done.place.known_hosts),
            "changed": [str(edit.original.path) for edit in needed],
            "machines": [{"name": block.name, "settings": dict(block.rows)} for block in done.blocks],
            "conflicts": [asdict(one) for one in done.conflicts],
            "checked": done.checked,
            "diff": diff,
            "notes": notes,
        },
        columns=("machine", "status", ""),
        rows=[(block.name, status, _way(dict(block.rows))) for block in done.blocks] or [("", status, "")],
        notes=[*(diff if request.dry else ()), *(f"note: {note}" for note in notes)],
    )


def _way(rows: dict[str, str]) -> str:
    user, port, jump = (rows.get(name) for name in ("User", "Port", "ProxyJump"))
    address = f"{f'{user}@' * bool(user)}{rows.get('HostName', '')}{f':{port}' * bool(port)}"
    return f"{address} by {jump}" if jump else address


def _notes(done: Written, *, windows: bool) -> list[str]:
    notes = [one.described for one in done.conflicts]
    notes += [f"the key {path} is not here" for path in done.missing]
    if done.keyless:
        names = ", ".join(done.keyless)
        notes.append(f"no host_keys for {names}: only a known_hosts that has them already lets you in")
    if done.portless:
        names = ", ".join(done.portless)
        notes.append(f"no ssh_port for {names}: `port` chooses a process by its port; SSH's is `ssh_port`")
    return notes + ([] if done.checked else [UNCHECKED]) + ([WINDOWS] if windows else [])
