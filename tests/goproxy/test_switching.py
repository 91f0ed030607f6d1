"""Switching by an injected clock: what hysteresis promises holds for any history."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.goproxy.switching import (
    BETTER,
    DWELL_S,
    JITTER,
    LEAVE_AFTER,
    MOST_REST_S,
    PROBE_S,
    RETURN_AFTER,
    Seen,
    Served,
    Switch,
    Upstream,
    decide,
    heard,
    move,
    next_probe_s,
    observe,
)

OURS, NEAR, FAR = (
    Upstream("https://ours.example", ours=True),
    Upstream("https://near.example"),
    Upstream("https://far.example"),
)
ALL = (OURS, NEAR, FAR)

WORDS = st.one_of(
    st.builds(Seen, url=st.just(""), ok=st.booleans(), latency_s=st.floats(0.001, 9), at_s=st.just(0.0)),
    st.builds(Seen, url=st.just(""), ok=st.just(False), latency_s=st.just(0.0), at_s=st.just(0.0), unfit=st.just(True)),
    st.builds(Served, url=st.just(""), ok=st.booleans(), at_s=st.just(0.0)),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(ALL), WORDS, st.floats(0, 90), st.floats(0, 1)),
    max_size=120,
)
"""Of whom something is learnt, what, how long after the one before, and chance."""


def play(steps: list[tuple[Upstream, Seen | Served, float, float]]) -> list[tuple[Switch, Switch, float]]:
    """Give the Switch before and after each decision, and when that was."""
    switch, at_s, turns = Switch(ALL), 0.0, []
    for one, word, later_s, draw in steps:
        at_s += later_s
        known = observe(switch, replace(word, url=one.url, at_s=at_s), draw)
        switch = decide(known, at_s)
        turns.append((known, switch, at_s))
    return turns


def well(switch: Switch, one: Upstream, times: int, latency_s: float, at_s: float = 0.0) -> Switch:
    """Have a proxy answer well."""
    for _ in range(times):
        switch = observe(switch, Seen(one.url, True, latency_s, at_s))
    return switch


def badly(switch: Switch, one: Upstream, times: int, at_s: float = 0.0) -> Switch:
    """Have a proxy fail."""
    for _ in range(times):
        switch = observe(switch, Seen(one.url, False, 0.0, at_s))
    return switch


@given(STEPS)
def test_one_that_works_is_left_only_for_a_better_one_after_its_time(steps: list) -> None:
    """Not before DWELL_S, and not for one with fewer than RETURN_AFTER successes, lower rank or too little gain."""
    for before, after, at_s in play(steps):
        if before.current in (None, after.current) or before.of(before.current).is_out:
            continue
        old, new = (next(one for one in ALL if one.url == url) for url in (before.current, after.current))
        assert at_s - before.since_s >= DWELL_S
        assert before.of(new.url).successes >= RETURN_AFTER
        gained = before.of(new.url).latency_s <= before.of(old.url).latency_s * (1 - BETTER)
        assert (new.ours and not old.ours) or (new.ours == old.ours and gained)


@given(STEPS)
def test_nobody_who_failed_last_is_ever_chosen(steps: list) -> None:
    """Nor one that rests."""
    for before, after, at_s in play(steps):
        if after.current not in (None, before.current):
            chosen = after.of(after.current)
            assert (True, True) == (chosen.successes > 0, chosen.rests_until_s <= at_s)


@given(STEPS)
def test_nobody_unfit_serves_before_a_clean_probe(steps: list) -> None:
    """Neither time nor well served commands clear whoever gave wrong content."""
    unfit: dict[str, bool] = {}
    for (one, word, *_), (_, after, _) in zip(steps, play(steps), strict=True):
        if isinstance(word, Seen):
            unfit[one.url] = not word.ok and (word.unfit or unfit.get(one.url, False))
        assert not unfit.get(after.current or "", False)


@given(STEPS)
def test_nobody_serves_only_while_nobody_answers(steps: list) -> None:
    """As long as one answers well, commands are served."""
    for _, after, at_s in play(steps):
        if after.current is None:
            idle = [one for one in ALL if after.of(one.url).successes and after.of(one.url).rests_until_s <= at_s]
            assert [] == idle


@given(STEPS)
def test_deciding_again_changes_nothing(steps: list) -> None:
    """At the same time with the same knowledge."""
    for _, after, at_s in play(steps):
        assert after == decide(after, at_s)


@given(STEPS, st.floats(0, 1))
def test_the_next_probe_is_never_far(steps: list, draw: float) -> None:
    """Whatever has happened, everybody is asked again within the longest rest."""
    for _, after, at_s in play(steps):
        for one in ALL:
            ahead_s = next_probe_s(after, one.url, at_s, draw) - at_s
            assert 0 < ahead_s <= max(PROBE_S, MOST_REST_S) * (1 + JITTER) + 1e-6


def test_two_failures_are_endured_and_the_third_is_not() -> None:
    """The next best takes over at once."""
    switch = decide(well(well(Switch(ALL), NEAR, 1, 0.1), FAR, 1, 0.5), 0.0)
    endured = decide(badly(switch, NEAR, LEAVE_AFTER - 1, 1.0), 1.0)
    left = decide(badly(endured, NEAR, 1, 2.0), 2.0)
    assert [NEAR.url, NEAR.url, FAR.url] == [switch.current, endured.current, left.current]


def served(switch: Switch, one: Upstream, *statuses: int, at_s: float = 0.0) -> Switch:
    """Have a proxy answer commands; 0 is no answer."""
    for status in statuses:
        word = heard(one.url, status, at_s)
        switch = observe(switch, word) if word else switch
    return switch


@pytest.mark.parametrize("status", [0, 429, 502, 503, 504])
def test_what_an_overloaded_proxy_says_to_commands_counts_against_it(status: int) -> None:
    """Three in a row, and the next best takes over."""
    switch = decide(well(well(Switch(ALL), NEAR, 1, 0.1), FAR, 1, 0.5), 0.0)
    assert FAR.url == decide(served(switch, NEAR, status, status, status), 1.0).current


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 410, 451, 500, 501])
def test_what_is_about_one_module_or_who_asks_never_counts_against_a_proxy(status: int) -> None:
    """However often it is answered."""
    switch = decide(well(well(Switch(ALL), NEAR, 1, 0.1), FAR, 1, 0.5), 0.0)
    assert NEAR.url == decide(served(switch, NEAR, *[status] * 9), 1.0).current


@pytest.mark.parametrize("status", [200, 404, 410])
def test_an_answer_to_a_command_ends_a_row_of_failed_ones(status: int) -> None:
    """One in three may fail for ever."""
    switch = decide(well(well(Switch(ALL), NEAR, 1, 0.1), FAR, 1, 0.5), 0.0)
    assert NEAR.url == decide(served(switch, NEAR, *[0, 503, status] * 5), 1.0).current


def test_failures_of_probes_and_of_commands_make_one_row() -> None:
    """And an answer to a command does not end that of probes: they ask for more than it did."""
    switch = decide(well(well(Switch(ALL), NEAR, 1, 0.1), FAR, 1, 0.5), 0.0)
    both = served(badly(switch, NEAR, LEAVE_AFTER - 1), NEAR, 503)
    probed = badly(served(badly(switch, NEAR, LEAVE_AFTER - 1), NEAR, 200), NEAR, 1)
    assert [FAR.url, FAR.url] == [decide(both, 1.0).current, decide(probed, 1.0).current]


def test_only_probes_measure_and_recommend() -> None:
    """Files of commands are of any size and cached or not; and whoever serves no command cannot show what it can."""
    switch = well(Switch(ALL), NEAR, 2, 0.1)
    assert switch.of(NEAR.url) == served(switch, NEAR, *[200] * 9).of(NEAR.url)


def test_whoever_gives_wrong_content_is_left_at_once_and_until_a_clean_probe() -> None:
    """Once is enough; commands that are bound to it and served do not bring it back."""
    switch = decide(well(well(Switch(ALL), NEAR, 1, 0.1), FAR, 1, 0.5), 0.0)
    forged = decide(observe(switch, Seen(NEAR.url, ok=False, latency_s=0.0, at_s=1.0, unfit=True)), 1.0)
    gone = badly(served(forged, NEAR, 200, at_s=DWELL_S), FAR, LEAVE_AFTER, DWELL_S)
    silent = badly(gone, NEAR, 1, 2 * DWELL_S)
    clean = well(silent, NEAR, 1, 0.1, 3 * DWELL_S)
    assert [FAR.url, None, None, NEAR.url] == [
        forged.current,
        *(decide(one, at_s).current for one, at_s in ((gone, DWELL_S), (silent, 2 * DWELL_S), (clean, 3 * DWELL_S))),
    ]


def test_ones_own_is_returned_to_though_it_is_slower() -> None:
    """A public proxy only stands in: after five successes and the dwell time one's own serves again."""
    switch = decide(well(Switch(ALL), NEAR, 1, 0.01), 0.0)
    early = decide(well(switch, OURS, RETURN_AFTER, 1.0, 10.0), 10.0)
    late = decide(early, DWELL_S)
    assert [NEAR.url, OURS.url] == [early.current, late.current]


