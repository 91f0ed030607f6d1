"""Observing a workspace's modules: what go says of a copy of them, and what lies in the module cache."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from remotego.adapters.modcache import Kept
from remotego.adapters.trees import differences
from remotego.core.answer import Answer
from remotego.core.modfile import directives, is_directory
from remotego.golang.modulepath import escaped
from remotego.golang.modulezip import mod_h1, zip_h1
from remotego.modgraph.lines import text_of
from remotego.modgraph.listing import parse_modules
from remotego.modgraph.modfiles import GoFile, Sum
from remotego.modgraph.observed import Cached, Observed, Vendored
from remotego.ops.modules.downloading import download_anew
from remotego.ops.modules.ground import Ground

ASKED_AT_ONCE = 200
"""Modules on one command line."""

UPSTREAM_S = 120.0
"""How long sources of modules may take to say what there is: a proxy that is silent is told of as not known."""

PACKAGES = "-json=ImportPath,Standard,Module,Error"
_UPSTREAM = ("list", "-m", "-e", "-u", "-retracted", "-versions", "-json")
_CHANGED = re.compile(r"^(\S+) (\S+): ((?:dir|zip) has been modified) \((.*)\)$", re.MULTILINE)


def observe(ground: Ground, *, upstream: bool = True) -> Observed:
    """Ask go everything at the same time. With ``upstream`` sources are asked for what they say of required modules."""
    seen = _files(ground)
    base = ground.base
    run = ground.run
    asked = _required(seen) if upstream else []
    graph, modules, packages, verified, asking, unexcluded, vendored = ground.go.at_once(
        [
            lambda: run(base, "mod", "graph"),
            lambda: run(base, "list", "-m", "-json", "all"),
            lambda: run(base, "list", "-e", "-deps", "-test", PACKAGES, *_patterns(ground)),
            lambda: run(base, "mod", "verify"),
            lambda: _upstream(ground, asked),
            lambda: _without_excludes(ground, seen),
            lambda: run(base, "list", "-deps", "-test", *_patterns(ground), GOFLAGS=_vendored_flags(ground)),
        ]
    )
    seen = replace(
        seen,
        graph_answer=graph,
        modules_answer=modules,
        packages_answer=packages,
        upstream_answer=asking,
        asked=tuple(asked),
        unexcluded=unexcluded if any(seen.overrides("exclude")) else None,
    )
    return replace(
        seen,
        allowed=_allowed(ground, seen),
        cached=tuple(_cached(ground, seen, verified)),
        vendored=_vendor(ground, vendored) if (ground.vendor / "modules.txt").is_file() else None,
    )


def _files(ground: Ground) -> Observed:
    """Read the files that say what there is; those of the copy, under the names of the originals."""
    names = [ground.name(folder / "go.mod") for folder in ground.folders]
    files = tuple(GoFile(name, _text(ground.copied(name))) for name in names)
    work = GoFile(ground.name(ground.work), _text(ground.copied(ground.name(ground.work)))) if ground.work else None
    sums = [ground.name(folder / "go.sum") for folder in ground.folders]
    sums += [ground.name(ground.work.with_name("go.work.sum"))] if ground.work else []
    texts = tuple((name, text_of(_data(ground.copied(name)))) for name in sums)
    return Observed(files, work, texts, frozenset(_missing(ground, files, work)), ground.version)


def _text(file: Path) -> str:
    return _data(file).decode(errors="replace")


def _data(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _missing(ground: Ground, files: Sequence[GoFile], work: GoFile | None) -> Iterator[tuple[str, str]]:
    """Directories of replace and use directives without a go.mod, looked for where they really are."""
    for file in (*files, *([work] if work else [])):
        above = (ground.root / file.file).parent
        for _, words in directives(file.text):
            leads = (words[:1] == ["replace"] and is_directory(words[-1])) or words[:1] == ["use"]
            if leads and not (above / words[-1] / "go.mod").is_file():
                yield file.file, words[-1]


def _patterns(ground: Ground) -> list[str]:
    """Every package of every main module."""
    if not ground.work:
        return ["./..."]
    names = [ground.name(folder) for folder in ground.folders]
    return ["./..." if name == "." else f"{name if name.startswith('.') else f'./{name}'}/..." for name in names]


def _vendored_flags(ground: Ground) -> str:
    return ground.go.settings["GOFLAGS"].replace("-mod=readonly", "-mod=vendor")


def _required(seen: Observed) -> list[str]:
    """Modules that a main module names and that no directory stands for."""
    replaced = {one.path for _, one in seen.overrides("replace") if is_directory(one.target)}
    mains = {file.module for file in seen.files}
    return sorted({path for file in seen.files for path in file.requires} - replaced - mains)


def _upstream(ground: Ground, paths: Sequence[str]) -> Answer:
    out, complaint = [], []
    for at in range(0, len(paths), ASKED_AT_ONCE):
        some = paths[at : at + ASKED_AT_ONCE]
        said = ground.run(ground.base, *_UPSTREAM, *some, limit_s=UPSTREAM_S)
        out.append(said.out)
        complaint.append(said.complaint)
    return Answer(0, "".join(out), "".join(complaint))


def _allowed(ground: Ground, seen: Observed) -> dict[str, tuple[str, ...]]:
    """Versions of modules in use of which one is retracted: those that are not."""
    paths = [one.path for one in seen.upstream.values() if one.retracted]
    if not paths:
        return {}
    said = ground.run(ground.base, "list", "-m", "-e", "-versions", "-json", *paths)
    return {one.path: one.versions for one in parse_modules(said.out)}


def _without_excludes(ground: Ground, seen: Observed) -> Answer:
    """Ask for the graph as it is without exclude directives."""
    if not any(seen.overrides("exclude")):
        return Answer()
    with ground.another() as other:
        for file, one in seen.overrides("exclude"):
            place = other.copied(file.file)
            other.go.run(place.parent, "mod", "edit", f"-dropexclude={one.old}")
        return other.run(other.base, "mod", "graph")


def _cached(ground: Ground, seen: Observed, verified: Answer) -> Iterator[Cached]:
    """Look in the cache at what go.sum names; hash what differs or was changed, and have it anew."""
    changed: dict[tuple[str, str], list[str]] = {}
    for path, version, what, place in _CHANGED.findall(verified.out + verified.complaint):
        changed.setdefault((path, version), []).append(f"{what} ({place})")
    lines: dict[tuple[str, str], list[Sum]] = {}
    for line in seen.all_sums:
        lines.setdefault((line.path, line.version), []).append(line)
    for key in dict.fromkeys([*lines, *changed]):
        path, version = key
        kept = Kept(ground.cache, f"{escaped(path)}/@v/{escaped(version)}")
        gomod = mod_h1(kept.gomod) if kept.gomod else ""
        one = Cached(path, version, kept.noted, "", gomod, tuple(changed.get(key, ())))
        if one.changed or any(_differs(line, one) for line in lines.get(key, ())):
            found = kept.of_zip(partial(zip_h1, module=path, version=version))
            yield replace(one, zip=found, fresh=download_anew(ground, path, version))


def _differs(line: Sum, one: Cached) -> bool:
    have = one.gomod if line.of_gomod else one.noted
    return bool(have) and have != line.hash


def _vendor(ground: Ground, check: Answer) -> Vendored:
    """Have go make vendor anew beside it, and compare."""
    with TemporaryDirectory(prefix="remotego-vendor-") as room:
        made = Path(room) / "vendor"
        said = ground.run(ground.base, "work" if ground.work else "mod", "vendor", "-o", str(made))
        return Vendored(check, said, tuple(differences(made, ground.vendor)) if said.ok else None)
