"""Judging what was seen: each judge is pure, and gives what it finds wrong of its own kind."""

from __future__ import annotations

from remotego.modgraph.finding import Finding, ordered
from remotego.modgraph.judges.golines import judge_go_lines, judge_toolchain
from remotego.modgraph.judges.overrides import judge_excludes, judge_replaces
from remotego.modgraph.judges.packages import judge_packages
from remotego.modgraph.judges.requirements import judge_majors, judge_requirements
from remotego.modgraph.judges.sums import judge_sums
from remotego.modgraph.judges.upstream import judge_upstream
from remotego.modgraph.judges.vendor import judge_vendor
from remotego.modgraph.observed import Observed


def judge(seen: Observed) -> tuple[Finding, ...]:
    """Give all findings, the gravest first.

    Where the go command is too old for the modules it answers no other question, so nothing else is judged then.
    """
    refused = tuple(judge_toolchain(seen))
    if refused:
        return ordered(refused)
    found = [
        *judge_requirements(seen),
        *judge_go_lines(seen),
        *judge_replaces(seen),
        *judge_excludes(seen),
        *judge_majors(seen),
        *judge_upstream(seen),
        *judge_vendor(seen),
    ]
    explained = {one.module for one in found if one.level == "failure"}
    found += judge_sums(seen, explained)
    explained |= {one.module for one in found if one.level == "failure"}
    return ordered([*found, *judge_packages(seen, explained, has_failure=bool(explained))])
