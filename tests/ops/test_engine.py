"""Asking facts and applying changes, on real shells."""

from pathlib import Path

import pytest

from remotego.core.fact import Fact
from remotego.core.progress import Silence
from remotego.host.store import plan_push
from remotego.host.survey import survey
from remotego.ops.engine import UnansweredError, apply, ask
from tests.host.programs import make_artifact
from tests.ops.local_transport import LocalTransport


def fact(script: str, name: str = "number") -> Fact[int]:
    """A question whose answer is a number."""
    return Fact(name, script, int)


class Ear:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, object]] = []

    def step(self, host: str, text: str) -> None:
        """Hear a step."""
        self.heard.append((host, text))

    def sent(self, host: str, done_bytes: int, total_bytes: int) -> None:
        """Hear of bytes."""
        self.heard.append((host, (done_bytes, total_bytes)))


def test_one_fact(local: LocalTransport) -> None:
    """One question, one answer."""
    assert 7 == ask(local, fact("echo 7"))


def test_facts_travel_together(local: LocalTransport) -> None:
    """Several questions are asked in one go, and answers do not mix."""
    assert (1, 2) == ask(local, fact("printf 1"), fact("echo 2; exit 0"))


def test_variables_do_not_leak_from_fact_to_fact(local: LocalTransport) -> None:
    """Each question starts anew."""
    assert (1, 0) == ask(local, fact("x=1; echo $x"), fact("echo ${x:-0}"))


@pytest.mark.parametrize("script", ["echo many", "exit 3", "echo 1; false", "nonesuch", ":"])
def test_unreadable_answer_names_the_fact(local: LocalTransport, script: str) -> None:
    """What cannot be read is an error that tells which question it was."""
    with pytest.raises(UnansweredError) as caught:
        ask(local, fact("echo 1", "other"), fact(script, "asked"))
    assert "asked" == caught.value.fact


def test_complaint_is_quoted_without_controls(local: LocalTransport) -> None:
    """The target's words reach the user, but do not command the terminal."""
    with pytest.raises(UnansweredError) as caught:
        ask(local, fact("printf 'no \\033[31mway' >&2; exit 1"))
    assert "no way" == caught.value.said


def test_nothing_to_apply_is_nothing(tmp_path: Path) -> None:
    """Without changes the target is not even talked to."""
    have = ask(LocalTransport(tmp_path), survey())
    ear = Ear()
    assert ("", []) == (apply(LocalTransport(tmp_path / "gone"), [], have, ear), ear.heard)


def test_progress_is_told(tmp_path: Path) -> None:
    """Whoever watches hears the step and how much was sent."""
    local, ear = LocalTransport(tmp_path), Ear()
    artifact, have = make_artifact(tmp_path), ask(local, survey())
    apply(local, plan_push(artifact, have, prove=("x",)), have, ear)
    size = artifact.packed_bytes
    assert [("dash", "put dlv in the store"), ("dash", (size, size))] == ear.heard


def test_entry_names_who_did_it(tmp_path: Path) -> None:
    """The journal says from where a change came."""
    from remotego.host.journal import journal
    from remotego.ops.engine import controller

    local = LocalTransport(tmp_path)
    have = ask(local, survey())
    apply(local, plan_push(make_artifact(tmp_path), have, prove=()), have, Silence())
    assert {controller()} == {entry.by for entry in ask(local, journal())}
