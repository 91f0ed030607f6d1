"""Surveying the folder VS Code has open."""

from pathlib import Path

import pytest

from remotego.adapters import workspace
from remotego.adapters.workspace import survey_workspace
from remotego.core.workspace import Module, Workspace, parse_module_path


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
    assert path == parse_module_path(text)
