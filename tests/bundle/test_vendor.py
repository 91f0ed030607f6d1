"""Looking at vendor directories that a real go has made."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from remotego.core.progress import Silence
from remotego.golang.vendoring import Drift, parse_modules_txt
from remotego.ops.vendor import VendoringError, VendorLook, look_at_vendor
from tests.bundle.site import MIXED, PUBLIC, lay_out, online, settings
from tests.golang.checksums import Server
from tests.golang.specimens import go
from tests.host.programs import listing

Look = Callable[[], VendorLook]


@pytest.fixture
def folder(server: Server, workspace: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the workspace, on a machine that reaches the proxy."""
    copy = lay_out(tmp_path / "svc", {path.name: path.read_text() for path in workspace.iterdir()})
    with online(server, tmp_path):
        yield copy


@pytest.fixture
def look(folder: Path) -> Look:
    """Look at it."""
    return lambda: look_at_vendor(settings(folder), Silence())


def vendored(folder: Path) -> Path:
    """Vendor as a developer does."""
    go("mod", "vendor", cwd=folder)
    return folder / "vendor"


def test_what_go_has_vendored_is_whole(folder: Path, look: Look) -> None:
    """Three modules, one package each."""
    vendored(folder)
    found = look()
    assert (True, (), 3, 3) == (found.there, found.drift, len(found.vendored.modules), found.vendored.packages)


@pytest.mark.parametrize("how", ["changed", "added", "missing"])
def test_drift_is_named_with_its_module(folder: Path, look: Look, how: str) -> None:
    """go builds from it without a word."""
    vendor = vendored(folder)
    file = vendor / PUBLIC / ("more.go" if how == "added" else "public.go")
    match how:
        case "changed":
            file.write_text(file.read_text() + "// evil\n")
        case "added":
            file.write_text("package public\n")
        case _:
            file.unlink()
    assert (Drift(f"{PUBLIC}/{file.name}", f"{PUBLIC}@v1.1.0", how),) == look().drift


def test_a_link_is_drift(folder: Path, look: Look, tmp_path: Path) -> None:
    """To the very same bytes, elsewhere."""
    file = vendored(folder) / PUBLIC / "public.go"
    file.rename(tmp_path / "elsewhere.go")
    file.symlink_to(tmp_path / "elsewhere.go")
    assert ["changed"] == [one.what for one in look().drift]


def test_without_a_vendor_directory_it_says_what_one_would_have(folder: Path, look: Look) -> None:
    """And writes none."""
    before = listing(folder)
    found = look()
    assert (False, 3, before) == (found.there, len(found.vendored.modules), listing(folder))


def test_modules_that_are_left_out_are_named(folder: Path, look: Look) -> None:
    """One that nobody imports any more, and go.sum still names."""
    (folder / "main_test.go").unlink()
    vendored(folder)
    found = look()
    assert (f"{MIXED}@v1.0.0",) == found.left_out


SEVERAL = {
    "team.work": "go 1.24\n\nuse ./a\nuse ./b\n",
    "a/go.mod": f"module example.com/a\n\ngo 1.24\n\nrequire {PUBLIC} v1.0.0\n",
    "a/a.go": f'package a\n\nimport _ "{PUBLIC}"\n',
    "b/go.mod": f"module example.com/b\n\ngo 1.24\n\nrequire {MIXED} v1.1.0\n",
    "b/b.go": f'package b\n\nimport _ "{MIXED}"\n',
}


def test_a_work_file_that_gowork_names_counts(server: Server, tmp_path: Path) -> None:
    """All of its modules are looked at from within one; it gets no sums beside it, for go works in a copy."""
    folder = lay_out(tmp_path / "work", SEVERAL)
    before = listing(folder)
    with online(server, tmp_path) as patch:
        patch.setenv("GOWORK", str(folder / "team.work"))
        found = look_at_vendor(settings(folder / "a"), Silence())
    modules = {f"{PUBLIC}@v1.0.0", f"{MIXED}@v1.1.0"}
    assert (folder / "vendor", modules, before) == (found.vendor, found.vendored.modules.keys(), listing(folder))


def test_the_verb_ends_with_6_where_it_drifts(folder: Path) -> None:
    """As everything that is not what was published."""
    (vendored(folder) / PUBLIC / "public.go").write_text("package public\n")
    words = [sys.executable, "-m", "remotego", "mod.vendor", "--workspace", str(folder)]
    done = subprocess.run(words, env=os.environ, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert (6, True) == (done.returncode, f"vendor/{PUBLIC}/public.go of {PUBLIC}@v1.1.0" in done.stdout), done


def test_a_line_break_in_a_name_makes_no_line(folder: Path) -> None:
    """Nobody can have a line of ours printed by naming a file so."""
    (vendored(folder) / PUBLIC / "x\nwhole  all is well").touch()
    words = [sys.executable, "-m", "remotego", "mod.vendor", "--workspace", str(folder)]
    done = subprocess.run(words, env=os.environ, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert (6, True) == (done.returncode, f"vendor/{PUBLIC}/x whole all is well of" in done.stdout), done


def test_a_broken_go_work_is_what_has_to_be_put_right(server: Server, tmp_path: Path) -> None:
    """go mod tidy would not."""
    folder = lay_out(tmp_path / "work", {**SEVERAL, "go.work": "go 1.24\n\nuse ./a\nuse ./gone\n"})
    with online(server, tmp_path), pytest.raises(VendoringError) as refused:
        look_at_vendor(settings(folder), Silence())
    assert (True, True) == ("`go work vendor`" in str(refused.value), "go.work right" in refused.value.advice)


def test_a_list_of_modules() -> None:
    """Replacements, annotations and modules without packages."""
    text = (
        "## workspace\n# a.com/x v1.0.0 => b.com/y v1.2.0\n## explicit; go 1.21\na.com/x\na.com/x/z\n"
        "# c.com/w v1.0.0\n# a.com/x => ./x\n"
    )
    found = parse_modules_txt(text)
    assert ({"a.com/x@v1.0.0": ("a.com/x", "a.com/x/z")}, "a.com/x@v1.0.0", "") == (
        found.modules,
        found.module_of("a.com/x/z/z.go"),
        found.module_of("modules.txt"),
    )
