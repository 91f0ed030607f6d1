"""Surveying the folder VS Code has open."""

from pathlib import Path

import pytest

from remotego.adapters import workspace
from remotego.adapters.workspace import survey_workspace
from remotego.core.modfile import parse_modfile
from remotego.core.workspace import Module, Workspace


def plant(root: Path, *names: str) -> None:
    """Create empty files, and go.mod files that name a module after their folder."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"module example.com/{path.parent.name}\n" if path.name == "go.mod" else "")


def test_go_files_and_modules_are_found(tmp_path: Path) -> None:
    """Files are relative, modules have their folders; vendored, hidden and test data stay out."""
    root = tmp_path / "svc"
    plant(root, "go.mod", "main.go", "api/v1/api.go", "tools/go.mod", "tools/gen.go", "readme.md")
    plant(root, "vendor/x/x.go", ".cache/y.go", "api/testdata/z.go", "_old/o.go", "node_modules/go/n.go")
    modules = (Module(str(root), "example.com/svc"), Module(str(root / "tools"), "example.com/tools"))
    assert Workspace(str(root), modules, ("main.go", "api/v1/api.go", "tools/gen.go")) == survey_workspace(root)


def test_the_module_around_a_folder_is_found(tmp_path: Path) -> None:
    """With a package's folder open, its module is further up."""
    plant(tmp_path / "svc", "go.mod", "cmd/app/main.go")
    found = survey_workspace(tmp_path / "svc" / "cmd" / "app")
    assert (Module(str(tmp_path / "svc"), "example.com/svc"),) == found.modules


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link to the folder above would make an endless tree."""
    plant(tmp_path, "main.go")
    (tmp_path / "again").symlink_to(tmp_path)
    assert ("main.go",) == survey_workspace(tmp_path).files


@pytest.mark.parametrize("cap", ["CAP_FILES", "CAP_FOLDERS"])
def test_a_huge_tree_is_cut_off_and_says_so(tmp_path: Path, cap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The survey ends, and nobody takes it for complete."""
    monkeypatch.setattr(workspace, cap, 2)
    plant(tmp_path, *(f"p{number}/f.go" for number in range(5)))
    found = survey_workspace(tmp_path)
    assert (False, True) == (found.complete, len(found.files) <= 2)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("module example.com/svc\n\ngo 1.27\n", "example.com/svc"),
        ("// Deprecated: no\r\nmodule svc // here\r\n", "svc"),
        ('module "example.com/quoted"', "example.com/quoted"),
        ("module `example.com/raw`", "example.com/raw"),
        ("  module\texample.com/tab", "example.com/tab"),
        ("// module example.com/no\ngo 1.27", None),
        ("modules example.com/no", None),
        ("", None),
    ],
)
def test_the_module_line_of_a_go_mod(text: str, path: str | None) -> None:
    """All spellings cmd/go takes for the one line that matters here."""
    assert path == parse_modfile(text).module


def test_modules_that_go_work_uses_elsewhere_are_found(tmp_path: Path) -> None:
    """With one module open, those beside it are part of the build."""
    plant(tmp_path, "svc/go.mod", "svc/main.go", "lib/go.mod", "lib/lib.go", "other/go.mod", "other/other.go")
    (tmp_path / "go.work").write_text("use (\n\t./svc\n\t./lib\n)\n")
    found = survey_workspace(tmp_path / "svc")
    beside = Module(str(tmp_path / "lib"), "example.com/lib")
    assert (beside, (str(tmp_path / "lib" / "lib.go"),)) == (found.modules[-1], found.around)


def test_a_directory_that_replaces_a_module_is_found(tmp_path: Path) -> None:
    """Relative to the go.mod that says so; one that is not there is passed over."""
    plant(tmp_path, "svc/main.go", "lib/go.mod", "lib/lib.go")
    lines = ("module svc", "replace example.com/lib => ../lib", "replace example.com/gone => ../gone")
    (tmp_path / "svc" / "go.mod").write_text("\n".join(lines))
    found = survey_workspace(tmp_path / "svc")
    assert [str(tmp_path / "svc"), str(tmp_path / "lib")] == [module.directory for module in found.modules]


def test_vendored_modules_are_told_by_their_list(tmp_path: Path) -> None:
    """A directory that is only called vendor is none."""
    plant(tmp_path, "go.mod", "vendor/modules.txt", "tools/go.mod", "tools/vendor/x.go")
    assert (str(tmp_path / "vendor"),) == survey_workspace(tmp_path).vendors


def test_what_a_module_requires_is_known(tmp_path: Path) -> None:
    """Bazel names its repositories after these."""
    (tmp_path / "go.mod").write_text("module svc\nrequire example.com/x v1.0.0\n")
    assert (("example.com/x", "v1.0.0"),) == survey_workspace(tmp_path).modules[0].requires


def test_c_files_are_listed_apart(tmp_path: Path) -> None:
    """They are no Go files, and cgo compiles them."""
    plant(tmp_path, "main.go", "native/x.c", "native/x.h", "native/x.py")
    found = survey_workspace(tmp_path)
    assert (("main.go",), ("native/x.c", "native/x.h")) == (found.files, found.native)


def test_bazels_copies_are_found_by_its_link(tmp_path: Path) -> None:
    """The link bears the name of the workspace's directory, and is not followed otherwise."""
    root = tmp_path / "svc"
    plant(root, "main.go")
    plant(tmp_path / "out", "external/x/x.go")
    (root / "bazel-svc").symlink_to(tmp_path / "out")
    found = survey_workspace(root)
    assert (("main.go",), str(root / "bazel-svc" / "external")) == (found.files, found.external)
