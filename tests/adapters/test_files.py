"""Reading and writing files of a workspace."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from remotego.adapters import files
from remotego.adapters.files import (
    ChangedFileError,
    UnfitFileError,
    UnwritableFileError,
    read_file,
    replace_file,
    schema,
)


def refusal(path: Path, within: Path) -> str:
    """Read what must not be read and give the reason."""
    with pytest.raises(UnfitFileError) as caught:
        read_file(path, within=within)
    return caught.value.reason


def test_bytes_come_back_as_they_were(tmp_path: Path) -> None:
    """Line ends and the byte order mark survive reading and writing."""
    path = tmp_path / "launch.json"
    path.write_bytes(data := b'\xef\xbb\xbf{\r\n "a": "\xc3\xa9"\n}\r')
    original = read_file(path, within=tmp_path)
    replace_file(original, str(original.text))
    assert data == path.read_bytes()


def test_a_missing_file_has_no_text(tmp_path: Path) -> None:
    """No file is not the same as an empty one."""
    assert None is read_file(tmp_path / ".vscode" / "launch.json", within=tmp_path).text


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    """The first launch.json of a workspace makes .vscode."""
    path = tmp_path / ".vscode" / "launch.json"
    replace_file(read_file(path, within=tmp_path), "{}")
    assert "{}" == path.read_text()


def test_permissions_stay(tmp_path: Path) -> None:
    """A private file stays private."""
    path = tmp_path / "launch.json"
    path.write_text("{}")
    path.chmod(0o640)
    replace_file(read_file(path, within=tmp_path), "[]")
    assert 0o640 == stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    """The user's umask decides, not the temporary file's mode."""
    (tmp_path / "other").touch()
    replace_file(read_file(tmp_path / "launch.json", within=tmp_path), "{}")
    assert (tmp_path / "other").stat().st_mode == (tmp_path / "launch.json").stat().st_mode


def test_a_link_inside_the_workspace_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is written."""
    (tmp_path / "real.json").write_text("{}")
    link = tmp_path / "launch.json"
    link.symlink_to("real.json")
    replace_file(read_file(link, within=tmp_path), "[]")
    assert (True, "[]") == (link.is_symlink(), (tmp_path / "real.json").read_text())


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_link_out_of_the_workspace_is_refused(tmp_path: Path, kind: str) -> None:
    """A poisoned workspace cannot make us write elsewhere."""
    home, workspace = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    workspace.mkdir()
    (home / "launch.json").write_text("{}")
    if kind == "file":
        (workspace / ".vscode").mkdir()
        (workspace / ".vscode" / "launch.json").symlink_to(home / "launch.json")
    else:
        (workspace / ".vscode").symlink_to(home)
    reason = refusal(workspace / ".vscode" / "launch.json", workspace)
    assert f"a link leads out of the workspace, to {home.resolve()}/launch.json" == reason


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    """Links that lead in a circle end nowhere."""
    (tmp_path / "launch.json").symlink_to("launch.json")
    assert "its links lead in a circle" == refusal(tmp_path / "launch.json", tmp_path)


