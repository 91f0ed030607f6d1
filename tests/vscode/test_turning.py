"""Profiles in settings.json: any number of them, one after the other, and the text of before."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.adapters.files import schema
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.turning import (
    File,
    Record,
    Turned,
    base_of,
    changed,
    digest,
    parse_record,
    record_as_json,
    turned,
)

SETTINGS = schema("settings")
NAME = ".vscode/settings.json"
TEXTS = [
    None,
    "",
    "{}",
    "// only a word\n",
    '{\n  // mine\n  "a": 1, // x\n  "go.toolsEnvVars": {"GOFLAGS": "-v", "GOPROXY": "mine"}\n}',
    '{"go.toolsEnvVars": {}, "b": [1,],}\r\n',
    '\ufeff{\n\t"terminal.integrated.env.linux": {"A": "b"} /* c */\n}\n',
]
VALUES = st.sampled_from(["", "off", "mine", "https://a.example,off"])
VARIABLES = st.dictionaries(st.sampled_from(["GOPROXY", "GOSUMDB", "GOFLAGS"]), VALUES, min_size=1)
WANTED = st.builds(
    lambda one, two: {"go.toolsEnvVars": one, "terminal.integrated.env.linux": two}, VARIABLES, VARIABLES
)


def file_of(text: str | None, others: frozenset[tuple[str, ...]] = frozenset()) -> File:
    """Give a file of settings."""
    return File(NAME, text, SETTINGS, others)


def turn(text: str | None, *profiles: dict[str, Any]) -> tuple[str | None, tuple[Record, ...]]:
    """Turn a file from one profile to the next; records come back from their JSON."""
    records: tuple[Record, ...] = ()
    for wanted in profiles:
        made = turned(file_of(text), records, wanted)
        text, records = made.text, (stored(made),)
    return text, records


def stored(made: Turned) -> Record:
    """Give a record as it is read back."""
    record = made.record("mixed")
    assert record == parse_record(json.loads(json.dumps(record_as_json(record))))
    return record


def value_of(text: str | None) -> Any:
    """Read a text's value."""
    return parse_jsonc(text or "", file=NAME).root.value


@given(st.sampled_from(TEXTS), st.lists(WANTED, min_size=1, max_size=4))
def test_none_gives_the_text_of_before(text: str | None, profiles: list[dict[str, Any]]) -> None:
    """Whatever was in the file, and through however many profiles."""
    last, records = turn(text, *profiles)
    assert text == base_of(file_of(last), records)


@given(st.sampled_from(TEXTS), WANTED)
def test_the_same_profile_again_changes_nothing(text: str | None, wanted: dict[str, Any]) -> None:
    """Neither the file nor what is written down."""
    last, records = turn(text, wanted)
    again = turned(file_of(last), records, wanted)
    assert (last, records) == (again.text, (stored(again),))


@given(st.sampled_from(TEXTS), WANTED, WANTED, st.booleans())
def test_a_change_that_broke_off_leads_back_too(
    text: str | None, first: dict[str, Any], second: dict[str, Any], edited: bool
) -> None:
    """With both records there, whether or not the file was written."""
    middle, older = turn(text, first)
    made = turned(file_of(middle), older, second)
    assert text == base_of(file_of(made.text if edited else middle), (stored(made), *older))


@given(st.sampled_from(TEXTS[4:]), WANTED, WANTED)
def test_what_the_user_adds_meanwhile_stays(text: str, first: dict[str, Any], second: dict[str, Any]) -> None:
    """A member of their own, in a file that then is no longer as any record has it."""
    middle, older = turn(text, first)
    at = (middle or "").rindex("}")
    head = (middle or "")[:at].rstrip()
    comma = "" if head.endswith((",", "*/")) else ","
    mine = f'{head}{comma} "mine": 1 }}'
    made = turned(file_of(mine), older, second)
    gone = value_of(base_of(file_of(made.text), (stored(made),)))
    before = value_of(text)
    assert {name: value for name, value in {**before, "mine": 1}.items() if value != {}} == gone


def test_what_the_user_changes_stays_and_is_told() -> None:
    """Until it is replaced; what the user has removed is no value to keep."""
    intranet, extranet = ({"go.toolsEnvVars": {"GOPROXY": one, "GOSUMDB": one}} for one in ("off", "direct"))
    text, records = turn("{}", intranet)
    mine = (text or "").replace('"GOPROXY": "off"', '"GOPROXY": "mine"')
    path = ("go.toolsEnvVars", "GOPROXY")
    assert {path: "mine"} == changed(file_of(mine), records)
    made = turned(file_of(mine), records, extranet)
    expected = {"go.toolsEnvVars": {"GOPROXY": "mine", "GOSUMDB": "direct"}}
    assert ({path: "mine"}, expected) == (made.kept, value_of(made.text))
    replaced = turned(file_of(made.text), (stored(made),), extranet, replace=True)
    assert extranet == value_of(replaced.text)
    assert {} == changed(file_of("{}"), records)


def test_what_another_command_of_ours_holds_is_left_to_it() -> None:
    """sdk.use has GOTOOLCHAIN: no profile writes it, and none takes it out."""
    path = ("go.toolsEnvVars", "GOTOOLCHAIN")
    file = file_of('{"go.toolsEnvVars": {"GOTOOLCHAIN": "local"}}', frozenset({path}))
    made = turned(file, (), {"go.toolsEnvVars": {"GOPROXY": "off", "GOTOOLCHAIN": "auto"}})
    assert {"go.toolsEnvVars": {"GOTOOLCHAIN": "local", "GOPROXY": "off"}} == value_of(made.text)


def test_a_workspace_file_has_its_settings_below_their_name() -> None:
    """The rest of it stays."""
    text = '{"folders": [], "settings": {"a": 1}}'
    file = File("x.code-workspace", text, SETTINGS)
    made = turned(file, (), {"go.toolsEnvVars": {"GOPROXY": "off"}})
    assert {"folders": [], "settings": {"a": 1, "go.toolsEnvVars": {"GOPROXY": "off"}}} == value_of(made.text)
    assert text == base_of(File("x.code-workspace", made.text, SETTINGS), (stored(made),))


@pytest.mark.parametrize(
    "data", [None, {}, {"profile": "x"}, {**record_as_json(Record("x", None, digest("a"), ())), "now": 1}]
)
def test_what_is_no_record_is_refused(data: Any) -> None:
    """It is a ValueError."""
    with pytest.raises(ValueError, match="no record"):
        parse_record(data)
