"""Exclude and replace directives: what they lower, and where they lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from remotego.core.modfile import directives
from remotego.core.terminal import inert
from remotego.modgraph.edits import Edit, GoStep, go, then_tidy
from remotego.modgraph.finding import Finding
from remotego.modgraph.graph import Node, parse_graph, write_chain
from remotego.modgraph.modfiles import GoFile, Override
from remotego.modgraph.observed import Observed
from remotego.modgraph.versions import is_higher, rank

SPARED = 3
"""How many higher versions are tried in the place of an excluded one."""


def judge_excludes(seen: Observed) -> Iterator[Finding]:
    """Compare what is selected with what would be without exclude directives."""
    if seen.unexcluded is None:
        return
    if not seen.unexcluded.ok:
        file, first = next(seen.overrides("exclude"))
        said = "what is excluded cannot be compared with what is required: " + _short(seen.unexcluded.complaint)
        yield Finding("not-known", f"exclude {first.old}", said, "look again where the modules can be had", first.place)
        return
    whole = parse_graph(seen.unexcluded.out)
    for file, one in seen.overrides("exclude"):
        node = Node(one.path, one.version)
        selected = seen.graph.selected.get(one.path, "")
        by = [by for by in whole.demanders(node) if by.version]
        if by and (not selected or is_higher(one.path, one.version, selected)):
            chain = min(((*whole.chain(each), node) for each in by), key=len)
            yield Finding(
                "excluded-version",
                one.path,
                f"{chain[-2]} requires {node}, which is excluded; the build has "
                f"{selected or 'none'} instead ({write_chain(chain)})",
                f"require a higher version of {one.path} that is not excluded, or take the exclude directive out",
                one.place,
                tuple(map(str, chain)),
                (*_higher(seen, file, one), _without(file, one)),
            )


def _higher(seen: Observed, file: GoFile, one: Override) -> Iterator[Edit]:
    excluded = {other.version for _, other in seen.overrides("exclude") if other.path == one.path}
    known = seen.upstream.get(one.path)
    versions = [each for each in (known.versions if known else ()) if is_higher(one.path, each, one.version)]
    for version in sorted(set(versions) - excluded, key=lambda each: rank(one.path, each))[:SPARED]:
        yield go("get", f"{one.path}@{version}", folder=file.folder)


def _without(file: GoFile, one: Override) -> Edit:
    return then_tidy(GoStep(("mod", "edit", f"-dropexclude={one.old}"), file.folder), folder=file.folder)


def judge_replaces(seen: Observed) -> Iterator[Finding]:
    """Tell which replace and use directives lead nowhere, lower a version, or do nothing."""
    yield from _uses(seen)
    for file, one in seen.overrides("replace"):
        if (file.file, one.target) in seen.missing:
            yield _broken(file, one)
        elif seen.graph_answer.ok:
            yield from _effect(seen, file, one)


def _uses(seen: Observed) -> Iterator[Finding]:
    for _, words in directives(seen.work.text) if seen.work else ():
        if words[:1] == ["use"] and seen.work and (seen.work.file, words[-1]) in seen.missing:
            yield Finding(
                "replace-broken",
                words[-1],
                f"{seen.work.file} uses {words[-1]}, which has no go.mod",
                "correct the directory, or take the directive out",
                seen.work.place("use", words[-1]),
                candidates=(go("work", "edit", f"-dropuse={words[-1]}", folder=seen.work.folder),),
            )


def _broken(file: GoFile, one: Override) -> Finding:
    return Finding(
        "replace-broken",
        one.path,
        f"{one.old} is replaced by {one.target}, which has no go.mod",
        "correct the directory, or take the directive out",
        one.place,
        candidates=(_dropped(file, one),),
    )


def _dropped(file: GoFile, one: Override) -> Edit:
    if file.file.endswith("go.work"):
        return go("work", "edit", f"-dropreplace={one.old}", folder=file.folder)
    return then_tidy(GoStep(("mod", "edit", f"-dropreplace={one.old}"), file.folder), folder=file.folder)


def _effect(seen: Observed, file: GoFile, one: Override) -> Iterator[Finding]:
    selected = seen.graph.selected.get(one.path, "")
    if not selected or (one.version and Node(one.path, one.version) not in seen.graph.nodes):
        said = f"{one.old} is replaced, and is not in the build"
        edits = (_dropped(file, one),)
        yield Finding("replace-unused", one.path, said, "take the directive out", one.place, candidates=edits)
        return
    stands = not one.version or one.version == selected
    if stands and one.target == one.path and is_higher(one.path, selected, one.target_version):
        yield _older(seen, file, one, selected)


def _older(seen: Observed, file: GoFile, one: Override, selected: str) -> Finding:
    node = Node(one.path, selected)
    by = seen.graph.demanders(node)
    others = [each for each in by if each.version] or by
    chain = min(((*seen.graph.chain(each), node) for each in others), key=len, default=(node,))
    who = chain[-2] if len(chain) > 1 else file.module
    return Finding(
        "replaced-older",
        one.path,
        f"{who} requires {node}, and {one.target_version} is built instead ({write_chain(chain)})",
        f"take the directive out, or have it lead to {selected} or higher",
        one.place,
        tuple(map(str, chain)),
        (_dropped(file, one),),
    )


def _short(complaint: str) -> str:
    return " ".join(inert(complaint).split())[:300]
