"""The dlv that an editor on the developer's own machine looks for."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from remotego.adapters.localtools import LocalDlv, UninstallableError, ask_dlv, install
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.delve.versions import NEWEST
from remotego.ops.local_dlv import Tool, provide


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a dlv; the directory that its PATH consists of."""
    path = tmp_path / "path"
    path.mkdir()
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return path


def test_one_that_is_there_is_left_alone(bare: Path, dlv: str) -> None:
    """Editors find it by themselves."""
    shutil.copy(dlv, bare / "dlv")
    assert Tool(str(bare / "dlv"), NEWEST.version, "found") == provide(Settings(), Silence(), dry=False)


def test_an_old_one_does_not_do(bare: Path) -> None:
    """A version that the extension would complain about."""
    (bare / "dlv").write_text("#!/bin/sh\necho 'Delve Debugger'; echo 'Version: 1.20.0'\n")
    (bare / "dlv").chmod(0o755)
    found = provide(Settings(), Silence(), dry=True)
    assert isinstance(found, Tool)
    assert "planned" == found.status


def test_one_is_built_and_kept(bare: Path, dlv: str) -> None:
    """It answers at a place that stays the same; the second time there is nothing to do."""
    place = bare.parent / "data" / "remotego" / "bin" / "dlv"
    seen = [provide(Settings(), Silence(), dry=True), place.exists()]
    seen += [provide(Settings(), Silence(), dry=False), provide(Settings(), Silence(), dry=False)]
    made = [Tool(str(place), NEWEST.version, status) for status in ("planned", "built", "nothing to do")]
    assert [made[0], False, *made[1:], LocalDlv(place, NEWEST.version)] == [*seen, ask_dlv(place)]


def test_without_a_toolchain_it_is_said(bare: Path, tmp_path: Path) -> None:
    """The rest can be written all the same."""
    said = provide(Settings(go=str(tmp_path / "no-go")), Silence(), dry=False)
    assert "the Go extension wants a dlv on this machine" in str(said)


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """With its name."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UninstallableError):
        install(tmp_path / "file", tmp_path / "file" / "bin" / "dlv")


@pytest.mark.parametrize("named", ["/nonexistent/dlv", "${env:DLV}", ["x"]])
def test_one_that_settings_name_and_that_does_not_run_is_said(bare: Path, named: Any) -> None:
    """F5 would fail by it; ours is not used as long as it is named."""
    said = provide(Settings(), Silence(), named=named, dry=False)
    assert f"settings.json names {named} in go.alternateTools" == str(said).partition(",")[0]


def test_one_that_settings_name_and_that_runs_is_left_alone(bare: Path, dlv: str) -> None:
    """It is the user's choice."""
    shutil.copy(dlv, bare / "mine")
    assert Tool(str(bare / "mine"), NEWEST.version, "found") == provide(
        Settings(), Silence(), named=str(bare / "mine"), dry=False
    )
