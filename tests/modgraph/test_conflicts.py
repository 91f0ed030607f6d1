"""Every kind of conflict made with real go, named with its place and cause, and gone after the proposed edit."""

import json
from pathlib import Path

import pytest

from remotego.core.progress import Silence
from remotego.modgraph.finding import exit_code
from remotego.ops.modules.fixing import fix_modules
from tests.goproxy.scripted import Answer, site
from tests.modgraph.cases import (
    A,
    B,
    Case,
    G,
    N,
    R,
    changed_vendor,
    drifted_vendor,
    excluding,
    high_go_line,
    low_go_line,
    lowered,
    publish,
    replaced_by_nothing,
    replaced_by_older,
    replaced_in_vain,
    retracted,
    torn_sums,
    unknown_package,
    without_sums,
)
from tests.modgraph.lab import MAIN, Lab, diagnose, files, mended, one_of, said, settings_of, written_at
from tests.modgraph.proxy import gomod

DROP = "go mod edit -dropreplace"
CASES: list[tuple[Case, str, str, str, str, str]] = [
    (lowered, "forced-upgrade", A, f"require {A} v1.0.0", f"{B}@v1.0.0 requires it", f"go get {A}@v1.1.0"),
    (low_go_line, "go-raised", MAIN, "go 1.21", f"{G}@v1.0.0 needs 1.25.0", "go mod edit -go=1.25.0"),
    (high_go_line, "toolchain-mismatch", "go.mod", "go 1.99.0", "says go 1.99.0", "go mod edit -go="),
    (excluding, "excluded-version", A, f"exclude {A} v1.1.0", f"{B}@v1.0.0 requires {A}@v1.1.0", f"go get {A}@v1.2.0"),
    (
        replaced_by_older,
        "replaced-older",
        A,
        f"replace {A} => {A} v1.0.0",
        "v1.0.0 is built",
        "go mod edit -dropreplace",
    ),
    (replaced_by_nothing, "replace-broken", A, f"replace {A} => ../nowhere", "no go.mod", DROP),
    (
        replaced_in_vain,
        "replace-unused",
        B,
        f"replace {B} => {B} v1.0.0",
        "not in the build",
        "go mod edit -dropreplace",
    ),
    (retracted, "retracted", R, f"require {R} v1.0.0", "it eats data", f"go get {R}@v1.0.1"),
    (without_sums, "sum-missing", A, f"require {A} v1.0.0", "no hash", "go list -mod=mod"),
    (torn_sums, "sum-malformed", "go.sum:1", "// indirect", "5 fields", "take out of go.sum"),
    (drifted_vendor, "vendor-inconsistent", "vendor", f"require {A} v1.1.0", "is explicitly required", "go mod vendor"),
    (changed_vendor, "vendor-changed", "vendor", "package a", f"{A}/x.go (changed)", "go mod vendor"),
    (unknown_package, "module-missing", A, f'import _ "{A}"', f"package {A}", "go mod tidy"),
]


@pytest.mark.parametrize(("case", "kind", "module", "line", "cause", "edit"), CASES, ids=[case[1] for case in CASES])
def test_a_conflict_is_named_and_its_edit_helps(
    modlab: Lab, case: Case, kind: str, module: str, line: str, cause: str, edit: str
) -> None:
    """It is the only one of its workspace that fails, points at its line, names the cause, and goes with the edit."""
    publish(modlab)
    folder = case(modlab)
    before = files(folder)
    found = diagnose(folder)
    one = one_of(found, kind)
    assert (module, True, True) == (one.module, line in written_at(folder, one), cause in one.evidence), one
    assert one.proposal is not None
    assert one.proposal.edit.written()[0].startswith(edit)
    assert before == files(folder)
    assert (kind, module) not in said(mended(modlab, folder, one))


def test_the_copy_is_not_named(modlab: Lab) -> None:
    """What go says of files in its copy is told of those of the workspace."""
    publish(modlab)
    folder = torn_sums(modlab)
    assert f"{folder}/go.sum:1: wrong number of fields 5" in one_of(diagnose(folder, edits=False), "not-known").evidence


@pytest.mark.parametrize("case", [lowered, low_go_line, replaced_by_older, replaced_in_vain, retracted, changed_vendor])
def test_nothing_else_is_found(modlab: Lab, case: Case) -> None:
    """One fault is one finding."""
    publish(modlab)
    assert 1 == len(said(diagnose(case(modlab), edits=False)))


