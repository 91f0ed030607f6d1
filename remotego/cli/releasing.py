"""The verb that ends what an editor's task holds."""

from __future__ import annotations

from invoke import Context

from remotego.cli.debugging import one_host
from remotego.cli.render import Report
from remotego.cli.verb import verb


@verb("release", iterable=("host",))
def release(c: Context, host: list[str], local_port: str | None = None) -> Report:
    """End the session that `debug --task` holds on a local port, and wait until the process is free.

    The postDebugTask of a generated launch.json runs it. Other sessions, of other ports, people or machines, are left
    alone (see `stop`), and so is one that an editor is connected to. With nothing to end there is nothing to do.

    Without --host it is whatever host the port leads to.

    Example:
        release --host app1 --local-port 23512
    """
    from remotego.ops import errand

    request = c.request
    settings = request.settings
    name = one_host(settings.hosts) if host else None
    own = settings.of(name) if name else settings
    freed = errand.release(request.network, name, own, request.printer, dry=request.dry)
    document = {"host": freed.host, "port": own.local_port, "status": freed.status, "session": freed.session or None}
    row = (
        freed.host or "-",
        freed.status,
        f"port {own.local_port}{f', session {freed.session}' if freed.session else ''}",
    )
    return Report("release", document, columns=("host", "status", ""), rows=[row])
