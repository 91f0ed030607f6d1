"""A series of trials, one after the other, on ground that is renewed as soon as a trial has spoilt it."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.faults.ground import Ground, ground
from tests.faults.matrix import Cell
from tests.faults.trial import LIMIT, Verdict, judge
from tests.lab.lab import Lab

LEASE_S = 3.0
"""Short, for the sake of speed; see core.options for what people get."""


class Series:
    """Gives verdicts. A context: leaving it takes back what is on the ground."""

    def __init__(self, lab: Lab, lease_s: float = LEASE_S) -> None:
        self._lab, self._lease_s = lab, lease_s
        self._held = ExitStack()
        self._ground: Ground | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def judge(self, cell: Cell) -> Verdict:
        """Try a cell, on the ground of the last one if that is still good."""
        verdict = judge(self._good_ground(), cell)
        if verdict.problem or verdict.outcome == LIMIT:
            self._held.close()
            self._ground = None
        return verdict

    def _good_ground(self) -> Ground:
        if self._ground is None:
            folder = Path(self._held.enter_context(tempfile.TemporaryDirectory()))
            self._ground = self._held.enter_context(ground(self._lab, folder, self._lease_s))
        return self._ground
