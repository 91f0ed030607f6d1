"""Root: having sudo do what only root can, with a password where it wants one."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from remotego.core.change import Reversal
from remotego.core.transport import Answer, Exchange, Script, Transport
from remotego.host.rootwork import (
    GO,
    PasswordRefusedError,
    RootLeftError,
    RootWorkError,
    as_root,
    parse_told,
    reasons,
    render_check,
    undo_as_root,
)
from remotego.ops.consent import Consent

ANSWER_S = 60.0

WANTS_PASSWORD = b"a password is required"
"""sudo's words with -n (in the C locale)."""


def checked_password(host: Transport, consent: Consent) -> str:
    """Ask for the password, and sudo whether it takes it: one attempt. Raises PasswordRefusedError."""
    secret = consent.password(host.name)
    answer = _converse(host, render_check(), secret)
    if answer.exit_code != 0:
        raise PasswordRefusedError(host.name, reasons(answer.stderr))
    return secret


def run_as_root(host: Transport, text: str, secret: str | None = None) -> None:
    """Have root run a script of ours to its end. Raises RootWorkError with what root says."""
    _check(host, _converse(host, as_root(text, secret=secret is not None), secret))


def take_back(host: Transport, acts: Sequence[Reversal], consent: Consent | None) -> None:
    """Have root do those of checked reversals that are root's. Raises RootWorkError, PasswordRefusedError."""
    text = undo_as_root(acts, secret=False)
    if text is None:
        return
    answer = _converse(host, text, None)
    if consent is not None and WANTS_PASSWORD in answer.stderr:
        secret = checked_password(host, consent)
        answer = _converse(host, undo_as_root(acts, secret=True) or "", secret)
    _check(host, answer)


def _check(host: Transport, answer: Answer) -> None:
    if answer.exit_code != 0:
        raise RootWorkError(host.name, reasons(answer.stderr))


def begin(host: str, exchange: Exchange, secret: str | None) -> None:
    """Get an attended session past its custodian: what is sent next is the session's. Raises RootWorkError."""
    deadline_s = monotonic() + ANSWER_S
    while (line := exchange.read_line(max(0.0, deadline_s - monotonic()))) is not None:
        match told := parse_told(line):
            case None:
                continue
            case _ if told.state == "asks" and secret is not None:
                exchange.send(f"{secret}\n".encode())
            case _ if told.state == "ready":
                exchange.send(GO)
                return
            case _ if told.state == "failed":
                break
            case _:
                continue
    exchange.send(b"no\n")
    raise RootWorkError(host, reasons(exchange.answer(ANSWER_S).stderr))


def finish(host: str, exchange: Exchange) -> None:
    """Wait until an attended session's custodian has taken its steps back; its words have been read by others.

    Raises RootLeftError where it could not: undo will.
    """
    answer = exchange.answer(ANSWER_S)
    if answer.exit_code != 0:
        raise RootLeftError(host, reasons(answer.stderr))


def _converse(host: Transport, text: str, secret: str | None) -> Answer:
    if secret is None:
        return host.run(Script(text))
    exchange = host.open(Script(text))
    try:
        while (line := exchange.read_line(ANSWER_S)) is not None:
            if (told := parse_told(line)) is not None and told.state == "asks":
                exchange.send(f"{secret}\n".encode())
                break
        return exchange.answer(ANSWER_S)
    finally:
        exchange.close()
