"""What a process uses, watched over time: whether it grows."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.lab.lab import Lab

LOOK = """\
for pid in "$@"; do
  set -- $(sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p; s/^Threads:[^0-9]*//p' /proc/$pid/status)
  echo "$(ls /proc/$pid/fd | wc -l) $2 $1"
done
"""


class Usage(NamedTuple):
    """Open files, threads, and memory in KiB (proc(5): VmRSS) of a process."""

    files: int
    threads: int
    kib: int


class Growth(NamedTuple):
    """How much more of each a process has per cycle, by least squares over its samples."""

    files: float
    threads: float
    kib: float


def here(pid: int) -> Usage:
    """What a process of this machine uses."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Usage(files, int(status["Threads"]), int(status["VmRSS"].split()[0]))


def there(lab: Lab, host: str, *pids: int) -> list[Usage]:
    """What processes of a host use."""
    rows = lab.exec(host, "bash", "-c", LOOK, "bash", *map(str, pids), user="root").splitlines()
    return [Usage(*map(int, row.split())) for row in rows]


def growth(samples: Sequence[tuple[int, Usage]]) -> Growth:
    """Growth per cycle of samples, each taken after so many cycles."""
    return Growth(*(_slope([(cycle, usage[part]) for cycle, usage in samples]) for part in range(len(Usage._fields))))


def _slope(points: Sequence[tuple[int, int]]) -> float:
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0
