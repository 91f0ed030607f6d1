"""What the doctor says in the end: findings by place and group, the worst of them, and the exit code of that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from remotego.doctor.catalogue import BY_ID, GRAVITY, ORDER
from remotego.doctor.check import Finding, Verdict

HERE = "this machine"
WORST_FIRST: tuple[Verdict, ...] = ("failure", "unknown", "warning", "ok")


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one group of checks, in the order of the catalogue."""

    name: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of them."""
        return worst(self.findings)


@dataclass(frozen=True, slots=True)
class Examined:
    """A place that was looked at, this machine or a host, in ``seconds``."""

    place: str
    findings: tuple[Finding, ...]
    seconds: float = 0.0

    @property
    def groups(self) -> tuple[Group, ...]:
        """The findings by group."""
        ordered = sorted(self.findings, key=lambda one: ORDER[one.check])
        names = dict.fromkeys(BY_ID[one.check].group for one in ordered)
        return tuple(Group(name, tuple(one for one in ordered if BY_ID[one.check].group == name)) for name in names)

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        return worst(self.findings)

    @property
    def fixable(self) -> tuple[Finding, ...]:
        """Those that come with a fix, in the order of the catalogue."""
        return tuple(one for group in self.groups for one in group.findings if one.fix)


def worst(findings: Sequence[Finding]) -> Verdict:
    """Give the worst verdict; of nothing, all is well."""
    return min((one.verdict for one in findings), key=WORST_FIRST.index, default="ok")


def exit_code(places: Iterable[Examined]) -> int:
    """Give 0 where nothing failed, else the class of the gravest failure."""
    codes = {BY_ID[one.check].code for place in places for one in place.findings if one.verdict == "failure"}
    return min(codes, key=GRAVITY.index, default=0)


def counted(places: Iterable[Examined]) -> dict[Verdict, int]:
    """Count findings by verdict."""
    verdicts = [one.verdict for place in places for one in place.findings]
    return {verdict: verdicts.count(verdict) for verdict in WORST_FIRST}
