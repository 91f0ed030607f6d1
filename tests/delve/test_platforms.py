"""The machines Delve runs on."""

import pytest

from remotego.delve.platforms import (
    UnsupportedMachineError,
    UnsupportedPlatformError,
    build_tags,
    parse_machine,
)
from remotego.delve.versions import find


@pytest.mark.parametrize(
    ("machine", "goarch"),
    [
        ("x86_64\n", "amd64"),
        ("aarch64", "arm64"),
        ("i386", "386"),
        ("i686", "386"),
        ("ppc64le", "ppc64le"),
    ],
)
def test_the_kernels_word_for_a_machine_is_understood(machine: str, goarch: str) -> None:
    """``uname -m`` and GOARCH have different names for the same."""
    assert goarch == parse_machine(machine)


@pytest.mark.parametrize("machine", ["s390x", "armv7l", "riscv64", "ppc64", "mips", "", "x86_64 evil"])
def test_a_machine_without_delve_is_refused_by_name(machine: str) -> None:
    """Before anything is built or copied."""
    with pytest.raises(UnsupportedMachineError) as caught:
        parse_machine(machine)
    assert f"Delve does not run on {machine.strip()}" == str(caught.value)


@pytest.mark.parametrize(
    ("delve", "goarch", "tags"),
    [
        ("1.27.1", "amd64", ()),
        ("1.27.1", "ppc64le", ()),
        ("1.26.0", "ppc64le", ()),
        ("1.25.2", "ppc64le", ("exp.linuxppc64le",)),
        ("1.21.1", "ppc64le", ("exp.linuxppc64le",)),
        ("1.8.0", "arm64", ()),
    ],
)
def test_the_tags_an_architecture_needs(delve: str, goarch: str, tags: tuple[str, ...]) -> None:
    """ppc64le was an experiment until 1.26."""
    assert tags == build_tags(find(delve), goarch)


@pytest.mark.parametrize(
    ("delve", "goarch"), [("1.27.1", "riscv64"), ("1.21.0", "ppc64le"), ("1.27.1", "arm"), ("1.27.1", "")]
)
def test_an_architecture_a_release_does_not_know_is_refused(delve: str, goarch: str) -> None:
    """Else the compiler would say so, after minutes and in riddles."""
    with pytest.raises(UnsupportedPlatformError, match=f"Delve {delve} does not run on linux/{goarch}"):
        build_tags(find(delve), goarch)
