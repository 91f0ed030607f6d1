"""Text from a target, made harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.terminal import inert

SHARP = st.sampled_from(
    [
        "\x1b",
        "\x1b[",
        "\x1b]",
        "\x9b",
        "\x9d",
        "\x07",
        "\x1b\\",
        "31m",
        "52;c;",
        "\r",
        "\n",
        "\u202e",
        "\u061c",
        "\ud800",
        "a",
    ]
)
TEXTS = st.lists(SHARP | st.text(max_size=5), max_size=12).map("".join)


@given(TEXTS | st.binary(max_size=60))
def test_no_control_survives(text: str | bytes) -> None:
    """Only newlines and tabs are left of the control characters, and nothing that turns the direction."""
    left = {char for char in inert(text) if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")}
    assert set() == left - {"\n", "\t"}


@given(TEXTS)
def test_direction_marks_do_not_survive(text: str) -> None:
    """Bidirectional controls (UAX 9) would show a text other than it is."""
    turning = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    marks = {"\u061c", "\u200e", "\u200f"}
    assert not [char for char in inert(text) if char in marks or unicodedata.bidirectional(char) in turning]


@given(TEXTS)
def test_twice_is_once(text: str) -> None:
    """Taking an escape sequence out never leaves another one."""
    assert inert(text) == inert(inert(text))


@given(TEXTS)
def test_result_can_be_printed(text: str) -> None:
    """Half surrogates do not make printing fail."""
    assert inert(text) == inert(text).encode().decode()


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from("\n\tàß€漢字🙂")))
def test_plain_text_stays(text: str) -> None:
    """Ordinary text is not touched."""
    assert text == inert(text)


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[?1049h", ""),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]52;c;cm0gLXJm\x1b\\text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jtext", "text"),
        ("\x1bPq#0;2\x1b\\text", "text"),
        ("\x1b_payload\x1b\\text", "text"),
        ("\x1bctext", "text"),
        ("\x1b(0text", "text"),
        ("a\x08\x08b", "ab"),
        ("all fine\rerror", "all fineerror"),
        ("one\r\ntwo", "one\ntwo"),
        ("bell\x07", "bell"),
        ("nul\x00", "nul"),
        ("exe\u202egpj.sh", "exegpj.sh"),
        ("cut \x1b[3", "cut "),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"\xc2\x9b2Jtext", "text"),
    ],
)
def test_corpus(hostile: str | bytes, harmless: str) -> None:
    """Sequences that terminals are known to obey."""
    assert harmless == inert(hostile)
