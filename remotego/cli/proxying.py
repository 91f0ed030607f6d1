"""The verbs about a module proxy of our own: deploy-proxy, proxy.status, proxy.remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.deploying import document_changes
from remotego.cli.outcomes import View, on_each_host
from remotego.cli.proxyview import (
    assignments,
    document_client,
    document_proxy,
    line,
    needs_of_clients,
    tokens,
    warnings,
)
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from remotego.cli.request import Request
    from remotego.core.change import Change
    from remotego.goproxy.installed import ProxyState, Wish
    from remotego.ops.proxying import DeployedProxy, RemovedProxy
    from remotego.ops.reversing import Reversed

_ABSENT: Mapping[str, Any] = {"proxy": None, "client": None, "changes": []}
_UNBUILT: Sequence[dict[str, Any]] = (
    {"reason": "put goproxyd in the store", "do": ["build goproxyd", "push it to the store"], "undo": []},
)


@verb(
    "deploy-proxy",
    iterable=("host", "name", "seed"),
    explain={
        "listen": "ADDRESS:PORT there (default 127.0.0.1:8081); what others reach takes TLS and --token",
        "upstream": "proxies it asks, written as GOPROXY without direct; off for none",
        "sumdb": "checksum database that checks what comes in, and that clients reach through it; or off",
        "nosumdb": "patterns of modules the database does not know, as GONOSUMDB",
        "name": "a name clients call it by: it makes a certificate for these, and serves TLS",
        "cert": "serve TLS by this certificate (PEM, with its chain) instead",
        "key": "the key of --cert (PEM)",
        "token": "clients need a token; it is made here and kept in a file for you alone",
        "plain": "let the proxy that is there lose its TLS or its token; without it that is refused",
        "new_token": "make another token; the one before is not taken any more",
        "max_gb": "size of the cache in GB; what was not used longest goes first (default 10)",
        "seed": "a directory there as GOMODCACHE/cache/download, such as an unpacked bundle, read and never written",
        "offline": "leave upstreams alone and answer at once from the cache",
        "complete": "while it is offline, what it does not have does not exist: 404 instead of 503",
        "reverse": "run it here, and lead a port of one HOST without a network to it until Ctrl-C",
        "supervisor": "who looks after it: auto, user (systemd of the login), or plain (a keeper of our own)",
    },
)
def deploy_proxy(
    c: Context,
    host: list[str],
    listen: str = "127.0.0.1:8081",
    upstream: str = "https://proxy.golang.org",
    sumdb: str = "sum.golang.org",
    nosumdb: str = "",
    name: list[str] = [],  # noqa: B006 - Invoke fills a list of its own
    cert: str | None = None,
    key: str | None = None,
    token: bool = False,
    new_token: bool = False,
    plain: bool = False,
    max_gb: str = "10",
    seed: list[str] = [],  # noqa: B006 - the same
    offline: bool = False,
    complete: bool = False,
    supervisor: str = "auto",
    reverse: bool = False,
    parallel: str | None = None,
    go: str | None = None,
) -> Report | None:
    """Have a module proxy serve on each HOST: a cache of its own, checked by the checksum database, without root.

    It is built here, pushed, started, and asked how it is; one that does not answer gives way to the one before. A
    second run finds nothing to do; another one with other flags replaces it while its downloads go on. It answers 404
    only when an upstream said so, so that no failure makes a client go round it. With --dry it only shows what it
    would do.

    With --reverse it runs on this machine, and the host's port leads here for as long as this command runs.

    Examples:
        deploy-proxy --host jump1
        deploy-proxy --host app1 --reverse
        deploy-proxy --host jump1 --listen 10.0.0.5:8443 --name jump1.corp --token
        deploy-proxy --host jump1 --upstream https://proxy.golang.org,https://goproxy.cn --offline
    """
    from remotego.goproxy.server import ServerConfig, parse_size
    from remotego.ops import proxying, proxytokens, wishes

    request = c.request
    config = ServerConfig(
        listen=listen,
        tls=bool(name or cert),
        upstream=upstream,
        sumdb=sumdb,
        nosumdb=nosumdb,
        proxied_sumdbs=() if sumdb == "off" else (sumdb.partition("+")[0],),
        max_bytes=parse_size(max_gb),
        seeds=tuple(seed),
        missing_is_final=complete,
    )
    wish = wishes.read_wish(config, names=tuple(name), cert=cert, key=key, offline=offline, supervisor=supervisor)
    if reverse:
        _hold(request, wish, guarded=token or new_token)
        return None
    protection = proxytokens.Protection(token or new_token, new_token, plain)
    return on_each_host(
        request,
        "deploy-proxy",
        lambda one, settings: (
            one,
            proxying.deploy_proxy(request.network, one, settings, request.printer, wish, protection, dry=request.dry),
        ),
        lambda done: _view_deployed(*done, dry=request.dry),
        absent=_ABSENT,
    )


def _hold(request: Request, wish: Wish, *, guarded: bool) -> None:
    """Serve one host from here; the report comes at the beginning, and the end is that of the command."""
    import signal
    import threading
    from dataclasses import replace

    from remotego.cli.signals import heed, interrupt
    from remotego.ops import reversing

    names = request.settings.hosts
    if len(names) != 1:
        raise reversing.OneReverseHostError(len(names))
    wanted = replace(wish, config=replace(wish.config, tls=True)) if guarded else wish
    settings = request.settings.of(names[0])
    stop = threading.Event()

    def ask(number: int, frame: object) -> None:
        """Ask for the end in order; whoever asks again is not kept waiting."""
        if stop.is_set():
            interrupt(number, frame)
        stop.set()

    def tell(done: reversing.Reversed) -> None:
        if not request.dry:
            heed((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), ask)
        request.printer.report(_report_reversed(done, dry=request.dry))

    reversing.reverse_proxy(
        request.network,
        names[0],
        settings,
        request.printer,
        wanted,
        dry=request.dry,
        tell=tell,
        stop=stop,
    )


def _report_reversed(done: Reversed, *, dry: bool) -> Report:
    changes = [*(_UNBUILT if done.must_build else ()), *document_changes(done.changes)]
    if dry:
        changes = [*changes, {"reason": "serve from here", "do": [f"lead {done.client.url} of it here"], "undo": []}]
    status = "planned" if dry else "serving"
    host = {
        "host": done.host,
        "status": status,
        "proxy": None,
        "client": document_client(done.client),
        "changes": changes,
        "seconds": 0.0,
        "error": None,
    }
    lines = [act for change in changes for act in change["do"]] if dry else [f"{done.client.url} there leads here"]
    notes = [] if dry else assignments(done.client)
    return Report(
        "deploy-proxy",
        {"hosts": [host]},
        columns=("host", "status", ""),
        rows=[(done.host, status, line) for line in lines],
        notes=[f"{done.host}: {note}" for note in notes],
    )


def _view_deployed(host: str, done: DeployedProxy, *, dry: bool) -> View:
    changes = [*(_UNBUILT if done.must_build else ()), *document_changes(done.changes)]
    document = {"proxy": document_proxy(done.state), "client": document_client(done.client, done), "changes": changes}
    if not changes:
        return View("nothing to do", [line(done.state)], document, notes=needs_of_clients(host, done))
    if dry:
        return View("planned", [act for change in changes for act in change["do"]], document)
    return View("serving", [line(done.state)], document, notes=needs_of_clients(host, done))


@verb("status", iterable=("host",))
def status(c: Context, host: list[str], parallel: str | None = None) -> Report:
    """Tell how the module proxy on each HOST is, and what its clients there need. Exit code 7 when it does not answer.

    Examples:
        proxy.status --host jump1
        proxy.status --host jump1 --json
    """
    from dataclasses import replace

    from remotego.ops import proxying

    request = c.request
    faults: list[int] = []

    def view(host: str, state: ProxyState) -> View:
        client = proxying.client_of_state(state)
        document = {"proxy": document_proxy(state), "client": document_client(client)}
        if state.health:
            faults.append(7)
            return View("ailing", [state.health], document)
        needed = [*assignments(client), *tokens(state)]
        return View("serving", [client.url, line(state)], document, notes=[*needed, *warnings(host, state)])

    report = on_each_host(
        request,
        "proxy-status",
        lambda one, settings: (one, proxying.look_at_proxy(request.network, one, settings, request.printer)),
        lambda looked: view(*looked),
        absent={"proxy": None, "client": None},
    )
    return replace(report, exit_code=report.exit_code or max(faults, default=0))


@verb("remove", iterable=("host",))
def remove(c: Context, host: list[str], parallel: str | None = None) -> Report:
    """End the module proxy on each HOST and remove it with its cache and certificate.

    No undo brings the cache back; another deploy-proxy brings the proxy. With --dry it only shows what it would do.

    Examples:
        proxy.remove --host jump1
        proxy.remove --host jump1 --dry
    """
    from remotego.ops import proxying

    request = c.request
    return on_each_host(
        request,
        "proxy-remove",
        lambda one, settings: proxying.remove_proxy(request.network, one, settings, request.printer, dry=request.dry),
        lambda done: _view_removed(done, dry=request.dry),
        absent={"changes": []},
    )


def _view_removed(done: RemovedProxy, *, dry: bool) -> View:
    document = {"changes": document_changes(done.changes)}
    if not done.changes:
        return View("nothing to do", ["there is no proxy of ours"], document)
    return View("planned" if dry else "removed", _acts(done.changes), document)


def _acts(changes: Sequence[Change]) -> list[str]:
    from remotego.core.change import describe

    return [describe(act) for change in changes for act in change.do]
