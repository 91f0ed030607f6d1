"""Watching: a constant GOPROXY on this machine, and behind it whichever proxy serves best now."""

from __future__ import annotations

import json
import random
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from remotego.adapters.environs import Started, holders, is_known
from remotego.adapters.files import UnfitFileError, read_file
from remotego.adapters.gateway import GatewayFailedError, carry_out, go_settings
from remotego.adapters.networkchange import NetworkWatch
from remotego.adapters.router import Router, RouterDownError
from remotego.core.errors import UsageError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.tables import PROFILES
from remotego.golang.goproxy import DIRECT, OFF, parse_goproxy
from remotego.golang.profile import PUBLIC
from remotego.golang.sumdb.database import Database, parse_gosumdb
from remotego.goproxy.answers import read_answers
from remotego.goproxy.questions import KNOWN, Known, questions, render_order
from remotego.goproxy.switching import Seen, Switch, Upstream, decide, move, next_probe_s, observe
from remotego.goproxy.verdict import Verdict, compare, judge
from remotego.host.contexts import EDITORS
from remotego.ops.local_dlv import HERE
from remotego.ops.probing import BadSumdbError, gateway_here
from remotego.ops.proxyfile import GOPROXY, NoGoFileHereError, ProxyFile
from remotego.vscode import settings as settings_file
from remotego.vscode.jsonc import JsoncError, parse_jsonc

PORT = 23460
"""Where the router listens on 127.0.0.1 unless it is told otherwise: GOPROXY must not change from run to run."""

HEADER_S = 30.0
STALL_S = 60.0
PROBE_TIMEOUT_S = 10.0
_SPARE_S = 15.0
_CALM_S = 1.0
"""A change of the network comes in many pieces: so long nothing more must come before anybody is asked."""

_DONE = (200, 404, 410)
_NEUTRAL = (401, 403)
"""Answers that say nothing of how a proxy does: they are about who asks, or for what."""

_STARTERS = ("sh", "bash", "dash", "zsh", "fish", "ksh", "tcsh", "code", "gopls")

_ASKED = ("GOPROXY", "GOSUMDB", "GOPRIVATE", "GOENV")


@dataclass(eq=False)
class NoUpstreamError(UsageError):
    """There is nothing to switch between."""

    what = "no proxy to stand behind the router: no --proxy or --own, and none in a [profile.NAME] of remotego.toml"
    remedy = "give --own URL for the company's and --proxy URL for public ones"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants: public ``proxies``, those of their ``own``, the ``port``, ``write``: go's own file too."""

    proxies: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    port: int = PORT
    write: bool = False
    known: Known = KNOWN


