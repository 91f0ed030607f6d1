"""Editing JSON with comments."""

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from remotego.vscode.edits import Entry, look_up, remove, set_value
from remotego.vscode.jsonc import JsoncError, parse_jsonc
from tests.vscode.texts import ENTRIES, KEYS, LAUNCHES, SCALARS, VALUES, name_of, texts

LAUNCH_TEXTS = texts(LAUNCHES)


def value_of(text: str) -> Any:
    """Read a text's value."""
    return parse_jsonc(text, file="f").root.value


def comments(text: str) -> list[str]:
    """Numbers of the comments in a generated text, in order."""
    return re.findall(r"#\d+#", text)


def put(text: str, entry: dict[str, Any]) -> str:
    """Set an entry of "configurations" by its name."""
    return set_value(text, ("configurations", Entry("name", entry["name"])), entry, file="f")


def with_entry(model: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """Do to a value what ``put`` does to its text."""
    old = model["configurations"]
    new = [entry if name_of(one) == entry["name"] else one for one in old]
    return {**model, "configurations": new if entry in new else [*old, entry]}


def is_blocked(model: Any, path: list[str]) -> bool:
    """Tell whether a path leads through a value that is no object."""
    if not path:
        return False
    if not isinstance(model, dict):
        return True
    return path[0] in model and is_blocked(model[path[0]], path[1:])


@given(LAUNCH_TEXTS, ENTRIES)
def test_setting_an_entry_changes_the_value_as_meant(drawn: tuple[Any, str], entry: dict[str, Any]) -> None:
    """Our entry is in the result, in the place it had or last; everything else has the value it had."""
    model, text = drawn
    assert with_entry(model, entry) == value_of(put(text, entry))


@given(LAUNCH_TEXTS, ENTRIES)
def test_setting_an_entry_twice_changes_nothing_more(drawn: tuple[Any, str], entry: dict[str, Any]) -> None:
    """The second run gives the same bytes."""
    once = put(drawn[1], entry)
    assert once == put(once, entry)


@given(LAUNCH_TEXTS, ENTRIES)
def test_a_new_entry_only_adds(drawn: tuple[Any, str], entry: dict[str, Any]) -> None:
    """Inserting takes nothing away: the old text is the new one without one comma and one piece."""
    model, text = drawn
    if any(name_of(one) == entry["name"] for one in model["configurations"]):
        text = remove(text, ("configurations", Entry("name", entry["name"])), file="f")
    new = put(text, entry)
    solid_old, solid_new = re.sub(r"\s", "", text), iter(re.sub(r"\s", "", new))
    assert all(letter in solid_new for letter in solid_old)


@given(LAUNCH_TEXTS, ENTRIES)
def test_a_changed_entry_keeps_the_comments_around_it(drawn: tuple[Any, str], entry: dict[str, Any]) -> None:
    """Comments outside our entry stay, in their order."""
    _, text = drawn
    document = parse_jsonc(text, file="f")
    array = document.child(document.root, "configurations")
    assert array is not None
    ours = [one for one in document.children(array) if name_of(one.value) == entry["name"]]
    span = slice(ours[0].start, ours[0].end) if ours else slice(0, 0)
    outside = comments(text[: span.start]) + comments(text[span.stop :])
    kept = [number for number in comments(put(text, entry)) if number not in comments(text[span])]
    assert outside == kept


@given(LAUNCH_TEXTS, st.tuples(st.sampled_from(["a", "version"]), st.integers()))
def test_a_scalar_changes_alone(drawn: tuple[Any, str], change: tuple[str, int]) -> None:
    """Text before and after the value is the same, byte for byte."""
    _, text = drawn
    key, number = change
    before = parse_jsonc(text, file="f")
    member = before.child(before.root, key)
    if member is None or isinstance(member.value, dict | list):
        text = set_value(text, (key,), "old", file="f")
        before = parse_jsonc(text, file="f")
        member = before.child(before.root, key)
    assert member is not None
    assert text[: member.value_start] + str(number) + text[member.end :] == set_value(text, (key,), number, file="f")


@given(LAUNCH_TEXTS)
def test_removing_an_entry_removes_it_alone(drawn: tuple[Any, str]) -> None:
    """The value lacks our entry and nothing else."""
    model, text = drawn
    name = "Attach svc@app1"
    left = [one for one in model["configurations"] if name_of(one) != name]
    assert {**model, "configurations": left} == value_of(
        remove(text, ("configurations", Entry("name", name)), file="f")
    )


@given(texts(st.dictionaries(KEYS, VALUES, min_size=1)), st.data())
def test_removing_a_member_keeps_the_comments_around_it(drawn: tuple[Any, str], data: st.DataObject) -> None:
    """Comments outside the member stay, in their order."""
    _, text = drawn
    document = parse_jsonc(text, file="f")
    victim = data.draw(st.sampled_from(document.children(document.root)))
    outside = comments(text[: victim.start]) + comments(text[victim.end :])
    assert outside == comments(remove(text, (str(victim.key),), file="f"))


@given(texts(st.dictionaries(KEYS, VALUES)), st.lists(KEYS, min_size=1, max_size=3), VALUES)
def test_a_value_is_found_where_it_was_set(drawn: tuple[Any, str], path: list[str], value: Any) -> None:
    """Objects missing on the way are made."""
    model, text = drawn
    assume(not is_blocked(model, path))
    assert value == look_up(parse_jsonc(set_value(text, path, value, file="f"), file="f"), path)


@given(texts(st.dictionaries(KEYS, SCALARS | st.lists(VALUES, max_size=2), min_size=1)), st.data())
def test_a_value_of_another_kind_is_no_way_through(drawn: tuple[Any, str], data: st.DataObject) -> None:
    """A scalar or an array where an object would have to be is not overwritten."""
    model, text = drawn
    path = [data.draw(st.sampled_from(list(model))), "below"]
    with pytest.raises(JsoncError):
        set_value(text, path, 1, file="f")


@given(texts(VALUES), VALUES)
def test_a_whole_text_can_become_any_value(drawn: tuple[Any, str], value: Any) -> None:
    """Parts are changed in place until the value is the one asked for."""
    assert value == value_of(set_value(drawn[1], (), value, file="f"))


@given(texts(st.dictionaries(KEYS, VALUES)), st.dictionaries(KEYS, VALUES))
def test_line_ends_stay_of_one_kind(drawn: tuple[Any, str], value: dict[str, Any]) -> None:
    """A file with CRLF gets no bare LF."""
    _, text = drawn
    new = set_value(text, ("a",), value, file="f")
    wrong = r"(?<!\r)\n" if "\r\n" in text else r"\r"
    assert [] == re.findall(wrong, new)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", 'an object with the member "configurations" was expected here'),
        ("7", 'an object with the member "configurations" was expected here'),
        ('{"configurations": {}}', "an array was expected here"),
        (
            '{"configurations": [], "configurations": []}',
            'the member "configurations" stands here a second time',
        ),
        ('{"configurations": [{"name": "x"}, {"name": "x"}]}', 'a second entry has the name "x"'),
        (
            '{"configurations": [{"name": "x", "port": 1, "port": 2}]}',
            'the member "port" stands here a second time',
        ),
    ],
)
def test_what_stands_in_our_way_is_named(text: str, reason: str) -> None:
    """A text in which our entry has no clear place is left alone."""
    with pytest.raises(JsoncError) as caught:
        put(text, {"name": "x", "port": 3})
    assert reason == caught.value.reason


