"""What a user may write for a machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.adapters.ssh.names import Destination, NameRefusedError, parse_destination, parse_jumps


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app", Destination("app")),
        ("me@app", Destination("app", "me")),
        ("app:2222", Destination("app", None, 2222)),
        ("me@app:2222", Destination("app", "me", 2222)),
        ("me@corp@app", Destination("app", "me@corp")),
        ("ssh://me@app:2222/", Destination("app", "me", 2222)),
        ("ssh://app", Destination("app")),
        ("::1", Destination("::1")),
        ("me@fe80::1%eth0", Destination("fe80::1%eth0", "me")),
        ("[::1]:2222", Destination("::1", None, 2222)),
        ("me@[::1]", Destination("::1", "me")),
        ("build_1.example.org", Destination("build_1.example.org")),
    ],
)
def test_name_is_taken_apart(text: str, expected: Destination) -> None:
    """Aliases, user@host:port, IPv6 and ssh:// are understood."""
    assert expected == parse_destination(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "@app",
        "me@",
        "-oProxyCommand=x",
        "me@-app",
        "-l@app",
        "a b",
        "a\tb",
        "a\nb",
        "a\0b",
        "a\x1b[2J",
        "a\u2028b",
        "a;b",
        "$(id)",
        "`id`",
        "a|b",
        "a'b",
        'a"b',
        ":22",
        "me@:22",
        "ssh://:22",
        "[:22]",
        "app:",
        "app:ssh",
        "app:0",
        "app:65536",
        "ssh://-x",
    ],
)
def test_unsafe_name_is_refused(text: str) -> None:
    """What could be an option or reach a shell never gets to ssh."""
    with pytest.raises(NameRefusedError):
        parse_destination(text)


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    """No input breaks the parser, and nothing it accepts starts with a dash or holds a blank."""
    try:
        found = parse_destination(text)
    except NameRefusedError:
        return
    assert not found.host.startswith("-")
    assert found.host == "".join(found.host.split())


@given(
    st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True),
    st.none() | st.from_regex(r"[a-z][a-z0-9_-]{0,10}", fullmatch=True),
    st.none() | st.integers(1, 65535),
)
def test_writing_and_reading_agree(host: str, user: str | None, port: int | None) -> None:
    """A destination written out is read back as itself."""
    destination = Destination(host, user, port)
    assert destination == parse_destination(str(destination))


@pytest.mark.parametrize("text", ["", "none", "None", " none "])
def test_no_jump(text: str) -> None:
    """``none`` means that there is no jump host."""
    assert () == parse_jumps(text)


def test_jump_list_keeps_its_order() -> None:
    """A comma list names hops in the order they are passed."""
    expected = (Destination("a", "me", 2200), Destination("b"), Destination("::1", None, 22))
    assert expected == parse_jumps("me@a:2200, b,ssh://[::1]:22")
