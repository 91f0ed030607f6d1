"""Which sources of Go are offered for a program built by a certain Go."""

from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go, find_goroot
from remotego.ops.building import Workshop
from tests.golang import specimens


def test_the_goroot_is_that_of_the_go_that_built_the_program(tmp_path: Path) -> None:
    """The same version gives its GOROOT: the lines match what runs."""
    version, goroot = specimens.go("env", "GOVERSION", "GOROOT").split()
    assert goroot == Workshop(go=str(bundled_go()), root=tmp_path).source_folders(version).goroot


def test_no_goroot_is_given_for_another_version(tmp_path: Path) -> None:
    """Lines of another version would be wrong, which is worse than no source."""
    assert None is Workshop(go=str(bundled_go()), root=tmp_path).source_folders("go1.2.3").goroot


def test_the_versions_that_are_here_are_named(tmp_path: Path) -> None:
    """A note about a Go that is not here says which are."""
    version = specimens.go("env", "GOVERSION").strip()
    assert (version,) == Workshop(go=str(bundled_go()), root=tmp_path).source_folders("go1.2.3").toolchains


def test_an_experiment_has_the_sources_of_its_version(tmp_path: Path) -> None:
    """GOEXPERIMENT changes what is compiled, and no file."""
    version, goroot = specimens.go("env", "GOVERSION", "GOROOT").split()
    workshop = Workshop(go=str(bundled_go()), root=tmp_path)
    assert goroot == workshop.source_folders(f"{version} X:loopvar").goroot


def plant(goroot: Path) -> str:
    """A GOROOT as far as it matters."""
    (goroot / "src" / "runtime").mkdir(parents=True)
    (goroot / "src" / "runtime" / "proc.go").touch()
    return str(goroot)


def test_a_go_that_was_fetched_into_the_module_cache_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GOTOOLCHAIN keeps it there, and only its own go would name it."""
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "mod"))
    goroot = plant(tmp_path / "mod" / "golang.org" / "toolchain@v0.0.1-go1.2.3.linux-amd64")
    plant(tmp_path / "mod" / "golang.org" / "toolchain@v0.0.1-go1.2.30.linux-amd64")
    assert goroot == Workshop(go=str(bundled_go()), root=tmp_path).source_folders("go1.2.3").goroot


def test_a_go_that_golang_org_dl_has_fetched_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies in the developer's sdk directory."""
    monkeypatch.setenv("HOME", str(tmp_path))
    goroot = plant(tmp_path / "sdk" / "go1.2.3")
    assert goroot == find_goroot("go1.2.3", None)


def test_a_half_fetched_go_is_none(tmp_path: Path) -> None:
    """Its sources are not there."""
    (tmp_path / "golang.org" / "toolchain@v0.0.1-go1.2.3.linux-amd64").mkdir(parents=True)
    assert None is find_goroot("go1.2.3", str(tmp_path))
