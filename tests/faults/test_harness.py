"""The harness itself: what it draws, and that it notices."""

import pytest

from tests.faults.matrix import GROUPS, everything, sample
from tests.faults.usage import Growth, Usage, growth
from tests.lab.lab import Lab
from tests.ops.controllers import fresh_store
from tests.ops.debuggee import UNTOUCHED, Debuggee


@pytest.mark.parametrize("seed", range(5))
def test_a_sample_leaves_nothing_out(seed: int) -> None:
    """Every fault and every moment of each group is in it, and nothing that is not in the whole."""
    drawn = sample(seed)
    seen = {
        group: (
            {one.fault for one in drawn if one.group == group},
            {one.moment for one in drawn if one.group == group},
        )
        for group in GROUPS
    }
    assert {group: (set(faults), set(moments)) for group, (faults, moments) in GROUPS.items()} == seen
    assert set() == set(drawn) - set(everything())


def test_a_seed_draws_the_same_again() -> None:
    """A sample can be repeated."""
    assert sample(7) == sample(7)


def test_growth_is_per_cycle() -> None:
    """Least squares over uneven samples: one file and 4 KiB more with every second cycle, threads as they were."""
    samples = [(cycle, Usage(5 + cycle // 2, 8, 1000 + 2 * cycle)) for cycle in (0, 2, 4, 10)]
    assert Growth(0.5, 0.0, 2.0) == pytest.approx(growth(samples))


def test_a_service_that_stands_still_is_noticed(lab: Lab, ticker: int) -> None:
    """The invariant can fail."""
    debuggee = Debuggee(lab, ticker, fresh_store())
    lab.exec("app", "kill", "-STOP", str(ticker))
    assert UNTOUCHED._replace(ticks=False) == debuggee.state()