def test_who_forces_it_is_the_end_of_the_chain(modlab: Lab) -> None:
    """The requirements that lead to the selected version, one by one."""
    publish(modlab)
    found = diagnose(lowered(modlab), edits=False)
    assert (MAIN, f"{B}@v1.0.0", f"{A}@v1.1.0") == one_of(found, "forced-upgrade").chain


def test_a_go_line_that_a_dependency_needs_cannot_be_lowered(modlab: Lab) -> None:
    """Who raised it is named, and no edit is proposed."""
    publish(modlab)
    folder = modlab.workspace("w", gomod(MAIN, f"require {N} v1.0.0", go="1.99.0"), N, tidy=False)
    one = one_of(diagnose(folder), "toolchain-mismatch")
    assert (None, True) == (one.proposal, f"{N}@v1.0.0 says go 1.99.0" in one.evidence)


def test_a_deprecation_is_told_in_its_authors_words(modlab: Lab) -> None:
    """No edit is known that would help."""
    modlab.proxy.publish(A, "v1.0.0", head=f"// Deprecated: use {B}\n")
    one = one_of(diagnose(modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)), "deprecated")
    assert (f"{A} is deprecated: use {B}", None) == (one.evidence, one.proposal)


def test_two_majors_in_one_build_are_a_note(modlab: Lab) -> None:
    """They are different modules, and nothing fails."""
    modlab.proxy.publish(A, "v1.0.0")
    modlab.proxy.publish(f"{A}/v2", "v2.0.0")
    mod = gomod(MAIN, f"require {A} v1.0.0", f"require {A}/v2 v2.0.0")
    one = one_of(diagnose(modlab.workspace("w", mod, A, f"{A}/v2")), "several-majors")
    assert ("note", f"{A} and {A}/v2 are in the build") == (one.level, one.evidence.partition(":")[0])


