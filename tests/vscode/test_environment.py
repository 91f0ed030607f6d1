"""A profile as settings of an editor."""

from remotego.adapters.files import schema
from remotego.golang.profile import profile
from remotego.vscode.difference import difference
from remotego.vscode.environment import settings_of
from remotego.vscode.settings import plan_settings

CORP = {"goproxy": ["https://proxy.corp.example"], "private": ["*.corp.example"], "goflags": ["-mod=vendor"]}
PROFILES = {name: profile(name, {"intranet": CORP, "mixed": CORP}) for name in ("intranet", "extranet", "mixed")}
MINE = '{\n\t// mine\n\t"go.toolsEnvVars": {"GODEBUG": "x"},\n\t"editor.rulers": [100], // wide\n}\r\n'


def written(text: str | None, name: str) -> str:
    """Give settings.json with a profile in it."""
    return plan_settings(text, settings_of(PROFILES[name], {}), schema("settings"))


def test_variables_reach_tools_and_terminals() -> None:
    """Tools get them from the Go extension, terminals from the editor."""
    variables = dict(PROFILES["mixed"].variables)
    assert {
        "go.toolsEnvVars": variables,
        "terminal.integrated.env.linux": variables | {"PAGER": ""},
        "terminal.integrated.env.osx": variables,
        "terminal.integrated.env.windows": variables,
    } == settings_of(PROFILES["mixed"], {"terminal.linux": {"PAGER": ""}})


def test_tools_and_gopls_are_told_what_the_tables_say() -> None:
    """And nothing that they do not."""
    tables = {"tools": {"go": "/opt/go/bin/go"}, "gopls": {"build_flags": ("-tags=e2e",), "analyses.shadow": False}}
    found = settings_of(PROFILES["extranet"], tables)
    expected = (
        {"go": "/opt/go/bin/go"},
        {"build.buildFlags": ["-tags=e2e"], "ui.diagnostic.analyses": {"shadow": False}},
    )
    assert expected == (found["go.alternateTools"], found["gopls"])


def test_changing_the_profile_and_back_gives_the_same_bytes() -> None:
    """Nothing of the other profile stays behind."""
    once = written(MINE, "intranet")
    for other in ("extranet", "mixed", "extranet"):
        assert once == written(written(once, other), "intranet")


def test_what_the_user_wrote_stays() -> None:
    """Comments, variables of the user's, line ends."""
    text = written(written(MINE, "extranet"), "mixed")
    assert [True] * 4 == [part in text for part in ("// mine\n", '"GODEBUG": "x"', "// wide\n", "}\r\n")]


def test_a_difference_is_shown_as_diff_does() -> None:
    """Both files by name, and the lines."""
    expected = ("--- f", "+++ f", "@@ -1,2 +1,2 @@", " a", "-b", "+c")
    assert expected == difference("f", "a\nb\n", "a\nc\n")


def test_no_difference_is_no_lines() -> None:
    """A second run has nothing to show."""
    assert () == difference("f", "a\n", "a\n")


def test_a_missing_line_end_is_shown() -> None:
    """As diff does."""
    assert ("--- f", "+++ f", "@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+a") == tuple(
        line for one in difference("f", "a", "a\n") for line in one.split("\n")
    )