@dataclass(frozen=True, slots=True)
class Plan:
    """What will run: the constant ``url``, who stands behind it, what is private, and the file that will lead there."""

    url: str
    upstreams: tuple[Upstream, ...]
    private: str
    database: Database | None
    file: ProxyFile | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Up:
    """The router serves; ``source`` is how changes of the network are known."""

    url: str
    upstreams: tuple[Upstream, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Turned:
    """Commands that begin from now on are served by another; ``others`` are still bound to one before."""

    current: str | None
    before: str | None
    why: str
    others: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """The network has changed."""

    how: str


@dataclass(frozen=True, slots=True)
class Judged:
    """All proxies were asked in full."""

    verdicts: Mapping[str, Verdict]


@dataclass(frozen=True, slots=True)
class Disagreeing:
    """Somebody goes by another GOPROXY: a process by its ``pid`` (None: a file), ``what`` it is, and the value."""

    pid: int | None
    what: str
    value: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The watch is over, and what was written is taken back."""

    why: str


News = Up | Turned | Moved | Judged | Disagreeing | Ended
Tell = Callable[[News], None]


@dataclass(frozen=True, slots=True)
class _Probed:
    verdicts: Mapping[str, Verdict]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Answered:
    event: Mapping[str, Any] | None


Word = _Probed | _Answered | Moved | str
"""What comes into the inbox; text is the wish to end, and why."""


def plan_watch(settings: Settings, wish: Wish) -> Plan:
    """Find out what will run. Raises NoUpstreamError, NoGoFileHereError, BadSumdbError."""
    folder = Path(settings.workspace)
    said = go_settings(settings.go, _ASKED, folder if folder.is_dir() else Path()) or {}
    tables = {one: settings.table(f"profile.{one}") for one in PROFILES}
    url = f"http://127.0.0.1:{wish.port}"
    own = [*wish.own, *(proxy for one in ("intranet", "mixed") for proxy in tables[one].get("goproxy", ()))]
    public = [*wish.proxies, *tables["extranet"].get("goproxy", ())]
    upstreams = tuple(dict.fromkeys([*_upstreams(own, url, ours=True), *_upstreams(public, url, ours=False)]))
    if not upstreams:
        raise NoUpstreamError
    patterns = [word for table in tables.values() for word in table.get("private", ())]
    private = ",".join(dict.fromkeys([*patterns, *filter(None, said.get("GOPRIVATE", "").split(","))]))
    file = ProxyFile(_go_file(said), url) if wish.write else None
    return Plan(url, upstreams, private, _database(said.get("GOSUMDB", "")), file)


def _upstreams(urls: Iterable[str], router: str, *, ours: bool) -> list[Upstream]:
    """Leave out what is no server, and the router itself; a public host is never one's own."""
    found = []
    for one in parse_goproxy(",".join(url for url in urls if url not in (DIRECT, OFF)) or OFF):
        parts = urlsplit(one.url)
        if parts.scheme in ("https", "http") and not one.url.startswith(router):
            found.append(Upstream(one.url.rstrip("/"), ours and parts.hostname not in PUBLIC))
    return found


def _database(text: str) -> Database | None:
    try:
        return parse_gosumdb(text)
    except ValueError as error:
        raise BadSumdbError(text, str(error)) from error


def _go_file(said: Mapping[str, str]) -> Path:
    path = said.get("GOENV", "")
    if not path or path == "off":
        raise NoGoFileHereError("GOENV=off" if path else "there is no go here")
    return Path(path)


class Inbox:
    """Where all that happens comes together. ``ask`` may be called from a signal handler."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.words: SimpleQueue[Word] = SimpleQueue()

    def ask(self, why: str) -> None:
        """End the watch for this reason."""
        self.words.put(why)


def watch(plan: Plan, settings: Settings, wish: Wish, inbox: Inbox, progress: Progress, tell: Tell) -> None:
    """Serve until somebody wants the end. Raises RouterDownError, and what building the gateway raises."""
    program = gateway_here(settings, HERE, progress)
    order = {
        "port": wish.port,
        "upstreams": [{"url": one.url, "ours": one.ours} for one in plan.upstreams],
        "private": plan.private,
        "current": "",
        "header_s": HEADER_S,
        "stall_s": STALL_S,
    }
    with ExitStack() as closing:
        router = Router(program, order, lambda event: inbox.words.put(_Answered(event)))
        closing.callback(router.close)
        network = NetworkWatch(lambda how: inbox.words.put(Moved(how)))
        closing.callback(network.end)
        network.start()
        url = f"http://127.0.0.1:{router.port}"
        if plan.file:
            closing.enter_context(replace(plan.file, url=url).led())
        tell(Up(url, plan.upstreams, network.source))
        why = _Watch(plan, wish, program, router, inbox, tell, settings.workspace, url).run()
    tell(Ended(why))


@dataclass(slots=True)
class _Watch:
    """One watch: what is known, and when whom to ask next."""

    plan: Plan
    wish: Wish
    program: Path
    router: Router
    inbox: Inbox
    tell: Tell
    workspace: str
    url: str
    switch: Switch = field(init=False)
    due_s: dict[str, float] = field(default_factory=dict)
    moved_s: float | None = None
    asking: bool = False
    named: set[tuple[int | None, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.switch = Switch(self.plan.upstreams, since_s=monotonic())

    def run(self) -> str:
        """Go on until the end; say why it has come."""
        self._name_others()
        self._ask([one.url for one in self.plan.upstreams], whole=True)
        while True:
            try:
                word = self.inbox.words.get(timeout=self._patience_s())
            except Empty:
                self._go_on()
                continue
            match word:
                case str() as why:
                    return why
                case _Answered(None):
                    raise RouterDownError("it has ended by itself")
                case _Answered(event):
                    self._answered(event or {})
                case _Probed():
                    self._probed(word)
                case Moved():
                    self._moved(word)

    def _patience_s(self) -> float:
        """Say how long nothing has to be done."""
        now_s = monotonic()
        waits = [at_s - now_s for at_s in self.due_s.values()] if not self.asking else []
        waits += [self.moved_s + _CALM_S - now_s] if self.moved_s is not None and not self.asking else []
        return max(0.01, min(waits, default=1.0))

    def _go_on(self) -> None:
        """Ask whoever is due; all of them in full once a change of the network is over."""
        now_s = monotonic()
        if self.asking:
            return
        if self.moved_s is not None and now_s >= self.moved_s + _CALM_S:
            self.moved_s = None
            self.switch = move(self.switch, now_s)
            self._ask([one.url for one in self.plan.upstreams], whole=True)
        elif due := [url for url, at_s in self.due_s.items() if at_s <= now_s]:
            self._ask(due, whole=False)

    def _ask(self, urls: list[str], *, whole: bool) -> None:
        """Probe in the background; only the known module and the one that nobody has unless ``whole``."""
        database = self.plan.database if whole else None
        order = render_order(urls, questions(self.wish.known, database, secrets.token_hex(6)), None, PROBE_TIMEOUT_S)
        self.asking = True

        def work() -> None:
            verdicts = dict.fromkeys(urls, Verdict("unknown", "it could not be asked"))
            with suppress(GatewayFailedError, ValueError):
                told = read_answers(carry_out(self.program, "probe", order, 2 * PROBE_TIMEOUT_S + _SPARE_S))
                verdicts = {url: judge(told.answers.get(url, {}), database, self.wish.known) for url in urls}
            self.inbox.words.put(_Probed(compare(verdicts), whole))

        threading.Thread(target=work, name="probe", daemon=True).start()

    def _probed(self, word: _Probed) -> None:
        self.asking = False
        now_s = monotonic()
        if word.whole:
            self.tell(Judged(word.verdicts))
        for url, verdict in word.verdicts.items():
            self._see(Seen(url, verdict.usable, verdict.latency_s, now_s))
            self.due_s[url] = next_probe_s(self.switch, url, now_s, random.random())  # noqa: S311 - no secret
        reasons = {url: one.text for url, one in word.verdicts.items() if not one.usable}
        self._decide(reasons.get(self.switch.current or "", "a better one is there"))

    def _answered(self, event: Mapping[str, Any]) -> None:
        """Take into account how a command has been served."""
        match event:
            case {"answer": {"upstream": str(url), "status": int(status), "first_byte_s": float() | int() as first_s}}:
                if status not in _NEUTRAL:
                    self._see(Seen(url, status in _DONE, float(first_s), monotonic()))
                error = event["answer"].get("error") or f"it answers {status}"
                self._decide(str(error))
            case _:
                return

    def _moved(self, word: Moved) -> None:
        if self.moved_s is None:
            self.tell(word)
        self.moved_s = monotonic()

    def _see(self, seen: Seen) -> None:
        self.switch = observe(self.switch, seen, random.random())  # noqa: S311 - no secret

    def _decide(self, why: str) -> None:
        before = self.switch.current
        self.switch = decide(self.switch, monotonic())
        if self.switch.current != before:
            self.router.turn(self.switch.current)
            self.tell(Turned(self.switch.current, before, why if before else "the first that works"))
            self._name_others()

    def _name_others(self) -> None:
        """Name who goes by another GOPROXY, each once."""
        for one in disagreeing(self.url, self.workspace):
            if (key := (one.pid, one.value)) not in self.named:
                self.named.add(key)
                self.tell(one)


def disagreeing(url: str, workspace: str) -> list[Disagreeing]:
    """Give the processes of this user, and the workspace's settings, that lead go elsewhere than to the router."""
    others = (one for one in holders(GOPROXY) if one.value.rstrip("/") != url)
    found = [Disagreeing(one.pid, what, one.value) for one in others if (what := _what(one))]
    if not is_known():
        found.append(Disagreeing(None, "processes: this system does not tell what they were started with", ""))
    if value := _of_editor(workspace):
        found += [Disagreeing(None, settings_file.FILE, value)] if value.rstrip("/") != url else []
    return found


def _what(one: Started) -> str:
    """Say what a process is that others are started from, a shell or an editor's server, or gopls; "" for the rest."""
    program = Path(one.words[0].lstrip("-")).name if one.words else ""
    if program in _STARTERS:
        return program
    line = " ".join(one.words)
    editor = next((name for piece, name in EDITORS.items() if piece in line), "")
    return f"{editor}'s {program}" if editor else ""


def _of_editor(workspace: str) -> str:
    """Read GOPROXY from go.toolsEnvVars, which is stronger than go's own file in VS Code."""
    root = Path(workspace)
    with suppress(UnfitFileError, JsoncError, json.JSONDecodeError):
        text = read_file(root / settings_file.FILE, within=root).text
        value = parse_jsonc(text or "{}", file=settings_file.FILE).root.value
        found = value.get("go.toolsEnvVars") if isinstance(value, dict) else None
        return str(found.get(GOPROXY) or "") if isinstance(found, dict) else ""
    return ""
