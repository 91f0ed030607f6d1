"""The vendor directory: whether go builds from it, and whether it holds what the modules hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remotego.core.terminal import inert, one_line
from remotego.modgraph.edits import Edit, GoStep
from remotego.modgraph.finding import Finding
from remotego.modgraph.modfiles import Place
from remotego.modgraph.observed import Observed

NAMED = 5
"""How many files and modules are named."""

_DRIFT = re.compile(r"^\t(?P<module>\S+?)(?:@\S+)?: (?P<what>.+)$", re.MULTILINE)


def judge_vendor(seen: Observed) -> Iterator[Finding]:
    """Tell where vendor, go.mod and the modules disagree."""
    if seen.vendored is None:
        return
    folder = seen.work.folder if seen.work else seen.files[0].folder
    where = "vendor" if folder == "." else f"{folder}/vendor"
    list_file = Place(f"{where}/modules.txt")
    vendor = GoStep(("work" if seen.work else "mod", "vendor"), folder)
    sums = () if seen.work else (Edit((GoStep(("mod", "tidy"), folder), vendor)),)
    remade: tuple[Edit, ...] = (Edit((vendor,)), *sums)
    complaint = inert(seen.vendored.check.complaint)
    if "inconsistent vendoring" in complaint:
        yield _inconsistent(seen, complaint, remade)
        return
    changed = seen.vendored.differences
    if changed is None:
        said = f"whether {where} holds what the modules hold is not known: {_last(seen.vendored.made.complaint)}"
        yield Finding("not-known", where, said, "look again where the modules can be had", list_file)
    elif changed:
        named = ", ".join(f"{one_line(file)} ({what})" for file, what in changed[:NAMED])
        more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
        yield Finding(
            "vendor-changed",
            where,
            f"{named}{more}: not as in the modules that go.sum vouches for",
            "look at the difference, keep what you need of it by a replace directive, and vendor anew",
            Place(f"{where}/{changed[0][0]}"),
            candidates=remade,
        )


def _inconsistent(seen: Observed, complaint: str, remade: tuple[Edit, ...]) -> Finding:
    drifts = [(found["module"], found["what"]) for found in _DRIFT.finditer(complaint)]
    said = "; ".join(f"{module}: {what}" for module, what in drifts[:NAMED])
    more = f"; and {len(drifts) - NAMED} more" if len(drifts) > NAMED else ""
    place = seen.place_of(drifts[0][0]) if drifts else Place(seen.files[0].file)
    return Finding("vendor-inconsistent", "vendor", f"{said}{more}", "vendor anew", place, candidates=remade)


def _last(complaint: str) -> str:
    lines = [line for line in inert(complaint).splitlines() if line.strip()]
    return lines[-1].strip() if lines else "go gave no reason"
