"""The verb that says what a vendor directory covers."""

from __future__ import annotations

from dataclasses import asdict

from invoke import Context

from remotego.cli.render import MARK, Report
from remotego.cli.verb import verb
from remotego.core.terminal import one_line

_DRIFTED = 6
"""Exit code: what would be compiled is not what was published."""


@verb("vendor")
def vendor(c: Context, workspace: str | None = None, go: str | None = None) -> Report:
    """Say what `go mod vendor` covers here and what it does not, and where vendor differs from the modules.

    go compiles whatever lies in vendor and verifies none of it. So it is vendored anew into a scratch directory, from
    modules that go.sum vouches for, and compared byte by byte; exit code 6 where it differs. Nothing is changed.

    Examples:
        mod.vendor
        mod.vendor --workspace ~/src/svc --json
    """
    from remotego.ops.vendor import look_at_vendor

    request = c.request
    found = look_at_vendor(request.settings, request.printer)
    status = "missing" if not found.there else "drifted" if found.drift else "whole"
    would = "has" if found.there else "would have"
    counts = f"{len(found.vendored.modules)} modules, {found.vendored.packages} packages, {found.files} files"
    document = {
        "status": status,
        "vendor": str(found.vendor),
        "modules": len(found.vendored.modules),
        "packages": found.vendored.packages,
        "files": found.files,
        "covers": list(found.covers),
        "not_covered": list(found.not_covered),
        "drift": [asdict(one) | {"detail": ""} for one in found.drift],
    }
    rows = [
        (status, f"{found.vendor} {would} {counts}"),
        *(
            (f"{MARK}{one.what}", f"vendor/{one_line(one.path)}" + f" of {one.module}" * bool(one.module))
            for one in found.drift
        ),
        *(("covers", line) for line in found.covers),
        *(("covers not", line) for line in found.not_covered),
    ]
    return Report("mod-vendor", document, ("", ""), rows, exit_code=_DRIFTED if found.drift else 0)
