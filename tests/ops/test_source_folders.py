"""Which sources of Go are offered for a program built by a certain Go."""

from pathlib import Path

from remotego.adapters.toolchain import bundled_go
from remotego.ops.building import Workshop
from tests.golang import specimens


def test_the_goroot_is_that_of_the_go_that_built_the_program(tmp_path: Path) -> None:
    """The same version gives its GOROOT: the lines match what runs."""
    version, goroot = specimens.go("env", "GOVERSION", "GOROOT").split()
    assert goroot == Workshop(go=str(bundled_go()), root=tmp_path).source_folders(version).goroot


def test_no_goroot_is_given_for_another_version(tmp_path: Path) -> None:
    """Lines of another version would be wrong, which is worse than no source."""
    assert None is Workshop(go=str(bundled_go()), root=tmp_path).source_folders("go1.2.3").goroot
