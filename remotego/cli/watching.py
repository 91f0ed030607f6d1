"""The verb that keeps GOPROXY constant and switches behind it."""

from __future__ import annotations

import signal
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, assert_never

from invoke import Context

from remotego.cli.render import Report
from remotego.cli.signals import heed
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.ops.watching import News
    from remotego.ops.watchplan import Plan


@verb(
    "watch",
    iterable=("proxy", "own"),
    explain={
        "proxy": "a public proxy to stand behind the router; may be given several times",
        "own": "a proxy of your own, which private modules are asked of; may be given several times",
        "known": "MODULE@VERSION=h1:HASH of a go.mod that all must have (default: rsc.io/quote v1.5.2)",
        "listen": "the port of 127.0.0.1 that GOPROXY names (default 23460)",
        "write": "have GOPROXY in go's own file lead here while this runs; it is taken back at the end",
    },
)
def watch(
    c: Context,
    proxy: list[str],
    own: list[str],
    known: str | None = None,
    listen: str | None = None,
    write: bool = False,
    go: str | None = None,
    workspace: str | None = None,
) -> Report | None:
    """Serve a constant GOPROXY on 127.0.0.1 until Ctrl-C, by whichever proxy works best now.

    Behind it stand --own and --proxy, and the proxies of the profiles in remotego.toml. Failures, changes of the
    network and the hysteresis of docs/proxies.md decide who serves commands that begin; a go command that runs stays
    with the one it began with. Private modules (GOPRIVATE, private of the profiles) are asked of one's own alone.
    Whoever still goes by another GOPROXY is named: shells, gopls, servers of VS Code, settings.json.

    Examples:
        proxy.watch --own https://goproxy.corp.example --proxy https://proxy.golang.org
        proxy.watch --write
        proxy.watch --write --dry
    """
    from remotego.goproxy.questions import KNOWN, parse_known
    from remotego.ops import watching
    from remotego.ops.watchplan import Wish, plan_watch

    request = c.request
    wish = Wish(tuple(proxy), tuple(own), port_of(listen), write, parse_known(known) if known else KNOWN)
    plan = plan_watch(request.settings, wish)
    if request.dry:
        return _planned(plan)
    inbox = watching.Inbox()
    heed((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), lambda number, _: inbox.ask(signal.Signals(number).name))

    def tell(news: News) -> None:
        event, text = _told(news)
        request.printer.event("proxy-watch", event, text)

    watching.watch(plan, request.settings, wish, inbox, request.printer, tell)
    return None


def port_of(text: str | None) -> int:
    """Read a port, 0 for any free one. Raises SettingError."""
    from remotego.core.settings import SettingError
    from remotego.ops.watchplan import PORT

    if text is None:
        return PORT
    if not text.isascii() or not text.isdecimal() or int(text) > 65535:
        raise SettingError("--listen", "listen", f"a port, 0 to 65535, was expected, not {text!r}")
    return int(text)


def _planned(plan: Plan) -> Report:
    diff = list(plan.file.diff()) if plan.file and plan.writes else []
    upstreams = [asdict(one) for one in plan.upstreams]
    return Report(
        "proxy-watch",
        {"event": "planned", "url": plan.url, "upstreams": upstreams, "private": plan.private, "diff": diff},
        columns=("proxy", "", ""),
        rows=[(one.url, "own" if one.ours else "public", f"behind {plan.url}") for one in plan.upstreams],
        notes=diff,
    )


def _told(news: News) -> tuple[dict[str, Any], str]:
    """Give an event for machines and its line for people."""
    from remotego.core.redaction import redacted_value
    from remotego.ops.dissent import Disagreeing
    from remotego.ops.watching import Ended, Judged, Moved, Restored, Turned, Up

    event: dict[str, Any]
    match news:
        case Restored(file):
            return {"event": "restored", "file": file}, f"GOPROXY in {file} is again as before a watch that was killed"
        case Up(url, upstreams, source):
            event = {"event": "up", "url": url, "upstreams": [asdict(one) for one in upstreams], "source": source}
            return event, f"GOPROXY={url} serves until Ctrl-C (changes of the network: {source})"
        case Turned(current, before, why):
            event = {"event": "turned", "current": current, "before": before, "why": why}
            return event, f"{current or 'nobody'} serves from now on ({why})"
        case Moved(how):
            return {"event": "moved", "how": how}, f"the network has changed ({how}): all are asked anew"
        case Judged(verdicts):
            rows = [{"proxy": url, "verdict": one.code, "text": one.text} for url, one in verdicts.items()]
            return {"event": "judged", "proxies": rows}, "\n".join(
                f"  {row['proxy']}: {row['verdict']}, {row['text']}" for row in rows
            )
        case Disagreeing(pid, what, value):
            shown = redacted_value("GOPROXY", value)
            who = what if pid is None else f"{what} (pid {pid})"
            event = {"event": "disagreeing", "pid": pid, "what": what, "value": shown}
            return event, f"note: {who} still goes by GOPROXY={shown}" if shown else f"note: {who}"
        case Ended(why):
            return {"event": "ended", "why": why}, f"ended ({why})"
        case _:
            assert_never(news)
