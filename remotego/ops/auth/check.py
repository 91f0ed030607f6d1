"""Check: prove that a private module comes to a host by a real go and git there, and say why it does not."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from remotego.core.change import Change
from remotego.core.errors import RemotegoError, UsageError
from remotego.core.progress import Progress
from remotego.core.redaction import redacted
from remotego.core.secret import Secret
from remotego.core.settings import Settings
from remotego.core.terminal import inert
from remotego.core.transport import Network, Script, Transport
from remotego.credentials.diagnosis import Evidence, Hint, Verdict, diagnose
from remotego.credentials.entry import Entry, best
from remotego.credentials.judge import Judge
from remotego.credentials.place import Place, parse_place
from remotego.host.scripts import assign, read
from remotego.ops.auth.broker import Asked, Broker, News
from remotego.ops.auth.connect import Wish, lending, serve
from remotego.ops.auth.line import Stop
from remotego.ops.auth.there import There, look, settle
from remotego.ops.auth.vault import Vault

TRIAL_S = 150.0
SAID_MOST = 4000
_DONE = "the trial is over"


@dataclass(eq=False)
class UnfitTargetError(UsageError):
    """Neither a module nor a URL."""

    target: str
    what = "{target!r} is neither the path of a module nor an https URL"
    remedy = "give git.example.com/team/svc, git.example.com/team/svc@v1.2.3 or https://git.example.com/team/svc.git"


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


def place_of(target: str) -> Place:
    """Give where a module or repository is expected. Raises UnfitTargetError, UnfitUrlError."""
    if "://" in target:
        return parse_place(target.replace("http://", "https://", 1))
    path = target.partition("@")[0]
    if "." not in path.partition("/")[0] or path != shlex.quote(path):
        raise UnfitTargetError(target)
    return parse_place(f"https://{path}")


def check_here(target: str, entries: tuple[Entry, ...]) -> Checked:
    """Say whether a source on this machine has a credential for a target; nothing is fetched."""
    place = place_of(target)
    entry = best(entries, place)
    if entry is None:
        why = f"{place} is not allowed"
        return Checked(target, None, Verdict("not-allowed", why, f"give --allow {place}, or a table [auth.NAME]"))
    found = Vault().get(entry)
    if isinstance(found, Secret):
        text = f"{entry.source} has a credential for {entry.prefix}; give --host to prove that a server takes it"
        return Checked(target, None, Verdict("available", text))
    remedy = "log in here (git fetch once, gh auth login, ~/.netrc), or name the source in [auth.NAME]"
    return Checked(target, None, Verdict("no-credential", f"no source has a credential: {found}", remedy))


def check(
    network: Network,
    name: str,
    settings: Settings,
    target: str,
    entries: tuple[Entry, ...],
    progress: Progress,
    *,
    dry: bool = False,
) -> Checked:
    """Fetch a module or list a repository on a host, answering what is asked meanwhile.

    Only the agent is put there, if it is not; settings are given to the trial alone, in its environment, and what it
    fetches goes again. Raises UnfitTargetError, NoGoThereError, UnreachableError.
    """
    place_of(target)
    with network.reach(name) as host:
        progress.step(name, "connect")
        there = look(host, settings, progress, edit=False)
        if there.go is None and "://" not in target:
            raise NoGoThereError(name)
        if dry:
            return Checked(target, name, _PLANNED, changes=there.changes)
        settle(host, there, progress)
        progress.step(name, f"fetch {target}")
        return _try(host, there, target, entries)


@dataclass(slots=True)
class _Trial:
    """A script at work beside the line; its end asks for the line's."""

    stop: Stop
    said: str = ""
    error: RemotegoError | None = None
    hints: list[Hint] = field(default_factory=list)

    def hear(self, news: News) -> None:
        if isinstance(news, Asked):
            self.hints.append(Hint(news.question.kind, news.question.url, news.outcome, news.why))

    def run(self, host: Transport, script: Script) -> None:
        try:
            self.said = host.run(script, timeout_s=TRIAL_S).stdout.decode("utf-8", "replace")
        except RemotegoError as error:
            self.error = error
        self.stop.ask(_DONE)


def _try(host: Transport, there: There, target: str, entries: tuple[Entry, ...]) -> Checked:
    stop = Stop()
    trial = _Trial(stop)
    with lending(host, there, Wish(entries, TRIAL_S), stop) as (line, _, up):
        broker = Broker(Judge(entries, monotonic() + TRIAL_S), Vault(), trial.hear)
        with _beside(trial, host, _script(there, target, up.git)):
            serve(line, broker)
    if trial.error is not None:
        raise trial.error
    return _judge(target, host.name, there, trial, allowed=best(entries, place_of(target)) is not None)


@contextmanager
def _beside(trial: _Trial, host: Transport, script: Script) -> Iterator[None]:
    thread = threading.Thread(target=trial.run, args=(host, script), daemon=True)
    thread.start()
    yield
    thread.join(TRIAL_S)


def _script(there: There, target: str, include: str) -> Script:
    words = {
        "go": there.go.path if there.go else "",
        "goauth": there.goauth,
        "include": include,
        "module": "" if "://" in target else target if "@" in target else f"{target}@latest",
        "url": target if "://" in target else "",
    }
    return Script(f"{assign(words)}\n{read('fetching')}")


def _judge(target: str, name: str, there: There, trial: _Trial, *, allowed: bool) -> Checked:
    head, _, said = trial.said.partition("\n#said\n")
    rows = dict(line.partition("=")[::2] for line in head.splitlines() if "=" in line)
    body, _, code = said.rpartition("\n#exit ")
    output = redacted(inert(body))[-SAID_MOST:]
    exit_code = int(code) if code.strip().isdecimal() else 1
    go_settings = {key: value for key, value in rows.items() if key.startswith("GO")}
    evidence = Evidence(target, exit_code, output, tuple(trial.hints), go_settings, there.go_is_old, allowed)
    verdict = diagnose(evidence)
    go = there.go.version if there.go else ""
    return Checked(target, name, verdict, evidence.hints, go, "" if verdict.ok else output, there.changes)
