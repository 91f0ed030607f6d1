"""The verb that writes launch.json."""

from __future__ import annotations

from invoke import Context

from remotego.cli.debugging import one_host
from remotego.cli.render import Report
from remotego.cli.verb import verb


@verb("gen-launch", iterable=("host",))
def gen_launch(
    c: Context,
    host: list[str],
    process: str | None = None,
    pid: str | None = None,
    port: str | None = None,
    workspace: str | None = None,
    go: str | None = None,
) -> Report:
    """Write .vscode/launch.json so that F5 attaches to a process on HOST through `debug`.

    Source paths are read from the process's own binary. Comments, order and other entries of the
    file stay as they are; a second run changes nothing. With --dry it only shows the entry.

    Examples:
        gen-launch --host app1 --process svc
        gen-launch --host app1 --process svc --port 23451 --dry
    """
    from remotego.ops import launch

    request = c.request
    settings = request.settings
    name = one_host(settings.hosts)
    made = launch.gen_launch(request.network, name, settings.of(name), request.printer, dry=request.dry)
    status = "nothing to do" if not made.changed else "planned" if request.dry else "written"
    rules = [{"from": rule.local, "to": rule.binary} for rule in made.paths.rules]
    return Report(
        "gen-launch",
        {
            "file": str(made.file),
            "name": made.name,
            "status": status,
            "port": made.port,
            "rules": rules,
            "unmapped": len(made.paths.unmapped),
            "warnings": list(made.warnings),
        },
        columns=("file", "status", ""),
        rows=[
            (str(made.file), status, f'"{made.name}" on port {made.port}'),
            *((str(made.file), status, f"{rule['from']} -> {rule['to']}") for rule in rules),
        ],
        notes=[*(f"note: {warning}" for warning in made.warnings), *_unmapped(made.paths.unmapped)],
    )


def _unmapped(files: tuple[str, ...]) -> list[str]:
    if not files:
        return []
    return [f"note: {len(files)} source files have no place here, such as {files[0]}"]
