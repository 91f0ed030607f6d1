"""Watching: a constant GOPROXY on this machine, and behind it whichever proxy serves best now."""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from remotego.adapters.gateway import GatewayFailedError, carry_out
from remotego.adapters.networkchange import NetworkWatch
from remotego.adapters.router import Router, RouterDownError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.goproxy.answers import read_answers
from remotego.goproxy.questions import questions, render_order
from remotego.goproxy.switching import Seen, Served, Switch, Upstream, decide, heard, move, next_probe_s, observe
from remotego.goproxy.verdict import Verdict, compare, judge
from remotego.ops.dissent import Disagreeing, disagreeing
from remotego.ops.local_dlv import HERE
from remotego.ops.probing import gateway_here
from remotego.ops.watchplan import Plan, Wish

HEADER_S = 30.0
STALL_S = 60.0
PROBE_TIMEOUT_S = 10.0
_SPARE_S = 15.0
_CALM_S = 1.0
"""A change of the network comes in many pieces: so long nothing more must come before anybody is asked."""

_BETTER = "a better one is there"


@dataclass(frozen=True, slots=True)
class Up:
    """The router serves; ``source`` is how changes of the network are known."""

    url: str
    upstreams: tuple[Upstream, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Turned:
    """Commands that begin from now on are served by another."""

    current: str | None
    before: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The network has changed."""

    how: str


@dataclass(frozen=True, slots=True)
class Judged:
    """All proxies were asked, also for how old they are."""

    verdicts: Mapping[str, Verdict]


@dataclass(frozen=True, slots=True)
class Ended:
    """The watch is over, and what was written is taken back."""

    why: str


@dataclass(frozen=True, slots=True)
class Restored:
    """A watch that was killed had left GOPROXY in go's own ``file``; what was there before is there again."""

    file: str


News = Restored | Up | Turned | Moved | Judged | Disagreeing | Ended
Tell = Callable[[News], None]


@dataclass(frozen=True, slots=True)
class _Probed:
    """What came of asking ``urls``; no verdicts where the gateway could not ask: that is no failure of theirs."""

    urls: tuple[str, ...]
    verdicts: Mapping[str, Verdict]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Answered:
    event: Mapping[str, Any] | None


Word = _Probed | _Answered | Moved | str
"""What comes into the inbox; text is the wish to end, and why."""


class Inbox:
    """Where all that happens comes together. ``ask`` may be called from a signal handler."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.words: SimpleQueue[Word] = SimpleQueue()

    def ask(self, why: str) -> None:
        """End the watch for this reason."""
        self.words.put(why)


def watch(plan: Plan, settings: Settings, wish: Wish, inbox: Inbox, progress: Progress, tell: Tell) -> None:
    """Serve until somebody wants the end.

    Raises ProxyFileHeldError, RouterDownError, and what building the gateway and writing the file raise.
    """
    order = {
        "port": wish.port,
        "upstreams": [{"url": one.url, "ours": one.ours} for one in plan.upstreams],
        "private": plan.private,
        "current": "",
        "header_s": HEADER_S,
        "stall_s": STALL_S,
    }
    with ExitStack() as closing:
        if plan.file and plan.writes:
            closing.enter_context(plan.file.held())
        elif plan.file and plan.file.take_back():
            tell(Restored(str(plan.file.path)))
        program = gateway_here(settings, HERE, progress)
        router = Router(program, order, lambda event: inbox.words.put(_Answered(event)))
        closing.callback(router.close)
        network = NetworkWatch(lambda how: inbox.words.put(Moved(how)))
        closing.callback(network.end)
        network.start()
        url = f"http://127.0.0.1:{router.port}"
        if plan.file and plan.writes:
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
        """Probe in the background, always for all that decides who is of use; for how old they are if ``whole``."""
        asked = questions(self.wish.known, self.plan.database, secrets.token_hex(6), ages=whole)
        order = render_order(urls, asked, None, PROBE_TIMEOUT_S)
        self.asking = True

        def work() -> None:
            verdicts: dict[str, Verdict] = {}
            try:
                told = read_answers(carry_out(self.program, "probe", order, 2 * PROBE_TIMEOUT_S + _SPARE_S))
                verdicts = {url: judge(told.answers.get(url, {}), self.plan.database, self.wish.known) for url in urls}
            except (GatewayFailedError, ValueError):
                verdicts = {}
            finally:
                self.inbox.words.put(_Probed(tuple(urls), compare(verdicts), whole))

        threading.Thread(target=work, name="probe", daemon=True).start()

    def _probed(self, word: _Probed) -> None:
        self.asking = False
        now_s = monotonic()
        if word.whole and word.verdicts:
            self.tell(Judged(word.verdicts))
        for url in word.urls:
            if verdict := word.verdicts.get(url):
                self._see(Seen(url, verdict.usable, verdict.latency_s, now_s, verdict.unfit))
            self.due_s[url] = next_probe_s(self.switch, url, now_s, random.random())  # noqa: S311 - no secret
        reasons = {url: one.text for url, one in word.verdicts.items() if not one.usable}
        self._decide(reasons)

    def _answered(self, event: Mapping[str, Any]) -> None:
        """Take into account how a command has been served."""
        match event:
            case {"answer": {"upstream": str(url), "status": int(status), **rest}} if word := heard(
                url, status, monotonic()
            ):
                self._see(word)
                self._decide({} if word.ok else {url: str(rest.get("error") or f"it answers {status}")})
            case _:
                return

    def _moved(self, word: Moved) -> None:
        if self.moved_s is None:
            self.tell(word)
        self.moved_s = monotonic()

    def _see(self, word: Seen | Served) -> None:
        self.switch = observe(self.switch, word, random.random())  # noqa: S311 - no secret

    def _decide(self, faults: Mapping[str, str]) -> None:
        """Choose who serves, in the light of the ``faults`` that were just found, by whose they are."""
        before = self.switch.current
        self.switch = decide(self.switch, monotonic())
        if self.switch.current != before:
            self.router.turn(self.switch.current)
            why = faults.get(before, _BETTER) if before else "the first that works"
            self.tell(Turned(self.switch.current, before, why))
            self._name_others()

    def _name_others(self) -> None:
        """Name who goes by another GOPROXY, each once."""
        for one in disagreeing(self.url, self.workspace):
            if (key := (one.pid, one.value)) not in self.named:
                self.named.add(key)
                self.tell(one)
