"""Requirements: versions that others force up, and several majors of one module in a build."""

from __future__ import annotations

from collections.abc import Iterator

from remotego.modgraph.edits import go, then_tidy
from remotego.modgraph.finding import Finding
from remotego.modgraph.graph import Node, write_chain
from remotego.modgraph.modfiles import GoFile
from remotego.modgraph.observed import Observed
from remotego.modgraph.versions import family, is_higher


def judge_requirements(seen: Observed) -> Iterator[Finding]:
    """Tell which requirements of main modules are lower than what is selected, and which edge forces that."""
    for file in seen.files:
        for path, version in file.requires.items():
            selected = seen.graph.selected.get(path, "")
            if selected and is_higher(path, selected, version):
                yield _forced(seen, file, Node(path, version), selected)


def _forced(seen: Observed, file: GoFile, wanted: Node, selected: str) -> Finding:
    node = Node(wanted.path, selected)
    by = [one for one in seen.graph.demanders(node) if one != Node(file.module)]
    chain = min(((*seen.graph.chain(one), node) for one in by), key=len, default=(node,))
    alone = seen.work is None
    forced = f"{chain[-2]} requires it ({write_chain(chain)})" if len(chain) > 1 else "go selects it"
    return Finding(
        "forced-upgrade" if alone else "workspace-upgrade",
        wanted.path if alone else f"{file.module}: {wanted.path}",
        f"{file.module} requires {wanted}, and {selected} is selected: {forced}",
        f"require {node}"
        + ("" if alone else f" in {file.file} too, if it shall be built like that alone (`go work sync`)"),
        file.place("require", wanted.path),
        tuple(map(str, chain)),
        (go("get", str(node), folder=file.folder), then_tidy(folder=file.folder)) if alone else (),
    )


def judge_majors(seen: Observed) -> Iterator[Finding]:
    """Tell of which modules the packages of a build come from several major versions."""
    used = {one.module for one in seen.packages if one.module}
    families: dict[str, list[str]] = {}
    for path in sorted(used):
        families.setdefault(family(path), []).append(path)
    for name, paths in families.items():
        if len(paths) < 2:
            continue
        nodes = [Node(path, seen.graph.selected.get(path, "")) for path in paths]
        chains = [write_chain(seen.graph.chain(node)) for node in nodes]
        yield Finding(
            "several-majors",
            name,
            f"{' and '.join(paths)} are in the build: {'; '.join(filter(None, chains))}",
            "nothing breaks by itself; have the older one's users move on if types or state are to be shared",
            seen.place_of(
                next((path for path in paths if any(path in file.requires for file in seen.files)), paths[0])
            ),
            tuple(map(str, seen.graph.chain(nodes[0]))),
        )
