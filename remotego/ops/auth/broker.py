"""The broker: answers the questions of one connection, and tells what was asked and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from remotego.core.secret import Secret
from remotego.credentials.entry import Entry
from remotego.credentials.judge import Granted, Judge, Refused
from remotego.credentials.protocol import Question, Turned, write_grant, write_refusal
from remotego.ops.auth.vault import Vault

TOLD_MOST = 500
"""Refusals that are told one by one: a host that asks for ever new URLs shall fill no log."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what became of it: ``outcome`` "granted" or a code, ``why`` in words, and the source's name."""

    question: Question
    outcome: str
    why: str = ""
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Muted:
    """Refusals from here on are not told any more."""


News = Asked | Turned | Muted
Confirm = Callable[[Question, Entry, Callable[[], str]], bool]
"""Asks somebody. The last is looked at meanwhile: it says why no answer is awaited any more, "" while one is."""


def always(_question: Question, _entry: Entry, _moot: Callable[[], str]) -> bool:
    """Approve whatever the allow-list allows."""
    return True


def never_moot(_question: Question) -> str:
    """Take every question for one that is awaited."""
    return ""


@dataclass(slots=True)
class Broker:
    """Decides by ``judge``, asks ``confirm`` and then the ``vault``, and tells ``hear`` in every case.

    ``moot`` says why a question is not to be answered any more: people and vaults take their time.
    """

    judge: Judge
    vault: Vault
    hear: Callable[[News], None]
    confirm: Confirm = always
    moot: Callable[[Question], str] = never_moot
    _told: set[tuple[str, ...]] = field(default_factory=set)

    def answer(self, question: Question) -> bytes:
        """Give the line that answers a question."""
        verdict = self.judge.decide(question, monotonic())
        if isinstance(verdict, Granted) and question.operation == "get":
            return self._grant(question, verdict.entry)
        if isinstance(verdict, Granted):
            self.vault.forget(verdict.entry)
            verdict = Refused(
                "refused-by-server", "a server has refused the credential; it is asked for anew next time"
            )
        return self._refuse(question, verdict)

    def turned(self, event: Turned) -> None:
        """Tell of somebody whom the server there has turned away."""
        self._tell(event, (event.why, str(event.uid)))

    def _grant(self, question: Question, entry: Entry) -> bytes:
        confirmed = not self.moot(question) and self.confirm(question, entry, lambda: self.moot(question))
        found = self.vault.get(entry) if confirmed and not self.moot(question) else ""
        if late := self.moot(question):
            return self._refuse(question, Refused("gone", late), entry)
        if not confirmed:
            return self._refuse(question, Refused("not-confirmed", "it was not confirmed at the other end"), entry)
        if not isinstance(found, Secret):
            return self._refuse(question, Refused("no-credential", f"no source has a credential: {found}"), entry)
        self.hear(Asked(question, "granted", "", entry))
        return write_grant(question, entry, found)

    def _refuse(self, question: Question, refused: Refused, entry: Entry | None = None) -> bytes:
        self._tell(Asked(question, refused.code, refused.why, entry), (refused.code, question.kind, question.url))
        return write_refusal(question, refused.why, outside=refused.code in ("not-allowed", "unfit-url"))

    def _tell(self, news: Asked | Turned, key: tuple[str, ...]) -> None:
        """Tell of a refusal once."""
        if key in self._told or len(self._told) > TOLD_MOST:
            return
        self._told.add(key)
        self.hear(news if len(self._told) <= TOLD_MOST else Muted())
