"""The engine: asks facts, applies changes with a journal entry for each, undoes them from the journal."""

from __future__ import annotations

import getpass
import platform
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, overload

from remotego.core.change import Change
from remotego.core.errors import HostError, RemotegoError
from remotego.core.fact import Fact
from remotego.core.progress import Progress
from remotego.core.terminal import inert
from remotego.core.transport import Script, Transport
from remotego.host.faults import explain
from remotego.host.journal import Entry
from remotego.host.shell import Batch, render_batch, render_undo
from remotego.host.survey import Survey

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")

ASK_TIMEOUT_S = 60.0
APPLY_TIMEOUT_S = 1800.0
"""How long changes may take from the last byte that went: half of what makes a push look forgotten (STALE_MIN)."""


@dataclass(eq=False)
class UnansweredError(HostError):
    """A question to the target got an answer that cannot be read."""

    host: str
    fact: str
    said: str
    what = "{host}: the question {fact!r} got an answer that cannot be read: {said}"
    remedy = "see whether /bin/sh on the target is a POSIX shell and /proc is mounted; then report this"


@overload
def ask(host: Transport, one: Fact[A], /) -> A: ...
@overload
def ask(host: Transport, one: Fact[A], two: Fact[B], /) -> tuple[A, B]: ...
@overload
def ask(host: Transport, one: Fact[A], two: Fact[B], three: Fact[C], /) -> tuple[A, B, C]: ...
@overload
def ask(host: Transport, one: Fact[A], two: Fact[B], three: Fact[C], four: Fact[D], /) -> tuple[A, B, C, D]: ...
@overload
def ask(
    host: Transport, one: Fact[A], two: Fact[B], three: Fact[C], four: Fact[D], five: Fact[E], /
) -> tuple[A, B, C, D, E]: ...
def ask(host: Transport, *facts: Fact[Any]) -> Any:
    """Ask facts, all in one round trip. Raises UnansweredError when an answer makes no sense."""
    results = [answer() for answer in _answers(host, facts, ASK_TIMEOUT_S)]
    return results[0] if len(results) == 1 else tuple(results)


def inquire(host: Transport, facts: Sequence[Fact[Any]], *, timeout_s: float) -> list[Any]:
    """Ask facts, all in one round trip; for one that cannot be answered there is its RemotegoError instead.

    Raises UnreachableError.
    """
    return [_or_error(answer) for answer in _answers(host, facts, timeout_s)]


def _or_error(answer: Callable[[], Any]) -> Any:
    try:
        return answer()
    except RemotegoError as error:
        return error


def _answers(host: Transport, facts: Sequence[Fact[Any]], timeout_s: float) -> list[Callable[[], Any]]:
    """Have facts answered; each answer is read when it is asked for, so that one does not spoil the others."""
    mark = secrets.token_hex(8)
    sections = (f"(\n{fact.script}\n)\nprintf '\\n#{mark} %s\\n' $?" for fact in facts)
    answer = host.run(Script("\n".join(sections)), timeout_s=timeout_s)
    said = inert(answer.stderr)
    pieces = answer.stdout.decode("utf-8", "replace").split(f"\n#{mark} ")
    texts = [pieces[0], *(piece.partition("\n")[2] for piece in pieces[1:-1])]
    codes = [piece.partition("\n")[0].strip() for piece in pieces[1:]]
    rows = zip(facts, texts, codes, strict=True)
    return [partial(_parse, host, fact, text, code, said) for fact, text, code in rows]


def _parse(host: Transport, fact: Fact[A], text: str, code: str, said: str) -> A:
    if code != "0":
        raise UnansweredError(host.name, fact.name, said or f"exit code {code}")
    try:
        return fact.parse(text)
    except ValueError as error:
        raise UnansweredError(host.name, fact.name, f"{error}; {said or inert(text)[:200]}") from error


def apply(host: Transport, changes: Sequence[Change], have: Survey, progress: Progress) -> str:
    """Do changes in order; give what their proofs printed.

    One round trip and the payloads. The first that fails is taken back and ends the batch; those
    before it stay, with their entries. Raises the error that names the cause.
    """
    if not changes:
        return ""
    script = render_batch(Batch(changes, have, secrets.token_hex(6), controller()))
    total = sum(payload.size_bytes for payload in script.payloads)
    done = 0

    def sent(size_bytes: int) -> None:
        nonlocal done
        done += size_bytes
        progress.sent(host.name, done, total)

    progress.step(host.name, changes[-1].reason)
    answer = host.run(script, timeout_s=APPLY_TIMEOUT_S, sent=sent)
    if answer.exit_code != 0:
        raise explain(answer.stderr, have.root)
    return inert(answer.stdout)


def undo(host: Transport, done: Sequence[Entry], have: Survey, *, whole: bool = False) -> None:
    """Take back journalled changes; ``whole``: all there are, and what else is ours there goes with them.

    Raises ForeignPathError before anything is removed, and HostError where the target refuses; what is left stays
    journalled.
    """
    answer = host.run(render_undo(done, have, whole=whole))
    if answer.exit_code != 0:
        raise explain(answer.stderr, have.root)


def controller() -> str:
    """Who we are, for journal entries and session records: ``user@machine``."""
    return f"{getpass.getuser()}@{platform.node()}"
