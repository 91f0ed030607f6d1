"""Verdicts on answers that no server here can be made to give, and on any answer at all."""

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.golang.sumdb.database import Database
from remotego.goproxy.answers import Answer, Times, Told, read_answers
from remotego.goproxy.questions import ABSENT, LOOKUP, MODULE, SUPPORTED, TOOLCHAINS
from remotego.goproxy.verdict import BEHIND, Verdict, compare, judge
from tests.goproxy.upstreams import MOD, SIGNER, lookup
from tests.goproxy.upstreams import signer as any_signer

DATABASE = Database(SIGNER.key)
SIGNED = st.sampled_from([lookup(9), lookup(9, any_signer("x.example"))])
ANSWERS = st.builds(
    Answer,
    status=st.sampled_from([0, 200, 204, 302, 401, 403, 404, 410, 429, 500, 511]),
    type=st.sampled_from(["", "text/html", "text/plain; charset=utf-8"]),
    body=st.one_of(
        st.binary(max_size=300), st.just(MOD), st.just(lookup(9)), st.just(lookup(9, any_signer("x.example")))
    ),
    truncated=st.booleans(),
    hops=st.sampled_from([(), ("https://elsewhere.example/",)]),
    error=st.sampled_from(["", "refused", "silent", "cut", "certificate", "other", "new-code"]),
)


@given(st.dictionaries(st.sampled_from([MODULE, ABSENT, TOOLCHAINS, SUPPORTED, LOOKUP]), ANSWERS))
def test_only_right_bytes_are_of_use(answers: dict[str, Answer]) -> None:
    """Whatever else is answered: without the known module's bytes and a 404 for the other one nothing is usable."""
    verdict = judge(answers, DATABASE)
    module, absent = answers.get(MODULE, Answer()), answers.get(ABSENT, Answer())
    right = not module.error and module.status == 200 and module.body == MOD and not module.truncated
    right = right and "html" not in module.type and absent.status in (404, 410)
    assert (True, True) == (right or not verdict.usable, bool(verdict.text))


IN_ORDER = {
    MODULE: Answer(200, body=MOD),
    ABSENT: Answer(404),
    SUPPORTED: Answer(200),
    LOOKUP: Answer(200, body=lookup(9)),
}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        *product([MODULE, ABSENT, SUPPORTED, LOOKUP], ["reset", "silent"]),
        *product([MODULE, SUPPORTED, LOOKUP], ["cut"]),
    ],
)
def test_what_did_not_come_whole_is_not_called_wrong(name: str, error: str) -> None:
    """Whatever was asked for, with a status or without: it is of no use now, and nobody has forged anything."""
    status = IN_ORDER[name].status if error == "cut" else 0
    verdict = judge({**IN_ORDER, name: Answer(status, error=error)}, DATABASE)
    assert (error, False, False) == (verdict.code, verdict.usable, verdict.unfit)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (MODULE, Answer(200, body=MOD + b"//")),
        (MODULE, Answer(200, body=b"<html>", type="text/html")),
        (MODULE, Answer(0, error="redirect-to-http")),
        (LOOKUP, Answer(200, body=lookup(9, any_signer("x.example")))),
        (LOOKUP, Answer(200, body=b"<html>", type="text/html")),
    ],
)
def test_wrong_content_is_told_from_what_fails(name: str, answer: Answer) -> None:
    """Whoever gives that is not to be trusted with a second try."""
    assert judge({**IN_ORDER, name: answer}, DATABASE).unfit


@pytest.mark.parametrize(
    ("status", "expected"), [(404, "no-sumdb"), (410, "no-sumdb"), (403, "failing"), (503, "failing")]
)
def test_only_404_and_410_say_that_there_is_no_database(status: int, expected: str) -> None:
    """After anything else go does not ask the database itself: it ends with an error (cmd/go, modfetch/sumdb.go)."""
    assert expected == judge({**IN_ORDER, SUPPORTED: Answer(status)}, DATABASE).code


@given(st.text(max_size=200))
def test_what_is_no_answer_is_refused(text: str) -> None:
    """Whatever a host prints is read whole or not at all."""
    with pytest.raises(ValueError, match=r"complete|said"):
        read_answers(text)


def test_answers_are_counted() -> None:
    """A list that was cut in the middle is not complete."""
    lines = [{"network": {"addresses": 2}}, {"done": {"answers": 1}}]
    with pytest.raises(ValueError, match="counted 1 answers and told of 0"):
        read_answers("\n".join(map(json.dumps, lines)))
    assert Told({}, 2) == read_answers('{"network": {"addresses": 2}}\n{"done": {"answers": 0}}\n')


def test_slow_is_what_takes_too_long_to_the_first_byte() -> None:
    """All steps count together, and the bytes are right all the same."""
    times = Times(resolve_s=1, connect_s=1, tls_s=1, first_byte_s=0.5, total_s=9)
    answers = {MODULE: Answer(200, body=MOD, times=times), ABSENT: Answer(404)}
    assert ("slow", True, "good") == (
        (found := judge(answers, None)).code,
        found.usable,
        judge(answers, None, slow_s=4).code,
    )


def test_a_mirror_a_little_behind_is_not_stale() -> None:
    """Caches differ by some records; by BEHIND they do not."""
    whole, near, far = 1_000_000, 1_000_000 - int(1_000_000 * BEHIND / 2), 1_000_000 - int(1_000_000 * BEHIND * 2)
    found = compare({str(size): Verdict("good", "", tree_size=size) for size in (whole, near, far)})
    assert ["good", "good", "stale"] == [found[str(size)].code for size in (whole, near, far)]


def test_versions_of_go_are_compared_by_number() -> None:
    """1.9 is older than 1.27.3, and one that tells of none is not called stale."""
    found = compare({name: Verdict("good", "", newest_go=name or None) for name in ("1.27.3", "1.9", "")})
    assert {"1.27.3": "good", "1.9": "stale", "": "good"} == {name: one.code for name, one in found.items()}
