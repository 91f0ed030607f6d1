"""Which Delve for which Go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.delve import versions
from remotego.delve.table import RELEASES
from remotego.golang.version import GoVersion, parse_go_version


@pytest.mark.parametrize(
    ("go", "delve"),
    [
        ("go1.27.3", "1.27.1"),
        ("go1.25.0", "1.27.1"),
        ("go1.24.11", "1.26.3"),
        ("go1.23.4", "1.25.2"),
        ("go1.21.0", "1.25.0"),
        ("go1.20", "1.22.1"),
        ("go1.18.10", "1.21.0"),
        ("go1.16.5", "1.9.0"),
        ("go1.27rc1", "1.27.1"),
        ("devel go1.27-abc", "1.27.1"),
    ],
)
def test_the_newest_that_fits_is_chosen(go: str, delve: str) -> None:
    """Candidates and development builds count as the version they lead to."""
    assert delve == versions.choose(parse_go_version(go)).version


def test_an_unknown_go_gets_the_newest() -> None:
    """A host can be prepared before anyone names a process."""
    assert versions.NEWEST == versions.choose(None)


@pytest.mark.parametrize("go", ["go1.15.15", "go1.28rc1", "go2.0.0"])
def test_a_go_outside_of_every_range_is_refused(go: str) -> None:
    """The error names the versions that are known."""
    with pytest.raises(versions.NoDelveError) as caught:
        versions.choose(parse_go_version(go))
    assert "1.16 to 1.27" in caught.value.advice


def test_a_pinned_version_that_fits_passes() -> None:
    """The newest is not forced on anyone."""
    assert versions.check(versions.find("1.26.0"), parse_go_version("go1.25.3")) is None


def test_a_pinned_version_out_of_range_is_refused_with_those_that_fit() -> None:
    """The user sees what to pin instead."""
    with pytest.raises(versions.DelveMismatchError) as caught:
        versions.check(versions.find("1.22.1"), parse_go_version("go1.24.0"))
    expected = ("1.26.3, 1.26.2, 1.26.1, 1.26.0, 1.25.2, 1.25.1, 1.25.0, 1.24.2, 1.24.1, 1.24.0", 2)
    assert expected == (caught.value.fitting, caught.value.exit_code)


def test_a_pinned_version_is_not_judged_without_a_go() -> None:
    """An old Delve may be put on a host where nothing is known yet."""
    assert versions.check(versions.find("1.8.0"), None) is None


def test_a_version_may_be_written_with_a_v() -> None:
    """As Delve's tags are."""
    assert versions.find("1.27.1") == versions.find("v1.27.1")


def test_a_version_nobody_released_is_refused() -> None:
    """The error lists the known ones."""
    with pytest.raises(versions.UnknownDelveError) as caught:
        versions.find("1.10.0")
    assert "1.27.1" in caught.value.advice


@pytest.mark.parametrize(
    ("delve", "debuggee", "oldest"),
    [
        ("1.27.1", None, "1.25.0"),
        ("1.25.2", "go1.25.0", "1.25"),
        ("1.25.2", "go1.24.0", "1.22.0"),
        ("1.25.2", None, "1.25"),
        ("1.25.0", None, "1.21"),
        ("1.24.2", "go1.26.0", "1.25"),
        ("1.24.1", "go1.26.0", "1.21"),
        ("1.8.3", None, "1.16"),
    ],
)
def test_the_go_to_build_with(delve: str, debuggee: str | None, oldest: str) -> None:
    """DWARF 5 is read only by a Delve built with Go 1.25, whatever its own go.mod would accept."""
    needs = versions.find(delve).needs_go(parse_go_version(debuggee) if debuggee else None)
    assert parse_go_version(oldest) == needs


@pytest.mark.parametrize(("delve", "listens"), [("1.22.1", True), ("1.22.0", False), ("1.9.1", False)])
def test_unix_sockets_came_with_1_22_1(delve: str, listens: bool) -> None:
    """A session needs one."""
    assert listens == versions.find(delve).listens_on_unix


def test_the_table_is_sorted_newest_first() -> None:
    """Choosing takes the first that fits."""
    numbers = [release.number for release in RELEASES]
    assert sorted(set(numbers), reverse=True) == numbers


def test_the_ranges_of_the_table_are_ranges() -> None:
    """Both ends are language versions, as debuggees are compared by."""
    ends = [(release.oldest_go, release.newest_go) for release in RELEASES]
    assert [(low.language, high.language) for low, high in ends if low <= high] == ends


@given(st.integers(16, 27), st.integers(0, 30))
def test_no_go_between_the_ends_is_left_out(minor: int, patch: int) -> None:
    """Every Go from the oldest range to the newest has a Delve, and it fits."""
    debuggee = parse_go_version(f"go1.{minor}.{patch}")
    assert versions.choose(debuggee).debugs(debuggee)


def test_a_newer_minor_than_the_table_is_not_guessed() -> None:
    """Attaching with a Delve that is too old shows wrong values without a word."""
    too_new = GoVersion(1, versions.NEWEST.newest_go.minor + 1)
    with pytest.raises(versions.NoDelveError):
        versions.choose(too_new)
