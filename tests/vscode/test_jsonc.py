"""Reading JSON with comments."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.vscode.jsonc import DEPTH, DIGITS, JsoncError, parse_jsonc
from tests.vscode.texts import VALUES, texts


def fault(text: str) -> JsoncError:
    """Parse a text that is at fault and give the error."""
    with pytest.raises(JsoncError) as caught:
        parse_jsonc(text, file="launch.json")
    return caught.value


def refused_line(text: str) -> int | None:
    """Parse any text; give the line of the error, if there is one."""
    try:
        parse_jsonc(text, file="f")
    except JsoncError as error:
        return error.line
    return None


@given(texts(VALUES))
def test_any_spelling_reads_as_its_value(drawn: tuple[Any, str]) -> None:
    """Comments, trailing commas, a byte order mark and odd spacing change nothing."""
    value, text = drawn
    assert value == parse_jsonc(text, file="f").root.value


@given(texts(VALUES))
def test_offsets_are_those_of_the_text(drawn: tuple[Any, str]) -> None:
    """Each child's span in the user's text holds that child and nothing else."""
    _, text = drawn
    document = parse_jsonc(text, file="f")
    for child in document.children(document.root):
        assert child.value == parse_jsonc(text[child.value_start : child.end], file="f").root.value


@given(st.text(st.sampled_from('{}[],:"\\/*0-1eat \n\r\tnul'), max_size=12))
def test_any_text_is_read_or_refused_by_place(text: str) -> None:
    """No text makes the reader fail in another way than by an error that lies inside the text."""
    lines = range(1, text.count("\n") + text.count("\r") + 2)
    assert refused_line(text) in (None, *lines)


@pytest.mark.parametrize(
    "text",
    [
        *("[,]", "{,}", "[1,,]", "[1,,2]", '{"a":,}', "[1 2]", "{'a':1}", "{a:1}", '{"a":0x1}', "[+1]"),
        *("{} {}", "{", '{"a"}', '"\t"', '"\\x"', '"\\u12"', "/* open", "/*/ {}", "# {}", "{}\x0c", "[1]]"),
        *("[01]", "[.5]", "nul", '"a'),
    ],
)
def test_more_than_comments_and_trailing_commas_is_refused(text: str) -> None:
    """JSON5 and broken JSON are not taken for something else."""
    assert "not JSON with comments" in fault(text).reason


def test_a_text_of_comments_has_no_value() -> None:
    """An empty file, with or without comments, reads as nothing."""
    assert False is parse_jsonc("\ufeff// nothing yet\n/* at all */ ", file="f").has_value


def test_an_error_names_its_place() -> None:
    """Line and column are the editor's: counted from 1, the byte order mark not counted."""
    assert "launch.json:1:2: not JSON with comments: Expecting value" == str(fault("\ufeff[}"))


def test_a_place_after_a_comment_is_the_place_in_the_file() -> None:
    """Comments of several lines do not shift what comes after."""
    error = fault('{ /* one\r\n two */\r\n  "a": tru }')
    assert (3, 8) == (error.line, error.column)


def test_deep_nesting_is_refused() -> None:
    """A file made to overrun the parser's stack is named as such."""
    assert f"nested deeper than {DEPTH} levels" == fault("[" * 100_000).reason


def test_the_deepest_nesting_allowed_is_read() -> None:
    """The bound is one the parser can reach."""
    assert [] != parse_jsonc("[" * DEPTH + "]" * DEPTH, file="f").root.value


@pytest.mark.parametrize("sign", ["", "-"])
def test_endless_numbers_are_refused(sign: str) -> None:
    """5,000 digits are no setting."""
    assert f"a number of more than {DIGITS} digits" == fault(f"[{sign}{'7' * 5000}]").reason


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_python_takes_for_numbers_are_refused(word: str) -> None:
    """The standard library would read them; VS Code does not."""
    assert f"{word} is not JSON" == fault(f'{{"a": {word}}}').reason


@pytest.mark.parametrize("text", ['["\\ud800"]', '{"\\uDC00a": 1}', '["a\ud800"]', "// \udfff\n{}"])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    """Such a text cannot be written back as UTF-8."""
    assert "half of a surrogate pair" == fault(text).reason


def test_a_whole_surrogate_pair_is_read() -> None:
    """An escaped pair is one character."""
    assert ["\U0001f600"] == parse_jsonc('["\\ud83d\\ude00"]', file="f").root.value


def test_a_large_file_is_read_in_time() -> None:
    """5 MB take a few seconds at most: no step goes over the text again for each token."""
    text = "{" + "".join(f'\n  "key{n}": [1, 2, {{"a": "b"}}], // c' for n in range(150_000)) + "\n}"
    document = parse_jsonc(text, file="f")
    assert 150_000 == len(document.children(document.root))


def test_a_comment_that_is_never_closed_is_named() -> None:
    """The place is that of its beginning: the rest of the file tells nothing."""
    error = fault('{"a": 1,\n  /* "b": 2}\n')
    assert "launch.json:2:3: not JSON with comments: a comment that is never closed" == str(error)


@pytest.mark.parametrize("piece", ["/* ", '\\"', '"\\', "[" + " " * 99, ", ", "/*/", '"x'])
def test_a_text_made_to_take_long_is_refused_in_time(piece: str) -> None:
    """A million characters of what never ends take seconds: no text is gone over once for each of its quotes."""
    assert 1 == fault(piece * (1_000_000 // len(piece)) + "}").line
