"""One Go in settings.json: what is set, and taken out again."""

import json

from hypothesis import given
from hypothesis import strategies as st

from remotego.adapters.files import schema
from remotego.vscode.onego import dissenters, entries_of, settings_of_one_go, without_entries
from remotego.vscode.settings import FILE, plan_settings

TEXT = '{\n  // mine\n  "go.alternateTools": {"go": "/mine/go", "dlv": "/mine/dlv"},\n  "a": 1\n}\n'
SCHEMA = schema("settings")
OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "go.alternateTools": st.dictionaries(st.sampled_from(["go", "dlv"]), st.just("/mine"), min_size=1),
        "go.toolsEnvVars": st.dictionaries(st.sampled_from(["GOROOT", "GOPROXY"]), st.text(max_size=3), min_size=1),
        "terminal.integrated.env.linux": st.dictionaries(
            st.sampled_from(["PATH", "GOROOT", "X"]), st.none() | st.sampled_from(["", "/mine:${env:PATH}"]), min_size=1
        ),
        "editor.tabSize": st.integers(),
    },
)


def settings(text: str | None, file: str = FILE) -> dict[str, object]:
    """What is wanted on top of a text."""
    return settings_of_one_go(
        "/sdk/bin/go", "/sdk/bin", text, {"GOENV_VERSION": "system"}, system="linux", separator=":", file=file
    )


def test_all_that_an_editor_starts_gets_the_same() -> None:
    """The extension by its own setting, terminals and tasks by theirs."""
    expected = {
        "go.alternateTools": {"go": "/sdk/bin/go"},
        "go.toolsEnvVars": {"GOROOT": "", "GOTOOLCHAIN": "local"},
        "terminal.integrated.env.linux": {
            "PATH": "/sdk/bin:${env:PATH}",
            "REMOTEGO_GO_BIN": "/sdk/bin",
            "GOROOT": None,
            "GOTOOLCHAIN": "local",
            "GOENV_VERSION": "system",
        },
    }
    assert expected == settings(None)


def test_a_path_of_the_users_stays_behind_ours() -> None:
    """Whatever it leads to."""
    text = '{"terminal.integrated.env.linux": {"PATH": "/mine:${env:PATH}"}}'
    found = settings(text)["terminal.integrated.env.linux"]
    assert isinstance(found, dict)
    assert "/sdk/bin:/mine:${env:PATH}" == found["PATH"]


@given(OBJECTS)
def test_our_settings_are_taken_out_of_a_file_that_has_been_changed(before: dict[str, object]) -> None:
    """What stood there before stands there again, and what was added since stays."""
    text = json.dumps(before)
    wanted = settings(text)
    done = plan_settings(text, wanted, SCHEMA)
    changed = plan_settings(done, {"new": True}, SCHEMA)
    back = without_entries(changed, entries_of(text, wanted, file=FILE), SCHEMA, file=FILE)
    assert before | {"new": True} == json.loads(back)


def test_a_setting_that_is_another_by_now_stays() -> None:
    """It is the user's."""
    wanted = settings(TEXT)
    done = plan_settings(TEXT, wanted, SCHEMA).replace('"/sdk/bin/go"', '"/newer/go"')
    back = without_entries(done, entries_of(TEXT, wanted, file=FILE), SCHEMA, file=FILE)
    assert TEXT.replace("/mine/go", "/newer/go") == back


def test_comments_and_order_stay() -> None:
    """Out and in again, character by character."""
    wanted = settings(TEXT)
    back = without_entries(plan_settings(TEXT, wanted, SCHEMA), entries_of(TEXT, wanted, file=FILE), SCHEMA, file=FILE)
    assert TEXT == back


def test_a_workspace_file_has_its_settings_below_their_name() -> None:
    """And gives them back from there."""
    file, text = "svc.code-workspace", '{"folders": [{"path": "."}]}'
    wanted = settings(text, file)
    done = plan_settings(text, wanted, SCHEMA, file=file)
    back = without_entries(done, entries_of(text, wanted, file=file), SCHEMA, file=file)
    assert ("/sdk/bin/go", text) == (json.loads(done)["settings"]["go.alternateTools"]["go"], back)


def test_what_a_task_sets_for_itself_is_found() -> None:
    """With its line; other variables are its own business."""
    text = '{"tasks": [\n{"options": {"env": {\n"GOROOT": "/old", "A": "b"}}}]}'
    assert [(3, 'GOROOT="/old"')] == list(dissenters(text, file="tasks.json"))
