"""Delve's own reading of substitutePath."""

import json
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.delve.substitution import Rule, is_below, ordered, to_binary, to_local

RECORDED = Path(__file__).parent.parent / "facts" / "delve.substitution" / "delve-1.27.1.json"
DIRECTORIES = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join)
RULES = st.lists(st.builds(lambda one, other: Rule(f"/l/{one}", f"/b/{other}"), DIRECTORIES, DIRECTORIES), max_size=5)


def test_paths_become_what_delve_makes_of_them() -> None:
    """Answers recorded from locspec.SubstitutePath of Delve 1.27.1."""
    recorded = json.loads(RECORDED.read_text())
    expected = [case["result"] for case in recorded]
    assert expected == [to_binary(case["path"], [Rule(*pair) for pair in case["rules"]]) for case in recorded]


def test_the_way_back_takes_the_rules_turned_round() -> None:
    """A name in the binary is found under the editor's directory."""
    assert "/home/ann/svc/main.go" == to_local("/ci/svc/main.go", [Rule("/home/ann/svc", "/ci/svc")])


@given(RULES)
def test_an_order_loses_no_rule(rules: list[Rule]) -> None:
    """Ordering only orders, and drops what is there twice."""
    assert sorted(set(rules)) == sorted(ordered(rules))


@given(RULES)
def test_no_rule_hides_a_more_specific_one_from_the_editor(rules: list[Rule]) -> None:
    """Going down the list, no directory lies below one already passed."""
    result = ordered(rules)
    assert [] == [
        (one, two)
        for place, one in enumerate(result)
        for two in result[place + 1 :]
        if one.local != two.local and is_below(two.local, one.local)
    ]


@pytest.mark.parametrize(
    "rules",
    list(
        permutations((Rule("/w", "m"), Rule("/w/.cache/x@v1.0.0", "x@v1.0.0"), Rule("/w/sub", "m/sub"), Rule("/g", "")))
    ),
)
def test_the_order_given_does_not_matter(rules: tuple[Rule, ...]) -> None:
    """Both directions find the most specific rule, however the rules came in."""
    result = ordered(rules)
    assert ("x@v1.0.0/x.go", "m/sub/s.go", "/w/m.go", "/g/fmt/p.go") == (
        to_binary("/w/.cache/x@v1.0.0/x.go", result),
        to_binary("/w/sub/s.go", result),
        to_local("m/m.go", result),
        to_local("fmt/p.go", result),
    )