def test_a_duplicate_key_elsewhere_is_none_of_our_business() -> None:
    """What another tool wrote twice stays twice."""
    text = '{"inputs": {"a": 1, "a": 2}, "configurations": []}'
    assert '{"inputs": {"a": 1, "a": 2}, "configurations": [' == put(text, {"name": "x"})[:48]


def test_an_entry_takes_the_look_of_the_file() -> None:
    """Tabs, CRLF, a comment at the end of the array and a trailing comma are all kept up."""
    text = '{\r\n\t// mine\r\n\t"configurations": [\r\n\t\t{"name": "a"}, // first\r\n\t\t// last\r\n\t]\r\n}'
    expected = (
        '{\r\n\t// mine\r\n\t"configurations": [\r\n\t\t{"name": "a"}, // first\r\n\t\t// last\r\n'
        '\t\t{\r\n\t\t\t"name": "x",\r\n\t\t\t"rules": [\r\n'
        '\t\t\t\t{"from": "a", "to": "b"}\r\n\t\t\t]\r\n\t\t},\r\n\t]\r\n}'
    )
    assert expected == put(text, {"name": "x", "rules": [{"from": "a", "to": "b"}]})


def test_an_entry_in_one_line_stays_in_one_line() -> None:
    """A file its user keeps on one line is not unfolded."""
    assert '{"configurations": [{"name": "a"}, {"name": "x", "n": [1]}]}' == put(
        '{"configurations": [{"name": "a"}]}', {"name": "x", "n": [1]}
    )


