"""Lines of a background task, read with the generated expressions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.terminal import one_line
from remotego.vscode.problems import (
    BEGIN,
    BEGINS,
    ENDS,
    LONGEST,
    MARGIN,
    PATTERN,
    READY,
    Place,
    choose_place,
    entry_place,
    render_problem,
    task_place,
)

LAUNCH = '{\n  // ours\n  "configurations": [\n    {"port": 1},\n    {"name": "x", "port": 23512}\n  ]\n}'
TASKS = (
    '{"tasks": [\n{"args": ["--local-port", "23512"]},\n'
    '{"isBackground": true, "args": ["debug", "--local-port", "23512"]}]}'
)


@pytest.mark.parametrize("file", ["/w/.vscode/launch.json", r"C:\w\launch.json", "/w with space/a:b/launch.json"])
def test_a_problem_is_read_as_it_was_written(file: str) -> None:
    """File, line, column, message and code come out of the one line."""
    match = re.search(PATTERN, render_problem(Place(file, 5, 9), "app1: no [way]", "ask: them", "no-way"))
    assert match is not None
    assert ("error", file, "5", "9", "app1: no [way]; try: ask: them", "no-way") == match.groups()


@given(st.text(), st.text())
def test_whatever_a_host_says_is_one_problem(what: str, remedy: str) -> None:
    """No text makes a second line, or a line that means something else."""
    line = render_problem(Place("/f"), what, remedy, "c")
    seen = (len(line.splitlines()), bool(re.search(PATTERN, line)), bool(re.search(f"{BEGINS}|{ENDS}", line)))
    assert (1, True, False) == seen


@given(st.text())
def test_no_other_line_means_anything(text: str) -> None:
    """What stands behind the margin is neither a problem nor a mark."""
    line = MARGIN + one_line(f"{READY}\n{text}\nremotego: error: /f:1:1: x [y]")
    assert re.search(f"{BEGINS}|{ENDS}|{PATTERN}", line) is None


def test_a_long_message_is_cut() -> None:
    """A Problem is for reading."""
    assert len(render_problem(Place("/f"), "x" * 9000, "y", "c")) < LONGEST + 50


def test_the_marks_are_what_the_matcher_waits_for() -> None:
    """Begin and end each fit their own expression only."""
    lines = (BEGIN, f"{READY} 127.0.0.1:23512")
    assert [(True, False), (False, True)] == [
        (bool(re.search(BEGINS, line)), bool(re.search(ENDS, line))) for line in lines
    ]


def test_the_entry_with_the_port_is_the_place() -> None:
    """A Problem leads to the configuration it is about."""
    assert Place("f", 5, 5) == entry_place(LAUNCH, "f", 23512)


def test_the_task_that_runs_is_the_place() -> None:
    """Not the one that releases."""
    assert Place("t", 3, 1) == task_place(TASKS, "t", 23512)


@pytest.mark.parametrize("text", [None, "", "[]", '{"configurations": 1}', '{"configurations": [1]}'])
def test_without_an_entry_it_is_the_top(text: str | None) -> None:
    """A Problem has a file in any case."""
    assert Place("f") == entry_place(text, "f", 23512)


def test_a_broken_file_is_shown_where_it_is_broken() -> None:
    """That is where the user has to go."""
    assert Place("f", 2, 1) == entry_place("{\nx", "f", 23512)


@pytest.mark.parametrize(("last", "expected"), [(None, "a"), ("a", "b"), ("b", "a")])
def test_two_problems_in_a_row_stand_in_different_files(last: str | None, expected: str) -> None:
    """VS Code takes away what is left of the first one."""
    assert expected == choose_place([Place("a"), Place("b")], last).file
