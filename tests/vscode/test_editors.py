"""Files of other editors, and of windows on the target."""

import json

import pytest

from remotego.adapters.files import schema
from remotego.delve.substitution import Rule
from remotego.vscode.entries import ForeignEntryError
from remotego.vscode.here import attach_here, exec_here, plan_here
from remotego.vscode.neovim import block, plan_neovim
from remotego.vscode.zed import plan_zed, scenario

NAME = "Attach svc@app1"
RULES = (Rule("/w/svc/lib", 'a "b"\\c'), Rule("/go/src", ""))
OURS = scenario(NAME, 23512, RULES, workspace="/w/svc")
ZED, LAUNCH = schema("zed"), schema("launch")


def test_zeds_scenario_attaches_to_the_tunnel() -> None:
    """Delve in remote mode at a TCP address, with Zed's name for the workspace."""
    assert {
        "label": NAME,
        "adapter": "Delve",
        "request": "attach",
        "mode": "remote",
        "tcp_connection": {"host": "127.0.0.1", "port": 23512},
        "stopOnEntry": False,
        "substitutePath": [{"from": "$ZED_WORKTREE_ROOT/lib", "to": 'a "b"\\c'}, {"from": "/go/src", "to": ""}],
    } == OURS


@pytest.mark.parametrize("text", [None, "// mine\n", "[]", '[{"label": "x", "adapter": "Delve"}]'])
def test_zeds_file_keeps_the_rest(text: str | None) -> None:
    """Ours comes last; a second run changes nothing."""
    once = plan_zed(text, OURS, ZED)
    kept = (text or "").replace("]", "").rstrip()
    assert (True, once) == (once.startswith(kept), plan_zed(once, OURS, ZED))


def test_a_scenario_of_that_label_that_is_not_ours_is_left_alone() -> None:
    """A launch does not become an attach."""
    with pytest.raises(ForeignEntryError):
        plan_zed(json.dumps([{"label": NAME, "adapter": "CodeLLDB", "request": "launch"}]), OURS, ZED)


def test_neovims_block_is_replaced_in_its_place() -> None:
    """What stands around it stays."""
    older, newer = block(NAME, 1, RULES, "x"), block(NAME, 2, RULES, "y")
    before = plan_neovim("-- mine", NAME, older) + "-- more\n"
    assert f"-- mine\n{newer}-- more\n" == plan_neovim(before, NAME, newer)


def test_a_second_run_of_neovim_changes_nothing() -> None:
    """The same block gives the same bytes."""
    made = block(NAME, 1, RULES, "x")
    assert made == plan_neovim(plan_neovim(None, NAME, made), NAME, made)


def test_luas_strings_are_quoted() -> None:
    """Quotes, backslashes and control characters of a path stay in their string."""
    assert r'to = "a \"b\"\\c\n\001é"' in block(NAME, 1, (Rule("/x", 'a "b"\\c\n\x01é'),), "x")


def test_an_entry_here_needs_no_tunnel() -> None:
    """The extension finds the process by its name."""
    text = plan_here(None, attach_here("Attach svc@here", "svc"), LAUNCH)
    assert {"processId": "svc", "mode": "local"}.items() <= json.loads(text)["configurations"][0].items()


def test_a_program_here_begins_at_the_workspace() -> None:
    """A path that is not absolute is that of the workspace."""
    assert "${workspaceFolder}/svc" == exec_here("n", "./svc", (), "", {})["program"]


def test_an_entry_here_does_not_take_another_ones_name() -> None:
    """Attaching is not starting."""
    text = plan_here(None, attach_here("x", None), LAUNCH)
    with pytest.raises(ForeignEntryError):
        plan_here(text, exec_here("x", "/p", (), "", {}), LAUNCH)