def test_removing_the_last_entry_takes_its_line_and_the_comma_before() -> None:
    """What is left looks as if the entry had never been there."""
    text = '{\n  "configurations": [\n    {"name": "a"},\n    {"name": "x"}\n  ]\n}\n'
    assert '{\n  "configurations": [\n    {"name": "a"}\n  ]\n}\n' == remove(
        text, ("configurations", Entry("name", "x")), file="f"
    )


@pytest.mark.parametrize(
    "text",
    [
        *('{"a": 1}', '{"a": 1,}', '{ "a": 1 }', '{"a": 1, "b": [1]}', "{}", '{\n  "a": 1\n}', '{\n  "a": 1,\n}\n'),
        *('{\r\n\t"a": 1 // one\r\n}\r\n', '\ufeff{"a": /* one */ 1}'),
    ],
)
def test_removing_what_was_added_gives_the_old_bytes(text: str) -> None:
    """Adding a member and removing it leaves no comma, space or line behind."""
    added = set_value(text, ("ours",), {"x": 1}, file="f")
    assert text == remove(added, ("ours",), file="f")


def test_removing_the_only_member_leaves_its_comments() -> None:
    """An object that keeps a comment keeps its lines."""
    assert "{ // mine\n}" == remove('{ // mine\n  "a": 1\n}', ("a",), file="f")


def test_blanks_behind_the_last_comment_stay_behind_it() -> None:
    """They are part of a comment up to the end of its line."""
    assert '{ // mine  \n    "a": 1\n}' == set_value("{ // mine  \n}", ("a",), 1, file="f")


def test_the_first_value_comes_below_comments_with_their_blanks() -> None:
    """A file of comments alone keeps every byte of them."""
    assert '// mine \n{\n    "a": 1\n}\n' == set_value("// mine \n", ("a",), 1, file="f")


def test_removing_what_is_not_there_changes_nothing() -> None:
    """Nothing to remove is no error."""
    assert '{"a": 1}' == remove('{"a": 1}', ("configurations", Entry("name", "x")), file="f")


def test_true_is_not_one() -> None:
    """Values are compared as JSON compares them, not as Python does."""
    assert '{"a": true}' == set_value('{"a": 1}', ("a",), True, file="f")


def test_a_large_file_is_edited_in_time() -> None:
    """Settings of 5 MB take seconds: no step goes over all members again for each of them."""
    text = "{" + "".join(f'\n  "key{n}": [1, 2, {{"a": "b"}}], // c' for n in range(140_000)) + "\n}"
    added = set_value(text, ("go.toolsEnvVars", "GOPROXY"), "off", file="f")
    assert text == remove(added, ("go.toolsEnvVars",), file="f")
