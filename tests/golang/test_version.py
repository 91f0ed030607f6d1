"""Versions of Go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.golang.version import GoVersion, Stage, parse_go_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go1.25.3", GoVersion(1, 25, Stage.RELEASE, 3)),
        ("1.26rc1", GoVersion(1, 26, Stage.RC, 1)),
        ("go1.21beta2", GoVersion(1, 21, Stage.BETA, 2)),
        ("1.25", GoVersion(1, 25)),
        ("go1.17", GoVersion(1, 17, Stage.RELEASE, 0)),
        ("go1.27.3 X:nosynchashtriemap", GoVersion(1, 27, Stage.RELEASE, 3)),
        ("devel go1.28-abc1234 Mon Nov 23 07:20:00 2026 +0000", GoVersion(1, 28, Stage.DEVEL)),
        ("go1.28-devel_abc1234 X:loopvar", GoVersion(1, 28, Stage.DEVEL)),
        ("go1.22.7 (Red Hat 1.22.7-1.el9)", GoVersion(1, 22, Stage.RELEASE, 7)),
        ("go1.18.5b7", GoVersion(1, 18, Stage.RELEASE, 5)),
    ],
)
def test_the_forms_a_version_comes_in(text: str, version: GoVersion) -> None:
    """Releases, candidates, development builds, language versions, experiments, vendor builds."""
    assert version == parse_go_version(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "go", "1", "devel +b7a85e0003 Tue", "go1.2x", "1.25.3.4", "v1.25.3", "go1.25\n"),
        *("1.26.06", "1.026.6", "01.26.6", "go1.27rc01", "1.26.00"),
    ],
)
def test_what_is_no_version_is_refused(text: str) -> None:
    """Nothing is guessed, least of all from development builds that name no version."""
    with pytest.raises(ValueError, match="not a version of Go"):
        parse_go_version(text)


def test_versions_sort_as_go_sorts_them() -> None:
    """Language version, development, betas, candidates, releases; then the next minor."""
    order = [
        "1.26",
        "devel go1.26-abc",
        "go1.26beta1",
        "go1.26rc1",
        "go1.26rc2",
        "go1.26.0",
        "go1.26.10",
        "1.27",
    ]
    versions = [parse_go_version(text) for text in order]
    assert versions == sorted(set(versions))


def test_experiments_are_named() -> None:
    """Experiments tell two builds of one version apart."""
    assert ("loopvar", "jsonv2") == parse_go_version("go1.27.3 X:loopvar,jsonv2").experiments


def test_experiments_do_not_change_the_order() -> None:
    """A version with experiments equals the one without."""
    assert parse_go_version("go1.27.3") == parse_go_version("go1.27.3 X:loopvar")


_VERSIONS = st.builds(
    GoVersion,
    st.integers(1, 9),
    st.integers(21, 99),
    st.sampled_from(Stage),
    st.integers(0, 99),
).filter(lambda version: version.number == 0 or version.stage >= Stage.BETA)


@given(_VERSIONS)
def test_a_version_reads_back_as_it_is_written(version: GoVersion) -> None:
    """What go.mod or an error message shows can be given back."""
    assert version == parse_go_version(str(version))


@given(st.text() | st.from_regex(r"(devel )?go\d+\.\d+.*"))
def test_any_text_is_a_version_or_a_value_error(text: str) -> None:
    """Text from a target cannot do worse than be refused."""
    try:
        version = parse_go_version(text)
    except ValueError:
        return
    assert text == version.text
