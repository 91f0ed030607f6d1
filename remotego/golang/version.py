"""Versions of Go: releases, release candidates, development builds and language versions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum

_NUMBER = r"(?!0\d)\d{1,4}"
"""Without zeros in front, as package go/version has it."""

_FORM = re.compile(
    rf"(?:devel )?(?:go)?(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})"
    rf"(?:\.(?P<patch>{_NUMBER})|(?P<stage>beta|rc)(?P<number>{_NUMBER}))?"
    r"(?P<rest>(?:b\d{1,4})?(?:[-+ ].{0,1000})?)",
    re.ASCII,
)
_RELEASES_END_IN_A_PATCH = 21
"""go1.20 is a release, go1.21 a language version whose first release is go1.21.0 (go.dev/doc/toolchain)."""


class Stage(IntEnum):
    """How far a version has come, in the order cmd/go sorts them."""

    LANGUAGE = 0
    DEVEL = 1
    BETA = 2
    RC = 3
    RELEASE = 4


_STAGES = {"beta": Stage.BETA, "rc": Stage.RC}


@dataclass(frozen=True, slots=True, order=True)
class GoVersion:
    """A version of Go. 1.26 < devel 1.26 < 1.26rc1 < 1.26.0 (package go/version).

    ``number`` is the patch of a release, or the count of a beta or rc. ``text`` is the form it
    was read from, with experiments and vendor suffix; it does not take part in comparisons.
    """

    major: int
    minor: int
    stage: Stage = Stage.LANGUAGE
    number: int = 0
    text: str = field(default="", compare=False)

    @property
    def language(self) -> GoVersion:
        """The language version: 1.26 for go1.26.8 and for go1.26rc1."""
        return GoVersion(self.major, self.minor)

    @property
    def experiments(self) -> tuple[str, ...]:
        """What stands after ``X:``: the GOEXPERIMENTs that differ from this version's defaults."""
        found = re.search(r"[ -]X:(\S+)", self.text)
        return tuple(found[1].split(",")) if found else ()

    def __str__(self) -> str:
        """Write it as go.mod does: 1.26, 1.26rc1, 1.26.8."""
        bare = f"{self.major}.{self.minor}"
        match self.stage:
            case Stage.LANGUAGE:
                return bare
            case Stage.DEVEL:
                return f"{bare}-devel"
            case Stage.RELEASE:
                return f"{bare}.{self.number}"
            case Stage.BETA | Stage.RC:
                return f"{bare}{self.stage.name.lower()}{self.number}"


def parse_go_version(text: str) -> GoVersion:
    """Read ``go1.26.8``, ``1.26rc1``, ``go1.27.3 X:loopvar``, ``devel go1.28-abc``, ``1.25``.

    Vendor suffixes such as ``go1.22.7 (Red Hat 1.22.7-1.el9)`` are accepted. Raises ValueError for
    anything else, among it the ``devel +hash`` of Go before 1.17, which names no version.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(f"{text[:80]!r} is not a version of Go")
    major, minor = int(form["major"]), int(form["minor"])
    stage, number = _stage(form, text, minor)
    return GoVersion(major, minor, stage, number, text)


def _stage(form: re.Match[str], text: str, minor: int) -> tuple[Stage, int]:
    if text.startswith("devel") or form["rest"].startswith("-devel"):
        return Stage.DEVEL, 0
    if form["stage"]:
        return _STAGES[form["stage"]], int(form["number"])
    if form["patch"]:
        return Stage.RELEASE, int(form["patch"])
    if minor < _RELEASES_END_IN_A_PATCH and text.startswith("go"):
        return Stage.RELEASE, 0
    return Stage.LANGUAGE, 0
