"""Check: prove that a private module comes to a host by a real go and git there, and say why it does not."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import monotonic

from remotego.core.change import Change
from remotego.core.errors import RemotegoError, UsageError
from remotego.core.fact import Fact
from remotego.core.progress import Progress
from remotego.core.redaction import without_secrets
from remotego.core.secret import Secret
from remotego.core.settings import Settings
from remotego.core.terminal import inert
from remotego.core.transport import Network, Script, Transport
from remotego.credentials.diagnosis import Evidence, Hint, Verdict, diagnose
from remotego.credentials.entry import Entry, best, needed
from remotego.credentials.judge import Judge
from remotego.credentials.place import Place
from remotego.credentials.target import places_of, proxies_of, shows_a_secret
from remotego.host.scripts import assign, read
from remotego.ops.auth.broker import Asked, Broker, News
from remotego.ops.auth.connect import Wish, lending, serve
from remotego.ops.auth.line import Stop
from remotego.ops.auth.there import ShownSecretError, There, look, settle
from remotego.ops.auth.vault import Vault
from remotego.ops.engine import ask

TRIAL_S = 150.0
SAID_MOST = 4000
_DONE = "the trial is over"


@dataclass(eq=False)
class NoGoThereError(UsageError):
    """A module can only be fetched by a go."""

    host: str
    what = "{host}: there is no go, so no module can be fetched"
    remedy = "give the URL of its repository, or install a Go there (sdk.install)"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a trial on ``host`` (None: here) showed. ``said`` is what go or git wrote, without secrets."""

    target: str
    host: str | None
    verdict: Verdict
    hints: tuple[Hint, ...] = ()
    go: str = ""
    said: str = ""
    changes: tuple[Change, ...] = ()


_PLANNED = Verdict("planned", "a real go or git would fetch it there, with settings of that trial alone")


def check_here(target: str, entries: tuple[Entry, ...]) -> Checked:
    """Say whether a source on this machine has a credential for a target; nothing is fetched."""
    places = places_of(target)
    entry = _entry_for(places, entries)
    if entry is None:
        why = f"{places[0]} is not allowed"
        return Checked(target, None, Verdict("not-allowed", why, f"give --allow {places[0]}, or a table [auth.NAME]"))
    found = Vault().get(entry)
    if isinstance(found, Secret):
        text = f"{entry.source} has a credential for {entry.prefix}; give --host to prove that a server takes it"
        return Checked(target, None, Verdict("available", text))
    remedy = "log in here (git fetch once, gh auth login, ~/.netrc), or name the source in [auth.NAME]"
    return Checked(target, None, Verdict("no-credential", f"no source has a credential: {found}", remedy))


@dataclass(frozen=True, slots=True)
class Fetch:
    """What shall be fetched, and who may be asked. ``narrow``: of the entries only those that it needs.

    ``tell`` hears of each question, as somebody has to know what was lent.
    """

    target: str
    entries: tuple[Entry, ...]
    narrow: bool
    tell: Callable[[News], None]

    @property
    def is_module(self) -> bool:
        """Whether it is a module, and not a repository."""
        return "://" not in self.target


def check(
    network: Network, name: str, settings: Settings, fetch: Fetch, progress: Progress, *, dry: bool = False
) -> Checked:
    """Fetch a module or list a repository on a host, answering what is asked meanwhile.

    Only the agent is put there, if it is not; settings are given to the trial alone, in its environment, and what it
    fetches goes again. Raises UnfitTargetError, NoGoThereError, ShownSecretError, UnreachableError.
    """
    places = places_of(fetch.target)
    with network.reach(name) as host:
        progress.step(name, "connect")
        there = look(host, settings, progress, edit=False)
        if there.go is None and fetch.is_module:
            raise NoGoThereError(name)
        if dry:
            return Checked(fetch.target, name, _PLANNED, changes=there.changes)
        said = ask(host, _settings(there.go.path)) if there.go and fetch.is_module else {}
        if shows_a_secret(said.get("GOPROXY", "")):
            raise ShownSecretError(name, "as `go env GOPROXY` says there")
        proxies = proxies_of(said.get("GOPROXY", ""), said.get("GOSUMDB", ""))
        entries = needed(fetch.entries, places, proxies) if fetch.narrow else fetch.entries
        settle(host, there, progress)
        progress.step(name, f"fetch {fetch.target}")
        return _try(host, there, replace(fetch, entries=entries), said)