def test_a_workspace_behind_a_link_is_one_like_others(tmp_path: Path) -> None:
    """The link that leads to the workspace is not one that leads out of it."""
    (tmp_path / "real").mkdir()
    (tmp_path / "work").symlink_to("real")
    replace_file(read_file(tmp_path / "work" / "a.json", within=tmp_path / "work"), "{}")
    assert "{}" == (tmp_path / "real" / "a.json").read_text()


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    """Opening a FIFO nobody writes to would hang for ever."""
    os.mkfifo(tmp_path / "launch.json")
    assert "it is not a regular file" == refusal(tmp_path / "launch.json", tmp_path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder of that name is not ours to replace."""
    (tmp_path / "launch.json").mkdir()
    assert "it is not a regular file" == refusal(tmp_path / "launch.json", tmp_path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("{}".encode("utf-16"), "line 1 is not UTF-8 but UTF-16"),
        ("{}".encode("utf-16-be"), "line 1 has a NUL byte (byte 0)"),
        ("{}".encode("utf-32"), "line 1 is not UTF-8 but UTF-16"),
        ('{\n "a": "é"}'.encode("latin-1"), "line 2 is not UTF-8 (byte 9)"),
        (b'{"a": "\xed\xa0\x80"}', "line 1 is not UTF-8 (byte 7)"),
        (b"{}\r\r\n\x00", "line 3 has a NUL byte (byte 5)"),
    ],
)
def test_text_in_another_encoding_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    """What some editors and shells write is named with its line, and left alone."""
    (tmp_path / "launch.json").write_bytes(data)
    assert reason == refusal(tmp_path / "launch.json", tmp_path)


def test_a_file_marked_read_only_is_not_replaced(tmp_path: Path) -> None:
    """Who took the right to write from a file meant it, even where the folder would let us."""
    path = tmp_path / "launch.json"
    path.write_text("{}")
    path.chmod(0o444)
    with pytest.raises(UnwritableFileError) as caught:
        replace_file(read_file(path, within=tmp_path), "[]")
    assert ("it is marked read-only", "{}") == (caught.value.reason, path.read_text())


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    """Nobody edited 16 MiB by hand."""
    with (tmp_path / "launch.json").open("wb") as file:
        file.truncate(files.CAP_BYTES + 1)
    assert "it is larger than 16 MiB" == refusal(tmp_path / "launch.json", tmp_path)


@pytest.mark.parametrize("later", ["[1]", None])
def test_a_file_changed_meanwhile_is_left_as_it_is(tmp_path: Path, later: str | None) -> None:
    """An editor that saved between our reading and our writing wins."""
    path = tmp_path / "launch.json"
    path.write_text("{}")
    original = read_file(path, within=tmp_path)
    path.unlink()
    if later:
        path.write_text(later)
    with pytest.raises(ChangedFileError):
        replace_file(original, "[]")
    assert ([later] if later else []) == [entry.read_text() for entry in tmp_path.iterdir()]


def test_a_file_that_appeared_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    """A first launch.json written by VS Code at the same time wins."""
    path = tmp_path / "launch.json"
    original = read_file(path, within=tmp_path)
    path.write_text("theirs")
    with pytest.raises(ChangedFileError):
        replace_file(original, "ours")
    assert "theirs" == path.read_text()


def test_where_nothing_can_be_made_the_reason_is_given(tmp_path: Path) -> None:
    """A file where .vscode should be: nothing is written, nothing is left."""
    original = read_file(tmp_path / ".vscode" / "launch.json", within=tmp_path)
    (tmp_path / ".vscode").write_text("")
    with pytest.raises(UnwritableFileError) as caught:
        replace_file(original, "{}")
    assert ("File exists", [".vscode"]) == (caught.value.reason, [entry.name for entry in tmp_path.iterdir()])


READ_ONLY = """
import os, resource, sys
from pathlib import Path
from remotego.adapters.files import UnwritableFileError, read_file, replace_file
folder, trouble = Path(sys.argv[1]), sys.argv[2]
original = read_file(folder / "launch.json", within=folder)
if trouble == "owner":
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.setuid(65534)
else:
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    replace_file(original, "x" * 5000)
except UnwritableFileError as error:
    print(error.reason)
"""


@pytest.mark.parametrize(("trouble", "reason"), [("owner", "Permission denied"), ("size", "File too large")])
def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, trouble: str, reason: str) -> None:
    """A read-only folder, or a limit met in the middle of writing: the old content stays, nothing else."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    (tmp_path / "launch.json").write_text("{}")
    command = [sys.executable, "-c", READ_ONLY, str(tmp_path), trouble]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert (reason, "{}", ["launch.json"]) == (
        said.strip(),
        (tmp_path / "launch.json").read_text(),
        [entry.name for entry in tmp_path.iterdir()],
    )


def test_a_schema_is_found_by_its_name() -> None:
    """The schemas travel with the package."""
    assert "remotego.toml" == schema("remotego")["title"]


def test_an_unknown_schema_is_an_error() -> None:
    """A schema that does not exist is not an empty one."""
    with pytest.raises(UnfitFileError):
        schema("no-such")
