"""SDKs of Go on a target that others have put there: named, never touched."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.fact import Fact
from remotego.core.terminal import inert

_SCRIPT = """\
set -- /usr/local/go /opt/go /opt/go/* /usr/lib/go /usr/lib/go-* /usr/lib/golang "$HOME"/sdk/* "$HOME"/go "$HOME"/go/*
for dir
do
  [ -x "$dir/bin/go" ] || continue
  printf '%s\\t%s\\t%s\\n' "$dir" "$(cd "$dir" && pwd -P)" "$(head -n 1 "$dir/VERSION" 2>/dev/null | head -c 80)"
done
true
"""


@dataclass(frozen=True, slots=True)
class Foreign:
    """An SDK at ``path``, which is ``real`` without links. ``says`` is what its file VERSION says, "" without one."""

    path: str
    real: str
    says: str


def foreign_sdks() -> Fact[tuple[Foreign, ...]]:
    """Ask for the SDKs in the usual places; one that several names lead to is told once, by the first."""
    return Fact("foreign SDKs", _SCRIPT, _parse)


def _parse(text: str) -> tuple[Foreign, ...]:
    rows = [line.split("\t") for line in text.splitlines()]
    found = [Foreign(*map(inert, row)) for row in rows if len(row) == len(Foreign.__slots__)]
    first = {one.real: one for one in reversed(found)}
    return tuple(one for one in found if first[one.real] is one)