def test_after_a_change_of_the_network_one_failure_is_enough() -> None:
    """And the dwell time is waived: what was known was about another network."""
    switch = move(decide(well(Switch(ALL), OURS, 9, 0.1), 0.0), 5.0)
    switch = well(switch, FAR, 1, 0.2, 6.0)
    assert [OURS.url, FAR.url] == [decide(switch, 6.0).current, decide(badly(switch, OURS, 1, 6.0), 6.0).current]


def test_when_all_fail_nobody_serves_and_the_first_to_come_back_does() -> None:
    """Commands are told at once in between."""
    switch = decide(well(Switch(ALL), NEAR, 1, 0.1), 0.0)
    dark = decide(badly(switch, NEAR, LEAVE_AFTER, 1.0), 1.0)
    back = decide(well(dark, FAR, 1, 0.1, 30.0), 30.0)
    assert [None, FAR.url] == [dark.current, back.current]


def test_the_rest_doubles_up_to_a_bound() -> None:
    """A proxy that never comes back is asked ever more seldom."""
    switch, at_s, rests = Switch((FAR,)), 0.0, []
    for _ in range(LEAVE_AFTER - 1 + 8):
        switch = observe(switch, Seen(FAR.url, False, 0.0, at_s), 0.0)
        rests.append(switch.of(FAR.url).rests_until_s - at_s)
        at_s = max(at_s, switch.of(FAR.url).rests_until_s)
    assert [10, 20, 40, 80, 160, 300, 300, 300] == rests[LEAVE_AFTER - 1 :]
