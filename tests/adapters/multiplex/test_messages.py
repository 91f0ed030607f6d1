"""The protocol of the control socket, byte by byte (OpenSSH, PROTOCOL.mux)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.adapters.multiplex.messages import (
    Denied,
    Granted,
    Hello,
    Other,
    framed,
    hello,
    new_session,
    parse_reply,
    stdio_forward,
)

REPLIES = {
    "00000001 00000004": Hello(4),
    "80000001 00000000": Granted(),
    "80000005 00000000 0000002a": Granted(),
    "80000006 00000000 00000002": Granted(),
    "80000002 00000000 00000002 6e6f": Denied("no"),
    "80000003 00000000 00000002 6e6f": Denied("no"),
    "80000004 00000002 00000007": Other(0x80000004),
}


@pytest.mark.parametrize("text", REPLIES)
def test_reply_is_read(text: str) -> None:
    """Each kind of reply."""
    assert REPLIES[text] == parse_reply(bytes.fromhex(text))


@given(st.binary(max_size=64))
def test_any_bytes_are_a_reply_or_none(data: bytes) -> None:
    """Whatever stands in for a master, it causes no other error."""
    try:
        assert isinstance(parse_reply(data), Hello | Granted | Denied | Other)
    except ValueError:
        assert len(data) < 12


def test_greeting_carries_the_version() -> None:
    """Length, kind, version."""
    assert bytes.fromhex("00000008 00000001 00000004") == framed(hello())


def test_session_asks_for_a_command_and_nothing_else() -> None:
    """No terminal, no X11, no agent, no subsystem, no escape character, no terminal type."""
    expected = "10000002 00000000 00000000 00000000 00000000 00000000 00000000 ffffffff 00000000 00000002 6c73"
    assert bytes.fromhex(expected) == new_session("ls")


def test_forward_names_host_and_port() -> None:
    """The two descriptors come after it."""
    assert bytes.fromhex("10000008 00000000 00000000 00000001 68 00000016") == stdio_forward("h", 22)
