"""Switching by an injected clock: what hysteresis promises holds for any history."""

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
    Switch,
    Upstream,
    decide,
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

STEPS = st.lists(
    st.tuples(
        st.sampled_from(ALL),
        st.booleans(),
        st.floats(0.001, 9),
        st.floats(0, 90),
        st.floats(0, 1),
    ),
    max_size=120,
)
"""Who answers, whether well, how fast, how long after the one before, and chance."""


def play(steps: list[tuple[Upstream, bool, float, float, float]]) -> list[tuple[Switch, Switch, float]]:
    """Give the Switch before and after each decision, and when that was."""
    switch, at_s, turns = Switch(ALL), 0.0, []
    for one, ok, latency_s, later_s, draw in steps:
        at_s += later_s
        known = observe(switch, Seen(one.url, ok, latency_s, at_s), draw)
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
        if before.current in (None, after.current) or before.of(before.current).failures >= LEAVE_AFTER:
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
