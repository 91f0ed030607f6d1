"""``python -m tests.faults [--full] [--seed N]``: strike, and print the table for docs/reliability.md."""

import argparse
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults import soak, table
from tests.faults.ground import Ground, ground
from tests.faults.matrix import Cell, everything, sample
from tests.faults.series import LEASE_S, Series
from tests.faults.trial import Verdict
from tests.lab.lab import Lab
from tests.lab.stack import lab
from tests.ops.test_building import DELVE

EDITORS, SESSIONS = 300, 30
USUAL_LEASE_S = 10.0
"""The lease people get unless they ask for another."""


def main(argv: list[str]) -> int:
    """Run it; 0 if everything passed."""
    asked = _parse(argv)
    draw = random.Random(asked.seed)
    with lab() as here:
        good = [_trials(here, draw, _chosen(asked), asked.lease)]
        if asked.full and not asked.only:
            usual = [cell for cell in sample(asked.seed) if cell.group == "network"]
            good += [_trials(here, draw, usual, USUAL_LEASE_S)]
            good += [_soak(here, soak.many_editors, EDITORS), _soak(here, soak.many_sessions, SESSIONS)]
        print(f"seed {asked.seed}; {_versions(here)}")
    return 0 if all(good) else 1


def _chosen(asked: argparse.Namespace) -> list[Cell]:
    cells = everything() if asked.full else sample(asked.seed)
    return [cell for cell in cells if asked.only in f"{cell.group}: {cell}"] * int(asked.rounds)


def _trials(here: Lab, draw: random.Random, cells: list[Cell], lease_s: float) -> bool:
    began_s = time.monotonic()
    with Series(here, lease_s) as series:
        verdicts = [_tell(series.judge(cell)) for cell in draw.sample(cells, len(cells))]
    print(f"\n{table.render(verdicts)}\n\n{table.summary(verdicts)}")
    print(f"lease {lease_s:g} s, {time.monotonic() - began_s:.0f} s", flush=True)
    return all(one.passed for one in verdicts)


def _soak(here: Lab, kind: Callable[[Ground, int], soak.Soaked], cycles: int) -> bool:
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ground(here, Path(folder), USUAL_LEASE_S) as quiet:
        soaked = kind(quiet, cycles)
    print(f"\n{table.render_soak(kind.__name__, soaked)}\n{time.monotonic() - began_s:.0f} s", flush=True)
    return not soak.growing(soaked)


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--full", action="store_true", help="every fault at every moment, not a sample")
    parser.add_argument("--seed", type=int, default=1, help="draws the sample and the order")
    parser.add_argument("--lease", type=float, default=LEASE_S, help="lease of the sessions, in seconds")
    parser.add_argument("--only", default="", help="only cells with this text in their name")
    parser.add_argument("--rounds", type=int, default=1, help="how often each trial is made")
    return parser.parse_args(argv)


def _tell(verdict: Verdict) -> Verdict:
    mark = "ok  " if verdict.passed else "FAIL"
    cell: Cell = verdict.cell
    print(f"{mark} {verdict.seconds:5.1f} s  {cell}: {verdict.outcome} {verdict.problem}".rstrip(), flush=True)
    return verdict


def _versions(here: Lab) -> str:
    sshd = here.exec("frail", "dpkg-query", "-W", "-f", "${Version}", "openssh-server")
    return f"Delve {DELVE}, OpenSSH {sshd}, Linux {platform.release()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
