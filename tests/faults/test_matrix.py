"""A sample of the fault matrix: of each kind every fault and every moment at least once. All of it: `invoke faults`."""

import os
from collections.abc import Iterator

import pytest

from tests.faults.matrix import Cell, sample
from tests.faults.series import Series
from tests.lab.fixtures import need
from tests.lab.lab import Lab

SEED = int(os.environ.get("REMOTEGO_FAULTS_SEED", "1"))


@pytest.fixture(scope="module")
def series(lab: Lab) -> Iterator[Series]:
    """Ground for all trials of this module."""
    need("iptables", "nsenter", "tc")
    with Series(lab) as series:
        yield series


@pytest.mark.parametrize("cell", sample(SEED), ids=str)
def test_the_service_comes_out_whole(series: Series, cell: Cell) -> None:
    """Whatever breaks: the service runs, whole and untraced, nothing of ours is left, the next session works."""
    assert "" == series.judge(cell).problem
