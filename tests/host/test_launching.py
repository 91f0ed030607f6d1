"""What a command means on a target, on real shells."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.errors import RemotegoError
from remotego.host.launching import (
    BadVariableError,
    NoCommandError,
    NoSuchDirectoryError,
    NoSuchProgramError,
    Place,
    UnexecutableProgramError,
    check_environment,
    check_place,
    place,
    split_command,
)
from remotego.ops.engine import ask
from tests.ops.local_transport import LocalTransport


@pytest.fixture
def program(local: LocalTransport) -> Path:
    """A program with an awkward path."""
    folder = local.home / "it's a * place"
    folder.mkdir()
    file = folder / "svc"
    file.write_text("#!/bin/sh\n")
    file.chmod(0o700)
    return file


def test_path_counts_from_the_directory(local: LocalTransport, program: Path) -> None:
    """As after cd."""
    assert Place(str(program.parent), f"{program.parent}/./svc") == ask(local, place("./svc", str(program.parent)))


def test_directory_is_where_a_login_begins(local: LocalTransport, program: Path) -> None:
    """Unless one is named."""
    expected = Place(str(local.home), f"{local.home}/{program.parent.name}/svc")
    assert expected == ask(local, place(f"{program.parent.name}/svc", ""))


def test_bare_name_is_looked_up_in_path(local: LocalTransport) -> None:
    """As a shell does."""
    assert "/sh" == ask(local, place("sh", "/")).program[-3:]


@pytest.mark.parametrize(
    ("name", "directory", "problem"),
    [
        ("./none", "", "notfound"),
        ("no-such-program", "", "notfound"),
        ("/etc/passwd", "", "notexecutable"),
        ("/etc", "", "notfound"),
        ("sh", "/no/such/place", "nodirectory"),
    ],
)
def test_problem_is_told(local: LocalTransport, name: str, directory: str, problem: str) -> None:
    """Instead of a guess."""
    assert problem == ask(local, place(name, directory)).problem


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        ("nodirectory", NoSuchDirectoryError),
        ("notfound", NoSuchProgramError),
        ("notexecutable", UnexecutableProgramError),
    ],
)
def test_problem_is_an_error(problem: str, error: type[RemotegoError]) -> None:
    """Each by its own name."""
    with pytest.raises(error):
        check_place(Place(problem=problem), host="app", program="svc", directory="/x")


def test_command_is_read_as_by_a_shell() -> None:
    """Without expansions."""
    assert ("./svc", "-v", "two words", "$HOME") == split_command("./svc -v 'two words' '$HOME'")


@pytest.mark.parametrize("command", ["", "  ", "''", "a 'b", "a \\"])
def test_command_that_is_none_is_refused(command: str) -> None:
    """It would be something else than was meant."""
    with pytest.raises(NoCommandError):
        split_command(command)


@pytest.mark.parametrize("variable", ["", "=x", "A", "1A=x", "A B=x", "A=\0"])
def test_variable_that_is_none_is_refused(variable: str) -> None:
    """NAME=VALUE it is."""
    with pytest.raises(BadVariableError):
        check_environment(("GOOD=", variable))


@given(st.text())
def test_any_answer_is_read_or_refused(text: str) -> None:
    """An answer of any form is a place or a ValueError."""
    try:
        found = place("x", "").parse(text)
    except ValueError:
        return
    assert isinstance(found, Place)
