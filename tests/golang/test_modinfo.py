"""The text that lists modules and settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.golang.modinfo import ModInfo, Module, parse_modinfo


def test_nothing_recorded_is_nothing_known() -> None:
    """Programs built by other tools than ``go build`` may carry no text at all."""
    assert ModInfo() == parse_modinfo("")


def test_a_replacement_belongs_to_the_module_before_it() -> None:
    """The original stays visible beside what stands in for it."""
    text = "dep\ta.example/x\tv1.0.0\n=>\ta.example/fork\tv1.0.1\th1:abc=\n"
    expected = Module("a.example/x", "v1.0.0", "", Module("a.example/fork", "v1.0.1", "h1:abc="))
    assert (expected,) == parse_modinfo(text).deps


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ("build\t-gcflags=all=-N -l", ("-gcflags", "all=-N -l")),
        ('build\t-ldflags="-X \\"main.a=b\\"\\n"', ("-ldflags", '-X "main.a=b"\n')),
        ("build\t-tags=`a\tb`", ("-tags", "a\tb")),
        ('build\t"k=k"=v', ("k=k", "v")),
        ('build\t-ldflags="\\u00e9\\x41\\101"', ("-ldflags", "éAA")),
    ],
)
def test_settings_are_unquoted_where_go_quoted_them(line: str, setting: tuple[str, str]) -> None:
    """Go quotes keys and values that would break the line format."""
    assert (setting,) == parse_modinfo(line).settings


@given(st.lists(st.sampled_from(("path", "mod", "dep", "=>", "build", "later")).flatmap(
    lambda kind: st.text(max_size=60).map(lambda rest: f"{kind}\t{rest}")
)).map("\n".join))  # fmt: skip
def test_any_text_is_read_without_complaint(text: str) -> None:
    """The text comes from a file anyone may have made; unknown records are passed over."""
    assert isinstance(parse_modinfo(text), ModInfo)
