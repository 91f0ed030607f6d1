"""A finding: what is wrong with a module, where that stands, who is the cause, and edits that may put it right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from remotego.modgraph.catalogue import BY_ID, GRAVITY, WORST_FIRST, Kind, Level
from remotego.modgraph.edits import Edit, Proposal
from remotego.modgraph.modfiles import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """``module`` is its path, or another name of what it is about; ``chain`` the requirements that lead to it.

    ``candidates`` are edits to try, the smallest first; ``proposal`` is the first that helped.
    """

    kind: str
    module: str
    evidence: str
    remedy: str
    place: Place
    chain: tuple[str, ...] = ()
    candidates: tuple[Edit, ...] = ()
    proposal: Proposal | None = None

    @property
    def sort(self) -> Kind:
        """Its entry in the catalogue."""
        return BY_ID[self.kind]

    @property
    def level(self) -> Level:
        """How grave it is."""
        return self.sort.level

    @property
    def identity(self) -> tuple[str, str]:
        """What makes it the same finding after an edit."""
        return self.kind, self.module


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put the gravest first, and those of a file as they stand there."""
    return tuple(
        sorted(
            dict.fromkeys(findings),
            key=lambda one: (WORST_FIRST.index(one.level), one.place.file, one.place.line, one.kind, one.module),
        )
    )


def exit_code(findings: Sequence[Finding]) -> int:
    """Give 0 where nothing fails, else the class of the gravest failure."""
    codes = {one.sort.code for one in findings if one.level == "failure"}
    return min(codes, key=GRAVITY.index, default=0)


def counted(findings: Sequence[Finding]) -> dict[Level, int]:
    """Count findings by level."""
    return {level: sum(one.level == level for one in findings) for level in WORST_FIRST}


def is_better(before: Sequence[Finding], after: Sequence[Finding], cured: Finding) -> bool:
    """Tell whether an edit took a finding away without bringing one that is as grave or graver."""
    known = {one.identity for one in before}
    fresh = [one for one in after if one.identity not in known]
    worse = [one for one in fresh if WORST_FIRST.index(one.level) <= WORST_FIRST.index(cured.level)]
    return cured.identity not in {one.identity for one in after} and not worse
