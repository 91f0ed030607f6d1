"""``python -m benchmarks [warm push fleet list] [--rounds N] [--json] [--check]``."""

from __future__ import annotations

import argparse
import sys

from benchmarks import report
from benchmarks.contest import Result, hold
from benchmarks.machine import load, look, measure_line
from benchmarks.sample import RunFailedError, adopt_orphans
from benchmarks.trials import TRIALS

MOST_ROUNDS = 50


def main(argv: list[str]) -> int:
    """Measure; exit code 1 when a command failed or, with --check, when a bound was missed."""
    asked = _parse(argv)
    adopt_orphans()
    machine = look()
    lines = [(rtt_ms, measure_line(rtt_ms)) for rtt_ms in asked.rtt]
    if not asked.json:
        print(report.heading(machine, lines, asked.rounds), flush=True)
    results: list[Result] = []
    try:
        for name in asked.trials:
            trial, round_trips = TRIALS[name]
            for rtt_ms in round_trips:
                print(f"{name} at {rtt_ms:g} ms, load {load():.1f} ...", file=sys.stderr, flush=True)
                with trial(rtt_ms) as contest:
                    results.append(hold(contest, asked.rounds))
    except RunFailedError as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    if asked.json:
        report.show_json(report.document(machine, lines, results))
    else:
        report.show([report.COLUMNS, *(row for result in results for row in report.rows(result))])
        print(f"load at the end {load():.1f}")
    return int(asked.check and not all(result.held for result in results))


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("trials", nargs="*", help=f"which of {', '.join(TRIALS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=9, help=f"1 to {MOST_ROUNDS} (default 9)")
    parser.add_argument("--json", action="store_true", help="print every sample as JSON")
    parser.add_argument("--check", action="store_true", help="exit code 1 when a bound is missed")
    asked = parser.parse_args(argv)
    asked.trials = asked.trials or list(TRIALS)
    if unknown := set(asked.trials) - TRIALS.keys():
        parser.error(f"no such trial: {', '.join(sorted(unknown))}")
    if not 1 <= asked.rounds <= MOST_ROUNDS:
        parser.error(f"--rounds takes 1 to {MOST_ROUNDS}")
    asked.rtt = sorted({rtt_ms for name in asked.trials for rtt_ms in TRIALS[name][1]})
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
