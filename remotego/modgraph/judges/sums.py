"""go.sum: lines that are missing, cannot be read, or differ from the modules, and which of the two is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

from remotego.core.terminal import inert
from remotego.modgraph.edits import DropLines, Edit, GoStep, then_tidy
from remotego.modgraph.finding import Finding
from remotego.modgraph.modfiles import Place, Sum, malformed
from remotego.modgraph.observed import Cached, Fresh, Observed

_NO_MOD = re.compile(r"(?P<path>\S+)@(?P<version>\S+): missing go\.sum entry")
_NO_PACKAGE = re.compile(r"missing go\.sum entry(?:; to add it:| for module providing package (?P<package>\S+))")
ADD = ("list", "-mod=mod", "-deps", "-test", "./...")
"""A command that changes nothing but what is missing."""


def judge_sums(seen: Observed, explained: Set[str]) -> Iterator[Finding]:
    """Tell what is wrong with go.sum; modules in ``explained`` have a finding that says why already."""
    torn = list(_malformed(seen))
    yield from torn
    yield from (_cached(seen, one) for one in seen.cached if _is_wrong(seen, one))
    if not torn:
        yield from _missing(seen, explained)


def _malformed(seen: Observed) -> Iterator[Finding]:
    """Any of them keeps go from reading the file, so one edit takes out all."""
    torn = [one for file, text in seen.sums for one in malformed(text, file)]
    edits = _mended(torn)
    for place, line in torn:
        yield Finding(
            "sum-malformed",
            f"{place.file}:{place.line}",
            f"line {place.line} has {len(line.split())} fields and not 3: {inert(line)[:120]}",
            "take the line out; go adds what is missing",
            place,
            candidates=edits,
        )


def _mended(torn: Sequence[tuple[Place, str]]) -> tuple[Edit, ...]:
    """Without the lines; with what is missing then; with everything put in order."""
    drops = _dropped(torn)
    folders = [Place(one.file).folder for one in drops if not one.file.endswith("go.work.sum")]
    adding, tidying = (tuple(GoStep(arguments, folder) for folder in folders) for arguments in (ADD, ("mod", "tidy")))
    return tuple(Edit((*drops, *steps)) for steps in dict.fromkeys(((), adding, tidying)))


def _dropped(lines: Iterable[tuple[Place, str]]) -> tuple[DropLines, ...]:
    """Take lines out of their files."""
    by_file: dict[str, list[str]] = {}
    for place, line in lines:
        by_file.setdefault(place.file, []).append(line)
    return tuple(DropLines(file, tuple(dict.fromkeys(some))) for file, some in by_file.items())


def _missing(seen: Observed, explained: Set[str]) -> Iterator[Finding]:
    told: set[str] = set()
    said = inert("\n".join((seen.modules_answer.complaint, seen.packages_answer.complaint)))
    found = [(one["path"], f"of its go.mod at {one['version']}") for one in _NO_MOD.finditer(said)]
    for package in seen.packages:
        if (one := _NO_PACKAGE.search(package.error)) is not None:
            name = one["package"] or package.path
            found.append((seen.owner(name) or name, f"which has package {name}"))
    for path, what in found:
        if path not in told | explained:
            told.add(path)
            yield Finding(
                "sum-missing",
                path,
                f"go.sum has no hash for {path}, {what}",
                "have go add it: it is checked by the checksum database where one is set",
                seen.place_of(path),
                candidates=_additions(seen, path),
            )


def _additions(seen: Observed, path: str) -> tuple[Edit, ...]:
    folder = seen.folder_of(path)
    return Edit((GoStep(ADD, folder),)), then_tidy(folder=folder)


def _is_wrong(seen: Observed, one: Cached) -> bool:
    return bool(one.changed) or any(_differs(line, one) for line in _lines(seen, one))


def _lines(seen: Observed, one: Cached) -> list[Sum]:
    return [line for line in seen.all_sums if (line.path, line.version) == (one.path, one.version)]


def _differs(line: Sum, one: Cached) -> bool:
    have = one.gomod if line.of_gomod else one.zip or one.noted
    return bool(have) and line.hash.startswith("h1:") and line.hash != have


def _cached(seen: Observed, one: Cached) -> Finding:
    """Say who is wrong: the cache, go.sum, or whoever hands the module out."""
    name = f"{one.path}@{one.version}"
    lines = [line for line in _lines(seen, one) if _differs(line, one)]
    corrupt = bool(one.changed) or (one.zip and one.noted and one.zip != one.noted)
    if corrupt or (lines and _agrees(lines[0], one.fresh)):
        return _corrupt(seen, one, name)
    base = Finding("sum-mismatch", one.path, "", "", lines[0].place)
    have = one.gomod if lines[0].of_gomod else one.zip or one.noted
    what = f"{'the go.mod of ' if lines[0].of_gomod else ''}{name}"
    said = inert(f"{what} hashes to {have}, and {lines[0].place.file} says {lines[0].hash}")
    return _blamed(base, lines, one, said)


def _agrees(line: Sum, fresh: Fresh | None) -> bool:
    return fresh is not None and line.hash == (fresh.gomod if line.of_gomod else fresh.hash)


def _corrupt(seen: Observed, one: Cached, name: str) -> Finding:
    what = ", ".join(one.changed) or "its zip is not what was downloaded"
    known = [line.hash for line in _lines(seen, one) if not line.of_gomod]
    sound = one.fresh is not None and one.fresh.hash and one.fresh.hash in (one.noted, *known)
    checked = "; a new download has the hash it should have" if sound else ""
    return Finding(
        "cache-corrupt",
        one.path,
        f"the module cache has {name} changed: {what}{checked}",
        "`go clean -modcache` and build again, or remove those files alone: go.sum is right"
        if sound
        else "`go clean -modcache` and build again where the module can be had",
        seen.place_of(one.path),
    )


def _blamed(base: Finding, lines: Sequence[Sum], one: Cached, said: str) -> Finding:
    fresh = one.fresh
    if fresh is None or fresh.error:
        why = f": {fresh.error}" if fresh else ""
        return replace(
            base,
            evidence=f"{said}; who is wrong cannot be told here, as it cannot be downloaded anew{why}",
            remedy="look again where a module proxy and the checksum database can be reached",
        )
    if fresh.vouched is False:
        return replace(
            base,
            evidence=f"{said}; the checksum database says {fresh.database or 'something else'}: "
            "what is handed out was changed at its source",
            remedy="do not build it: tell who runs the proxy or the repository, and take it from another source",
        )
    if fresh.vouched:
        drops, folder = _dropped((line.place, line.line) for line in lines), lines[0].place.folder
        return replace(
            base,
            evidence=f"{said}; the checksum database confirms what was downloaded: go.sum is wrong",
            remedy="take the lines that are wrong out of go.sum and have go add them anew",
            candidates=(Edit((*drops, GoStep(ADD, folder))), then_tidy(*drops, folder=folder)),
        )
    return replace(
        base,
        evidence=f"{said}; a new download has that hash too, and no checksum database vouches for it: either go.sum is "
        "wrong, or the version was changed at its source after go.sum was written",
        remedy="ask its author which of the two hashes is right; only then take its lines out of go.sum",
    )
