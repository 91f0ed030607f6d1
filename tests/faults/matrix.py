"""The matrix: every fault at every moment, and a sample of it that leaves out no fault and no moment."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from tests.faults.dlv import SUFFERERS
from tests.faults.faults import FAULTS
from tests.faults.moments import MOMENTS
from tests.faults.steps import SIGNALS, STEPS


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault at one moment; ``group`` says of which kind."""

    group: str
    fault: str
    moment: str

    def __str__(self) -> str:
        return f"{self.fault}, {self.moment}"


GROUPS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "controller": ([f"controller gets {one.name}" for one in SIGNALS], list(STEPS)),
    "network": (list(FAULTS), list(MOMENTS)),
    "target": (list(SUFFERERS), ["idle", "breakpoint set", "at breakpoint"]),
}


def everything() -> list[Cell]:
    """All cells."""
    return [
        Cell(group, fault, moment)
        for group, (faults, moments) in GROUPS.items()
        for fault in faults
        for moment in moments
    ]


def sample(seed: int) -> list[Cell]:
    """Some cells, drawn by a seed: of each group every fault and every moment at least once."""
    draw = random.Random(seed)
    return [cell for group, (faults, moments) in GROUPS.items() for cell in _cover(draw, group, faults, moments)]


def _cover(draw: random.Random, group: str, faults: Sequence[str], moments: Sequence[str]) -> list[Cell]:
    rows, columns = draw.sample(faults, len(faults)), draw.sample(moments, len(moments))
    size = max(len(rows), len(columns))
    pairs = zip(cycle(rows), cycle(columns), range(size), strict=False)
    return [Cell(group, fault, moment) for fault, moment, _ in pairs]
