"""The verbs about credentials: lend them to git and go on a host, and prove that a private module comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoke import Context

from remotego.cli.debugging import one_host
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.cli.render import Report
    from remotego.core.settings import Settings
    from remotego.credentials.entry import Entry

_ALLOW = (
    "a URL that may be asked for, with all below it, such as https://git.example.com/team; may be given several times"
)
_SOURCE = "where to find what --allow names: auto (git's helpers, gh, ~/.netrc), git, gh, netrc or keyring:SERVICE"


@verb(
    "connect",
    iterable=("host", "allow"),
    explain={
        "allow": _ALLOW,
        "source": _SOURCE,
        "for_": "how long, such as 30m or 8h, at most a week (default 1h)",
        "confirm": "ask here before anything is granted",
        "netrc": "for a go before 1.24: a netrc in memory there; the line that names it is printed",
        "link_netrc": "the same, and ~/.netrc there leads to it while the connection lasts",
    },
)
def connect(
    c: Context,
    host: list[str],
    allow: list[str],
    source: str | None = None,
    for_: str | None = None,
    confirm: bool = False,
    netrc: bool = False,
    link_netrc: bool = False,
    remote_go: str | None = None,
    go: str | None = None,
) -> None:
    """Answer git and go on HOST with credentials of this machine, until Ctrl-C.

    The host keeps none: go (1.24 and later, by GOAUTH) and git (by a credential helper) ask a program there, and that
    asks here, through this very SSH connection. Access ends with it. What may be asked for are the URLs of --allow, or
    those of the tables [auth.NAME] in remotego.toml, which name a source and never a secret. Each question is printed,
    with the process that asked, and kept in a log of this machine.

    What is written there has no secret in it: GOAUTH in go's own file, and a line in ~/.gitconfig that includes a file
    which is only there while a connection is. --dry shows it, `undo` takes it back.

    Examples:
        auth.connect --host app1 --allow https://git.example.com/team
        auth.connect --host app1 --for 30m --confirm
        auth.connect --host app1 --allow https://proxy.example.com --source netrc --dry
    """
    from remotego.cli.lending import Asker, Lending, UnconfirmedNetrcError
    from remotego.ops.auth import connect as use_case
    from remotego.ops.auth.line import Stop

    request = c.request
    name = one_host(request.settings.hosts)
    settings = request.settings.of(name)
    wish = use_case.Wish(entries(settings, allow, source), span(for_), netrc or link_netrc, link_netrc)
    if confirm and wish.netrc:
        raise UnconfirmedNetrcError
    stop = Stop()
    screen = Lending(request, stop)
    asker = Asker(request.printer) if confirm and not request.dry else None
    confirmed = {"confirm": asker.confirm} if asker else {}
    use_case.connect(
        request.network, name, settings, wish, stop, request.printer, dry=request.dry, tell=screen.tell, **confirmed
    )


@verb(
    "check",
    iterable=("host", "allow"),
    positional=("target",),
    explain={
        "target": "the path of a module, with @VERSION if it matters, or the URL of a repository",
        "allow": _ALLOW,
        "source": _SOURCE,
    },
)
def check(
    c: Context,
    target: str,
    host: list[str],
    allow: list[str],
    source: str | None = None,
    remote_go: str | None = None,
    go: str | None = None,
    parallel: str | None = None,
) -> Report:
    """Prove that a private module, or repository, comes to each HOST with credentials of this machine, or say why not.

    A real go or git fetches it there into a directory that goes again, while this command answers as auth.connect does.
    Nothing is written there but the agent. Without --host it says whether a source here has a credential at all.

    Examples:
        auth.check git.example.com/team/svc --host app1
        auth.check https://git.example.com/team/svc.git --host app1 --source gh
        auth.check git.example.com/team/svc@v1.4.0 --json
    """
    from remotego.cli.checking import hearing, report_here, report_there
    from remotego.ops.auth import check as use_case

    request = c.request
    if not request.settings.hosts:
        return report_here(use_case.check_here(target, entries_for(target, request.settings, allow, source)))

    def work(name: str, settings: Settings) -> use_case.Checked:
        hear = hearing(request.printer, name)
        fetch = use_case.Fetch(target, entries_for(target, settings, allow, source), not allow, hear)
        return use_case.check(request.network, name, settings, fetch, request.printer, dry=request.dry)

    return report_there(request, work)


def entries(settings: Settings, allow: list[str], source: str | None) -> tuple[Entry, ...]:
    """Give what is allowed, by flags or by remotego.toml. Raises NothingAllowedError, UnfitUrlError."""
    from remotego.core.tables import AUTH
    from remotego.credentials.entry import entries_of

    return entries_of(settings.table(AUTH), allow, source)


def entries_for(target: str, settings: Settings, allow: list[str], source: str | None) -> tuple[Entry, ...]:
    """Give what is allowed for a check; with no flag and no table, what its target names. Raises UnfitTargetError."""
    from remotego.core.tables import AUTH
    from remotego.credentials.entry import implied
    from remotego.credentials.target import places_of

    places = places_of(target)
    if allow or settings.table(AUTH):
        return entries(settings, allow, source)
    return implied(places, source, exact="://" not in target)


def span(text: str | None) -> float:
    """Read how long it shall last, in seconds. Raises SettingError."""
    from remotego.core.options import Duration, fault_of, fits, seconds
    from remotego.core.settings import SettingError

    option = Duration('a span such as "30m" or "8h", 1 second to a week', 1, 7 * 24 * 3600)
    if text is not None and not fits(option, text):
        raise SettingError(origin="flag", key="--for", reason=fault_of(option, text))
    return (seconds(text) if text else None) or 3600.0
