"""Messages rewritten on their way between an editor and dlv."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.delve.dap import LONGEST_BYTES, from_client, from_dlv


def framed(message: Any) -> bytes:
    """A message as it travels."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def stop(ends: bool) -> dict[str, Any]:
    """What the red square sends, or Disconnect."""
    return {"seq": 9, "type": "request", "command": "disconnect", "arguments": {"terminateDebuggee": ends}}


NEXT = {"seq": 8, "type": "request", "command": "next", "arguments": {"threadId": 1}}
EVALUATE = {"seq": 7, "type": "request", "command": "evaluate", "arguments": {"expression": "terminateDebuggee"}}
OFFER = {"type": "response", "command": "initialize", "body": {"supportsRestartRequest": True, "a": 1}}


def test_the_red_square_becomes_a_disconnect() -> None:
    """The process is not ended by who has not started it."""
    assert framed(stop(ends=False)) == from_client().feed(framed(stop(ends=True)))


def test_no_restart_is_offered() -> None:
    """All else that dlv offers stays."""
    without = {**OFFER, "body": {"supportsRestartRequest": False, "a": 1}}
    assert framed(without) == from_dlv().feed(framed(OFFER))


@pytest.mark.parametrize(
    "data",
    [
        framed(NEXT),
        framed(EVALUATE),
        framed(stop(ends=False)),
        framed(b'{"terminateDebuggee": '),
        framed(b'["terminateDebuggee"]'),
        framed(b"[" * 20_000 + b'"terminateDebuggee"'),
        b'{"method":"RPCServer.Detach","params":[{"terminateDebuggee":true}],"id":1}\n',
        b"Connection: close\r\n" + b"x" * 600,
    ],
    ids=["next", "evaluate", "disconnect", "broken", "array", "deep", "json-rpc", "no-dap"],
)
def test_all_else_passes_untouched(data: bytes) -> None:
    """Byte for byte."""
    rewriter = from_client()
    assert data == rewriter.feed(data) + rewriter.rest()


def test_a_long_message_passes_before_it_is_whole() -> None:
    """Memory is not filled by what is none of our messages."""
    head = framed({"type": "request", "command": "x", "arguments": "y" * LONGEST_BYTES})[:1000]
    assert head == from_client().feed(head)


@given(st.data())
def test_how_it_is_cut_does_not_matter(data: st.DataObject) -> None:
    """Pieces of any size give what the whole gives."""
    long = {"type": "request", "command": "x", "arguments": "y" * (LONGEST_BYTES + 1)}
    messages = data.draw(st.lists(st.sampled_from([NEXT, EVALUATE, stop(ends=True), long]), max_size=5))
    whole = b"".join(map(framed, messages))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    rewriter = from_client()
    spans = zip([0, *cuts], [*cuts, len(whole)], strict=True)
    given_out = b"".join(rewriter.feed(whole[start:end]) for start, end in spans) + rewriter.rest()
    assert from_client().feed(whole) == given_out
