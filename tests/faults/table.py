"""The table for docs/reliability.md."""

from collections.abc import Iterable, Sequence

from tests.faults.matrix import GROUPS
from tests.faults.soak import Soaked
from tests.faults.trial import LIMIT, Verdict


def render(verdicts: Sequence[Verdict]) -> str:
    """Markdown: a table for each group that was tried, faults by moments; cells are passed/tried, and how many lost."""
    groups = {group: [one for one in verdicts if one.cell.group == group] for group in GROUPS}
    return "\n\n".join(_group(group, here) for group, here in groups.items() if here)


def render_soak(name: str, soaked: Soaked) -> str:
    """Markdown: what each process that lived through a soak had at its end, and how it grew per cycle."""
    head = [_row([f"{name}: {soaked.cycles}", "files", "threads", "memory"]), _row(["---"] * 4)]
    rows = [
        _row(
            [
                who,
                f"{used.files} ({grown.files:+.3f})",
                f"{used.threads} ({grown.threads:+.3f})",
                f"{used.kib} KiB ({grown.kib:+.1f})",
            ]
        )
        for (who, used), grown in zip(soaked.last.items(), soaked.growth.values(), strict=True)
    ]
    return "\n".join([*head, *rows, f"{soaked.answers} answers of the service to its load"])


def summary(verdicts: Sequence[Verdict]) -> str:
    """One line: how many were tried, passed, and lost the service by a known limit."""
    lost = sum(one.outcome == LIMIT for one in verdicts)
    passed = sum(one.passed for one in verdicts)
    return f"{len(verdicts)} tried, {passed} passed, of which {lost} lost the service and said so (a known limit)"


def _group(group: str, verdicts: Sequence[Verdict]) -> str:
    faults, moments = GROUPS[group]
    rows = [[fault, *(_cell(verdicts, fault, moment) for moment in moments)] for fault in faults]
    return "\n".join(map(_row, [[group, *moments], ["---"] * (len(moments) + 1), *rows]))


def _cell(verdicts: Iterable[Verdict], fault: str, moment: str) -> str:
    here = [one for one in verdicts if (one.cell.fault, one.cell.moment) == (fault, moment)]
    if not here:
        return ""
    lost = sum(one.outcome == LIMIT for one in here)
    return f"{sum(one.passed for one in here)}/{len(here)}" + (f", {lost} lost" if lost else "")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
