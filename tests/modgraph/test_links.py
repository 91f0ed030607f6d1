"""Links and odd files in a workspace: go follows links to files, so what they lead to is looked at as go does."""

import os
from pathlib import Path

import pytest

from remotego.adapters.files import UnfitFileError
from remotego.adapters.scratch import UncopiedFileError
from remotego.cli.modview import proposal_lines, rows_of
from remotego.core.progress import Silence
from remotego.ops.modules.fixing import fix_modules
from tests.modgraph.cases import A, lowered, publish
from tests.modgraph.lab import MAIN, Lab, diagnose, files, mended, one_of, said, settings_of
from tests.modgraph.proxy import gomod


def vendored(modlab: Lab) -> Path:
    """A module with a vendor directory."""
    publish(modlab)
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    modlab.go(folder, "mod", "vendor")
    return folder


def test_a_linked_file_in_vendor_is_found(modlab: Lab) -> None:
    """go compiles it; vendoring anew takes it out, and leaves what it leads to."""
    folder, target = vendored(modlab), modlab.room / "z.txt"
    target.write_text("package a\n\nfunc init() { println(1) }\n")
    (folder / "vendor" / A / "zz.go").symlink_to(target)
    one = one_of(found := diagnose(folder), "vendor-changed")
    assert ({one.identity}, True) == (said(found), f"{A}/zz.go (added)" in one.evidence)
    assert (set(), True) == (said(mended(modlab, folder, one)), target.is_file())


def test_a_linked_directory_in_vendor_is_found(modlab: Lab) -> None:
    """Whatever it holds, it is not what go has put there."""
    folder = vendored(modlab)
    (folder / "vendor" / A).rename(modlab.room / "elsewhere")
    (folder / "vendor" / A).symlink_to(modlab.room / "elsewhere")
    assert {("vendor-changed", "vendor")} == said(diagnose(folder))


def test_a_line_break_in_a_name_makes_no_line(modlab: Lab) -> None:
    """Neither of the evidence nor of the place."""
    folder = vendored(modlab)
    (folder / "vendor" / A / "x\nok  all is well").touch()
    found = diagnose(folder)
    rows = [word for one in found.findings for row in rows_of(one, gone=False) for word in row]
    lines = [*rows, *proposal_lines(found.findings)]
    assert ([], True) == ([one for one in lines if "\n" in one], f"vendor/{A}/x ok all is well:1:1" in " ".join(rows))


@pytest.mark.parametrize("odd", ["dangling", "fifo"])
def test_odd_files_in_vendor_of_a_go_work_are_found(modlab: Lab, odd: str) -> None:
    """They are no reason to end with a traceback."""
    publish(modlab)
    modlab.workspace("one", gomod("example.com/one", f"require {A} v1.0.0"), A)
    (modlab.room / "here").mkdir()
    (modlab.room / "here" / "go.work").write_text("go 1.21\n\nuse ../one\n")
    modlab.go(modlab.room / "here", "work", "vendor")
    place = modlab.room / "here" / "vendor" / A / "odd"
    place.symlink_to("nowhere") if odd == "dangling" else os.mkfifo(place)
    one = one_of(diagnose(modlab.room / "here"), "vendor-changed")
    assert f"{A}/odd (added)" in one.evidence


def test_a_file_that_cannot_be_read_is_named(modlab: Lab) -> None:
    """Reading the memory of a process fails for every user."""
    folder = modlab.workspace("w", gomod(MAIN))
    (folder / "y.go").symlink_to("/proc/self/mem")
    with pytest.raises(UncopiedFileError) as refused:
        diagnose(folder)
    assert str(folder / "y.go") == refused.value.path


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "x.go"])
def test_a_linked_file_is_read_as_go_reads_it(modlab: Lab, name: str) -> None:
    """Nothing is missing."""
    publish(modlab)
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    (folder / name).rename(modlab.room / f"real-{name}")
    (folder / name).symlink_to(f"../real-{name}")
    assert set() == said(diagnose(folder))


def test_a_fix_leaves_a_link_that_leads_out_of_the_workspace(modlab: Lab) -> None:
    """It is refused by name, and nothing is written."""
    publish(modlab)
    folder = lowered(modlab)
    (folder / "go.mod").rename(modlab.room / "real.mod")
    (folder / "go.mod").symlink_to("../real.mod")
    before = files(modlab.room / "w")
    with pytest.raises(UnfitFileError, match="leads out of the workspace"):
        fix_modules(diagnose(folder), settings_of(folder), Silence(), dry=False)
    assert (before, True) == (files(modlab.room / "w"), (folder / "go.mod").is_symlink())


def test_a_fix_edits_what_a_link_beside_it_leads_to(modlab: Lab) -> None:
    """The link stays one."""
    publish(modlab)
    folder = lowered(modlab)
    (folder / "go.mod").rename(folder / "real.txt")
    (folder / "go.mod").symlink_to("real.txt")
    fix_modules(diagnose(folder), settings_of(folder), Silence(), dry=False)
    assert (True, True) == ((folder / "go.mod").is_symlink(), f"{A} v1.1.0" in (folder / "real.txt").read_text())