def test_without_a_proxy_what_is_not_known_is_said(modlab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A retraction that nobody could be asked about is no absence of one; it is told of the module."""
    publish(modlab)
    folder = retracted(modlab)
    modlab.set(monkeypatch, {"GOPROXY": "off"})
    found = diagnose(folder)
    assert [("not-known", R)] == [one.identity for one in found.findings]
    assert found.findings[0].evidence.endswith(" is not known: module lookup disabled by GOPROXY=off")


def test_without_a_proxy_and_a_cache_nothing_is_guessed(modlab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph is not known, which fails as go build would; no edit is proposed."""
    publish(modlab)
    folder = retracted(modlab)
    modlab.set(monkeypatch, {"GOPROXY": "off", "GOMODCACHE": str(modlab.room / "empty")})
    found = diagnose(folder)
    assert (5, {None}) == (exit_code(found.findings), {one.proposal for one in found.findings})
    assert "GOPROXY=off" in one_of(found, "module-unreachable").evidence


def test_without_a_proxy_and_the_zip_of_a_module_it_fails(modlab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph is known from go.mod files alone; a build takes more."""
    publish(modlab)
    folder = retracted(modlab)
    modlab.set(monkeypatch, {"GOMODCACHE": str(modlab.room / "mods")})
    modlab.go(folder, "mod", "graph")
    modlab.set(monkeypatch, {"GOPROXY": "off"})
    found = diagnose(folder, edits=False)
    assert (5, R) == (exit_code(found.findings), one_of(found, "module-unreachable").module)


def test_one_cause_for_many_modules_is_told_once(modlab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the address, which is another one for each module."""
    publish(modlab)
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.2.0", f"require {B} v1.0.0"), A, B)
    with site(lambda _: Answer(403, b"who are you?")) as proxy:
        modlab.set(monkeypatch, {"GOPROXY": proxy.url})
        found = diagnose(folder, edits=False)
    one = one_of(found, "not-known")
    assert (A, f"whether {A}, {B} are retracted or deprecated is not known: 403 Forbidden") == (
        one.module,
        one.evidence,
    )


def test_a_workspace_of_two_modules_says_what_each_gets_of_the_other(modlab: Lab) -> None:
    """What is selected for both is a note about the one that requires less."""
    publish(modlab)
    one = modlab.workspace("one", gomod("example.com/one", f"require {A} v1.0.0"), A)
    two = modlab.workspace("two", gomod("example.com/two", f"require {A} v1.2.0"), A)
    (modlab.room / "go.work").write_text("go 1.21\n\nuse (\n\t./one\n\t./two\n)\n")
    found = diagnose(one)
    assert {("workspace-upgrade", f"example.com/one: {A}")} == said(found)
    assert (modlab.room, True, True) == (found.root, two.is_dir(), not (modlab.room / "go.work.sum").exists())


def test_a_go_work_that_uses_what_is_gone(modlab: Lab) -> None:
    """The directive is named, and taken out."""
    publish(modlab)
    folder = modlab.workspace("one", gomod("example.com/one", f"require {A} v1.0.0"), A)
    (folder / "go.work").write_text("go 1.21\n\nuse .\n\nuse ./gone\n")
    one = one_of(diagnose(folder), "replace-broken")
    assert ("./gone", "use ./gone") == (one.module, written_at(folder, one))
    assert set() == said(mended(modlab, folder, one))


def test_a_go_work_with_a_go_line_too_low(modlab: Lab) -> None:
    """The module that asks for more is named."""
    folder = modlab.workspace("one", gomod("example.com/one", go="1.25.0"))
    (folder / "go.work").write_text("go 1.21\n\nuse .\n")
    one = one_of(diagnose(folder), "go-raised")
    assert ("go.work", "go 1.21") == (one.module, written_at(folder, one))
    assert set() == said(mended(modlab, folder, one))


def healthy(modlab: Lab) -> Path:
    """A module with direct and indirect requirements, a replaced one in a directory, and a vendor directory."""
    publish(modlab)
    (modlab.room / "near").mkdir()
    (modlab.room / "near" / "go.mod").write_text(gomod("example.com/near"))
    (modlab.room / "near" / "x.go").write_text("package near\n")
    mod = gomod(MAIN, f"require {B} v1.0.0", "require example.com/near v0.0.0", "replace example.com/near => ../near")
    folder = modlab.workspace("w", mod, B, "example.com/near")
    modlab.go(folder, "mod", "vendor")
    return folder


def test_a_healthy_module_has_no_finding(modlab: Lab) -> None:
    """Nothing is found where nothing is wrong."""
    assert set() == said(diagnose(healthy(modlab)))


def test_our_own_agent_has_no_finding(modlab: Lab) -> None:
    """A module without dependencies."""
    assert set() == said(diagnose(Path(__file__).parents[2] / "remotego" / "agent"))


def test_a_module_with_the_requirements_of_delve_has_no_finding(modlab: Lab) -> None:
    """Its go.mod of 2026: two blocks of requirements, pseudo-versions, majors, pruned indirect ones."""
    wanted = json.loads((Path(__file__).parent / "delve.json").read_text())
    for one in wanted["modules"]:
        modlab.proxy.publish(one["path"], one["version"], *one["needs"], go=one["go"])
    requires = [f"require {path} {version}" for path, version in wanted["requires"].items()]
    direct = [path for path in wanted["requires"] if path not in wanted["indirect"]]
    folder = modlab.workspace("w", gomod("github.com/go-delve/delve", *requires, go=wanted["go"]), *direct)
    assert set() == said(diagnose(folder))


def test_a_go_work_beside_its_modules_is_not_written(modlab: Lab) -> None:
    """Nor is its go.work.sum, which go writes whatever -mod says; its vendor directory is looked at."""
    publish(modlab)
    (modlab.room / "here").mkdir()
    folder = modlab.workspace("one", gomod("example.com/one", f"require {B} v1.0.0"), B)
    (modlab.room / "here" / "go.work").write_text("go 1.21\n\nuse ../one\n")
    before = files(modlab.room / "here"), files(folder)
    assert set() == said(diagnose(modlab.room / "here"))
    assert before == (files(modlab.room / "here"), files(folder))
    modlab.go(modlab.room / "here", "work", "vendor")
    assert set() == said(diagnose(modlab.room / "here", edits=False))
    (modlab.room / "here" / "vendor" / A / "x.go").write_text("package a\n")
    assert {("vendor-changed", "vendor")} == said(diagnose(modlab.room / "here", edits=False))


def test_line_ends_of_the_user_are_kept_by_a_fix(modlab: Lab) -> None:
    """A go.mod of Windows is read, diagnosed and mended as any other, though go writes line ends of its own."""
    publish(modlab)
    folder = lowered(modlab)
    wanted = (folder / "go.mod").read_bytes().replace(b"v1.0.0", b"v1.1.0", 1).replace(b"\n", b"\r\n")
    (folder / "go.mod").write_bytes((folder / "go.mod").read_bytes().replace(b"\n", b"\r\n"))
    found = diagnose(folder)
    assert ("go.mod", 5) == ((place := one_of(found, "forced-upgrade").place).file, place.line)
    fix_modules(found, settings_of(folder), Silence(), dry=False)
    assert wanted == (folder / "go.mod").read_bytes()