_ASKED = ("GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOINSECURE")


def _settings(go: str) -> Fact[Mapping[str, str]]:
    """Ask what go there goes by, and whether GOAUTH is exported, which hides ours; each value is one line."""
    lines = [f"printf '%s\\n' {name}=\"$({shlex.quote(go)} env {name} 2>/dev/null)\"" for name in _ASKED]

    def parse(text: str) -> Mapping[str, str]:
        return dict(line.partition("=")[::2] for line in text.splitlines() if line.startswith("GO"))

    begin = ["cd /", "printf 'GOAUTH=%s\\n' \"${GOAUTH:-}\"", "export GOTOOLCHAIN=local GOWORK=off"]
    return Fact("go env", "\n".join([*begin, *lines]), parse)


@dataclass(slots=True)
class _Trial:
    """A script at work beside the line; its end asks for the line's."""

    stop: Stop
    tell: Callable[[News], None]
    said: str = ""
    error: RemotegoError | None = None
    hints: list[Hint] = field(default_factory=list)

    def hear(self, news: News) -> None:
        self.tell(news)
        if isinstance(news, Asked):
            self.hints.append(Hint(news.question.kind, news.question.url, news.outcome, news.why))

    def run(self, host: Transport, script: Script) -> None:
        try:
            self.said = host.run(script, timeout_s=TRIAL_S).stdout.decode("utf-8", "replace")
        except RemotegoError as error:
            self.error = error
        self.stop.ask(_DONE)


def _try(host: Transport, there: There, fetch: Fetch, settings: Mapping[str, str]) -> Checked:
    stop = Stop()
    trial = _Trial(stop, fetch.tell)
    with lending(host, there, Wish(fetch.entries, TRIAL_S), stop) as (line, _, up):
        broker = Broker(Judge(fetch.entries, monotonic() + TRIAL_S), Vault(), trial.hear, moot=line.moot)
        with _beside(trial, host, _script(there, fetch, up.git)):
            serve(line, broker)
    if trial.error is not None:
        raise trial.error
    return _judge(fetch, host.name, there, trial, settings)


@contextmanager
def _beside(trial: _Trial, host: Transport, script: Script) -> Iterator[None]:
    thread = threading.Thread(target=trial.run, args=(host, script), daemon=True)
    thread.start()
    yield
    thread.join(TRIAL_S)


def _script(there: There, fetch: Fetch, include: str) -> Script:
    target = fetch.target
    words = {
        "go": there.go.path if there.go else "",
        "goauth": there.goauth,
        "include": include,
        "module": "" if not fetch.is_module else target if "@" in target else f"{target}@latest",
        "url": "" if fetch.is_module else target,
    }
    return Script(f"{assign(words)}\n{read('fetching')}")


def _judge(fetch: Fetch, name: str, there: There, trial: _Trial, settings: Mapping[str, str]) -> Checked:
    body, _, code = trial.said.rpartition("\n#exit ")
    output = without_secrets(inert(body))[-SAID_MOST:]
    evidence = Evidence(
        fetch.target,
        int(code) if code.strip().isdecimal() else 1,
        output,
        tuple(trial.hints),
        settings,
        there.go_is_old,
        _entry_for(places_of(fetch.target), fetch.entries) is not None,
    )
    verdict = diagnose(evidence)
    go = there.go.version if there.go else ""
    return Checked(fetch.target, name, verdict, evidence.hints, go, "" if verdict.ok else output, there.changes)


def _entry_for(places: Sequence[Place], entries: Sequence[Entry]) -> Entry | None:
    spellings = (spelling for place in places for spelling in place.spellings)
    return next((found for one in spellings if (found := best(entries, one))), None)
