"""The verb about module proxies of other makers: proxy.repository."""

from __future__ import annotations

from dataclasses import asdict

from invoke import Context

from remotego.cli.render import Report
from remotego.cli.verb import verb


@verb(
    "repository",
    explain={
        "kind": "artifactory or nexus",
        "url": "where its web interface is, such as https://artifactory.corp/artifactory",
        "name": "what the repository is, or shall be, called (default go)",
        "upstream": "where it takes modules from (default https://proxy.golang.org)",
        "sumdb": "the checksum database that clients ask through it (default sum.golang.org)",
        "check": "ask the repository for a known module, an absent one and the checksum database",
    },
)
def repository(
    c: Context,
    kind: str = "",
    url: str = "",
    name: str = "go",
    upstream: str = "https://proxy.golang.org",
    sumdb: str = "sum.golang.org",
    check: bool = False,
) -> Report:
    """Say how Artifactory or Nexus is set up as a module proxy, and with --check whether it works as one.

    The requests are for its administrator: nothing is sent but the questions of --check, with a password from ~/.netrc
    if there is one. Exit code 7 when a check fails.

    Examples:
        proxy.repository --kind artifactory --url https://artifactory.corp/artifactory
        proxy.repository --kind nexus --url https://nexus.corp --name golang --check
    """
    from remotego.goproxy.repositories import advise, plan_repository, settings_for
    from remotego.ops.repositories import check_repository

    planned = plan_repository(kind, url, name, upstream)
    variables = settings_for(planned.url, sumdb)
    findings = check_repository(planned.url, sumdb) if check and not c.request.dry else ()
    advice = advise(planned.url, findings, sumdb)
    rows = [
        *(("set up", str(one)) for one in planned.requests),
        *(("fine" if one.fine else "wrong", f"{one.question}: {one.said}") for one in findings),
        *(("clients", f"{key}={value}") for key, value in variables.items()),
        *(("advice", line) for line in advice),
    ]
    document = {
        "requests": [{"method": one.method, "url": one.url, "body": dict(one.body)} for one in planned.requests],
        "checks": [asdict(one) for one in findings],
        "variables": variables,
        "advice": list(advice),
    }
    failed = any(not one.fine for one in findings)
    return Report("proxy-repository", document, columns=("", ""), rows=rows, exit_code=7 if failed else 0)
