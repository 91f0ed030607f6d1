"""Explaining a workspace as it lies on the disk, some of its files unfit to read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from remotego.ops.explaining import UNREAD, describe_finding, explain_workspace, inert_notes

INERT = '{"go.goroot": "/opt/go"}'


def put(folder: Path, **files: str) -> None:
    """Write files of .vscode."""
    (folder / ".vscode").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f".vscode/{name}.json").write_text(text)


def found(folder: Path) -> list[tuple[str, str, int]]:
    """Rules, files and lines of what is found."""
    return [(one.rule, str(Path(one.file).relative_to(folder)), one.line) for one in explain_workspace(str(folder))]


def make_loop(path: Path) -> None:
    """Make a link that leads to itself."""
    path.symlink_to(path.name)


def make_utf16(path: Path) -> None:
    """Make a file as some editors of Windows save it."""
    path.write_bytes('{"settings": {}}'.encode("utf-16"))


def make_way_out(path: Path) -> None:
    """Make a link that leads out of the workspace."""
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("make", [make_loop, os.mkfifo, make_utf16, Path.mkdir, make_way_out])
def test_a_file_that_cannot_be_read_hides_no_other(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """It is a finding itself."""
    put(tmp_path, settings=INERT)
    make(tmp_path / "x.code-workspace")
    assert [("go-goroot", ".vscode/settings.json", 1), (UNREAD, "x.code-workspace", 1)] == found(tmp_path)


def test_a_broken_file_is_a_finding_at_its_place(tmp_path: Path) -> None:
    """The others are looked at all the same."""
    put(tmp_path, launch='{\n "a": 1\n "b": 2}', settings=INERT)
    assert [(UNREAD, ".vscode/launch.json", 3), ("go-goroot", ".vscode/settings.json", 1)] == found(tmp_path)


def test_what_to_do_with_a_broken_file_is_said(tmp_path: Path) -> None:
    """Nobody has tried to write."""
    put(tmp_path, launch="{\n")
    (one,) = explain_workspace(str(tmp_path))
    place = f"{tmp_path}/.vscode/launch.json:2:1"
    why = "not JSON with comments: Expecting property name enclosed in double quotes"
    expected = [
        f"{place}: this file cannot be read, and nothing in it was looked at: {why}",
        "  try: correct that place in an editor, and run the command again",
    ]
    assert expected == describe_finding(one)


def test_notes_leave_broken_files_to_who_needs_them(tmp_path: Path) -> None:
    """What is inert in the others is told."""
    put(tmp_path, launch="{", settings=INERT)
    assert [True, False] == ["go.goroot" in line for line in inert_notes(str(tmp_path))]


def test_every_container_of_a_workspace_is_read(tmp_path: Path) -> None:
    """There may be several, each in a folder of its own."""
    text = '{"remoteEnv": {"PATH": "/opt/go/bin:${env:PATH}"}}'
    for name in ("", "go", "web"):
        (tmp_path / ".devcontainer" / name).mkdir(exist_ok=True, parents=True)
        (tmp_path / ".devcontainer" / name / "devcontainer.json").write_text(text)
    (tmp_path / ".devcontainer/empty").mkdir()
    (tmp_path / ".devcontainer/notes.txt").write_text("")
    places = [
        ".devcontainer/devcontainer.json",
        ".devcontainer/go/devcontainer.json",
        ".devcontainer/web/devcontainer.json",
    ]
    assert [("container-env-of-vscode", place, 1) for place in places] == found(tmp_path)


def test_a_container_whose_link_leads_in_a_circle_is_found(tmp_path: Path) -> None:
    """It is there, and cannot be read."""
    (tmp_path / ".devcontainer/go").mkdir(parents=True)
    make_loop(tmp_path / ".devcontainer/go/devcontainer.json")
    assert [(UNREAD, ".devcontainer/go/devcontainer.json", 1)] == found(tmp_path)
