"""The catalogue and the table of symptoms are complete, and agree."""

import re

import pytest

from remotego.core.errors import RemotegoError
from remotego.doctor.catalogue import BY_ID, CHECKS, GRAVITY
from remotego.doctor.check import failure, ok, unknown, warning
from remotego.doctor.report import Examined, counted, exit_code, worst
from remotego.doctor.symptoms import SYMPTOMS, Symptom


def test_every_check_has_a_name_of_its_own() -> None:
    """By which findings are told apart."""
    assert len(CHECKS) == len(BY_ID)


def test_every_check_asks_a_question() -> None:
    """In words, with its mark."""
    assert [] == [one.id for one in CHECKS if not one.question.endswith("?")]


def test_every_code_is_a_class_of_errors() -> None:
    """And has its place in the order of gravity."""
    classes = {kind.exit_code for kind in RemotegoError.__subclasses__()}
    assert (classes, set()) == (set(GRAVITY), {one.code for one in CHECKS} - classes)


def test_all_25_symptoms_are_there() -> None:
    """None is left out, none is told twice."""
    assert list(range(1, 26)) == [one.number for one in SYMPTOMS]


@pytest.mark.parametrize("one", SYMPTOMS, ids=lambda one: str(one.number))
def test_a_symptom_has_checks_or_a_reason(one: Symptom) -> None:
    """Checks that exist; or why no tool can see it, and not both."""
    assert (set(), bool(one.checks)) == ({*one.checks} - BY_ID.keys(), not one.reason)


def test_few_symptoms_have_no_check() -> None:
    """What cannot be seen is named with its reason, and is not to grow."""
    assert [7, 17] == [one.number for one in SYMPTOMS if not one.checks]


def test_no_judge_names_a_check_that_is_not_there() -> None:
    """Every word in the room that looks like a check, as an argument of a finding, is one."""
    from pathlib import Path

    import remotego.doctor

    room = Path(remotego.doctor.__file__).parent
    said = {
        name
        for file in room.glob("*.py")
        for name in re.findall(r'(?:ok|warning|failure|unknown|_all)\(\s*"([a-z]+-[a-z]+)"', file.read_text())
    }
    assert set() == said - BY_ID.keys()


def test_the_worst_verdict_counts() -> None:
    """A failure is worse than not to know, that than a warning."""
    found = [ok("go-root", ""), warning("go-root", "", "x"), unknown("go-root", "", "x")]
    assert ("ok", "unknown", "failure") == (worst([]), worst(found), worst([*found, failure("go-root", "", "x")]))


def test_the_exit_code_is_the_gravest() -> None:
    """Not the highest number, nor the first."""
    missing, unreachable = failure("store-tools", "", "x"), failure("reach-hop", "", "x")
    places = [Examined("a", (missing,)), Examined("b", (unreachable,))]
    assert (5, 3, 0) == (exit_code(places[:1]), exit_code(places), exit_code([Examined("c", (ok("go-root", ""),))]))


def test_groups_stand_in_the_order_of_the_catalogue() -> None:
    """Whatever was looked at first."""
    found = Examined("a", (ok("go-root", ""), ok("reach-hop", ""), ok("go-command", "")))
    assert [("reach", 1), ("go", 2)] == [(one.name, len(one.findings)) for one in found.groups]


def test_findings_are_counted() -> None:
    """By verdict, also those that nobody has."""
    assert {"failure": 0, "unknown": 0, "warning": 0, "ok": 1} == counted([Examined("a", (ok("go-root", ""),))])
