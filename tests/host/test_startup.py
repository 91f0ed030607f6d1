"""Which line gives a variable its value: reading rows, files in order, and causes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.host.startup import READING, TRACE, Cause, Files, Row, Told, read_files

HOME = "/h"
FISH = "/h/.config/fish"


def row(value: str, *, name: str = "GOPROXY", file: str = "/h/.profile", line: int = 1) -> Row:
    """Make a row."""
    return Row(file, line, name, value)


@pytest.mark.parametrize(
    ("given_row", "expected"),
    [
        (row("=https://a,direct"), "https://a,direct"),
        (row("='a b' # why"), "a b"),
        (row('="$HOME/go"; export GOPROXY'), "/h/go"),
        (row("=~/go && echo"), "/h/go"),
        (row("'=-mod=mod -x'"), "-mod=mod -x"),
        (row("+=:/x", name="PATH"), ":/x"),
        (row("=( /a /b )", name="PATH"), "/a:/b"),
        (row("=/a $PATH", name="PATH"), "/a:$PATH"),
        (row("=$ (/a $path)", name="PATH"), "$:/a:$path"),
        (row("=https\\x3a//a", file="/h/.config/fish/fish_variables"), "https://a"),
        (row("=/a\\x1e/b", file="/h/.config/fish/fish_variables", name="PATH"), "/a:/b"),
        (row('=b" C=d'), "b"),
        (row("=-x -v", file="/h/.config/environment.d/go.conf"), "-x -v"),
        (row('="/a:/b"', file="/etc/environment", name="PATH"), "/a:/b"),
    ],
)
def test_a_value_is_read_as_the_shell_would(given_row: Row, expected: str) -> None:
    """Without quotes, comments and what follows; with the home in place of its signs."""
    assert expected == given_row.plain(HOME)


@given(st.text(), st.text())
def test_no_text_is_too_odd(text: str, name: str) -> None:
    """Whatever stands in a file, reading it ends with text."""
    assert isinstance(row(text, name=name or "PATH").plain(HOME), str)


def files(rows: dict[str, list[tuple[int, str]]], reads: dict[str, list[tuple[int, str]]] | None = None) -> Files:
    """Make Files whose rows all give GOPROXY a value."""
    made = {file: [row(f"={value}", file=file, line=line) for line, value in lines] for file, lines in rows.items()}
    targets = {target for lines in (reads or {}).values() for _, target in lines}
    return Files(tuple(rows), made, reads or {}, {target: [target] for target in targets})


def order(there: Files, shell: str, context: str) -> list[str]:
    """Values in the order in which a shell comes to them."""
    return [one.value.removeprefix("=") for one in there.order(shell, context, HOME)]


def test_a_file_is_read_where_it_is_named() -> None:
    """Between the lines around it."""
    there = files({"/h/.profile": [(1, "a"), (3, "c")], "/h/.more": [(9, "b")]}, {"/h/.profile": [(2, "/h/.more")]})
    assert ["a", "b", "c"] == order(there, "dash", "login")


def test_files_that_read_each_other_end() -> None:
    """A circle is gone round a few times at most."""
    circle = {"/h/.profile": [(1, "/h/.bashrc"), (2, "/h/.bashrc")], "/h/.bashrc": [(1, "/h/.profile")] * 9}
    there = files({"/h/.profile": [(3, "a")], "/h/.bashrc": [(3, "b")]}, circle)
    assert 8 >= len(order(there, "dash", "login"))


@pytest.mark.parametrize(
    ("shell", "context", "expected"),
    [
        ("bash", "login", ["/etc/profile", "/h/.bash_login"]),
        ("bash", "interactive", ["/etc/bash.bashrc", "/h/.bashrc"]),
        ("bash", "ssh command", ["/etc/bash.bashrc", "/h/.bashrc"]),
        ("zsh", "ssh command", ["/etc/zsh/zshenv", "/h/.zshenv"]),
        ("zsh", "login", ["/etc/zsh/zshenv", "/h/.zshenv", "/h/.zprofile", "/h/.zlogin"]),
        ("zsh", "login-interactive", ["/etc/zsh/zshenv", "/h/.zshenv", "/h/.zprofile", "/h/.zshrc", "/h/.zlogin"]),
        ("fish", "ssh command", [f"{FISH}/conf.d/a.fish", "/etc/fish/conf.d/b.fish", f"{FISH}/config.fish"]),
        ("dash", "interactive", []),
        ("ash", "login-interactive", ["/etc/profile", "/h/.profile"]),
    ],
)  # fmt: skip
def test_each_shell_has_its_order(shell: str, context: str, expected: list[str]) -> None:
    """As its manual says."""
    there = (
        *("/etc/profile", "/h/.bash_login", "/h/.profile", "/etc/bash.bashrc", "/h/.bashrc"),
        *("/h/.zlogin", "/h/.zshrc", "/h/.zprofile", "/h/.zshenv", "/etc/zsh/zshenv"),
        *("/etc/fish/conf.d/a.fish", "/etc/fish/conf.d/b.fish", "/h/.config/fish/conf.d/a.fish"),
        "/h/.config/fish/config.fish",
    )
    assert expected == order(files({file: [(1, file)] for file in there}), shell, context)


def told(trace: list[Row], read: list[Row], *, traced: bool = False) -> Told:
    """Make what is known of a start."""
    return Told(trace, read, [row("=sys", file="/etc/environment", line=7)], traced, HOME)


@pytest.mark.parametrize(
    ("known", "value", "expected"),
    [
        (told([row("=a", line=1), row("=b", line=2)], []), "a", Cause("/h/.profile", 1, TRACE)),
        (told([], [row("=a", line=1), row("=b", line=2)]), "c", None),
        (told([], [row("=$X", line=1), row("=b", line=2)]), "c", Cause("/h/.profile", 1, READING)),
        (told([], [row("=a", line=1)]), "sys", Cause("/etc/environment", 7, READING)),
        (told([], [row("=a", line=1)], traced=True), "a", None),
    ],
)
def test_a_cause_is_the_last_line_that_may_be_it(known: Told, value: str, expected: Cause | None) -> None:
    """The trace before the reading; what is written out and differs is none."""
    assert expected == known.cause("GOPROXY", value)


def test_a_directory_has_the_line_that_brought_it_first() -> None:
    """Later lines only carry it on."""
    rows = [row("=/a:/b", name="PATH", line=1), row("=/c:/a:/b", name="PATH", line=2)]
    found = [str(told(rows, []).entry(one)) for one in ("/a", "/c", "/d")]
    assert ["/h/.profile:1", "/h/.profile:2", "None"] == found


def test_rows_that_are_torn_are_left_out() -> None:
    """What lacks a column tells nothing."""
    made = read_files(
        {"s": [["/a"], ["/a", "x", "PATH", "=/b"], ["/a", "1", "PATH", "=/b"]], "i": [["/a"]], "k": [["file"]]}
    )
    assert ({"/a": [Row("/a", 1, "PATH", "=/b")]}, {}, ()) == (made.rows, made.reads, made.there)
