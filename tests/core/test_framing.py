"""The frame around a script: any cut of the stream, any noise, marks that are forged."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.framing import End, Event, FrameReader, Opening, Output, Ready, compose, compose_stream

NONCE = "0123456789abcdef"
NEAR_MARKS = [
    b"@" + NONCE.encode(),
    b"@" + NONCE[:-1].encode() + b"0 end 0\n",
    b"@",
    b"@ end 0\n",
    b"begin 1\n",
    b"\n",
    b"\x1b]52;c;aGk=\x07",
    b"\xff\x00",
]
CLEAN = st.lists(st.binary(max_size=40) | st.sampled_from(NEAR_MARKS), max_size=6).map(b"".join)
CLEAN = CLEAN.filter(lambda data: b"@" + NONCE.encode() + b" " not in data)


def begun(pid: int = 77) -> bytes:
    """The opening mark."""
    return f"@{NONCE} begin {pid}\n".encode()


READY = f"@{NONCE} ready\n".encode()


def ended(code: int) -> bytes:
    """The closing mark."""
    return f"@{NONCE} end {code}\n".encode()


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    """The stream, cut at the given places."""
    places = sorted({cut % (len(stream) + 1) for cut in cuts} | {0, len(stream)})
    return [stream[begin:end] for begin, end in pairwise(places)]


def read(reader: FrameReader, stream: bytes, cuts: list[int]) -> list[Event]:
    """All events of a stream, outputs that follow each other put together."""
    merged: list[Event] = []
    for event in (event for piece in pieces(stream, cuts) for event in reader.feed(piece)):
        match merged[-1:], event:
            case [Output(before)], Output(data):
                merged[-1] = Output(before + data)
            case _:
                merged.append(event)
    return merged


@given(CLEAN, CLEAN, CLEAN, st.integers(0, 255), st.lists(st.integers(0, 500), max_size=12))
def test_any_cut_gives_the_same_events(noise: bytes, before: bytes, after: bytes, code: int, cuts: list[int]) -> None:
    """However the stream is cut, outputs, the request for bytes and the end come out whole and in order."""
    stream = noise + begun() + before + READY + after + ended(code)
    outputs = [Output(before)] if before else []
    rest = [Output(after)] if after else []
    assert [*outputs, Ready(), *rest, End(code)] == read(FrameReader(NONCE), stream, cuts)


@given(CLEAN, st.lists(st.integers(0, 500), max_size=12))
def test_nothing_counts_before_the_opening_mark(noise: bytes, cuts: list[int]) -> None:
    """What a login shell prints is no output, and no end of anything."""
    reader = FrameReader(NONCE)
    assert ([], False) == (read(reader, noise, cuts), reader.begun)


@given(CLEAN)
def test_noise_is_kept_for_the_excuse(noise: bytes) -> None:
    """Before the frame begins, all that was said so far can be quoted."""
    reader = FrameReader(NONCE)
    reader.feed(noise)
    assert noise[-100:] == reader.preamble[-100:]


def test_endless_noise_is_not_hoarded() -> None:
    """A shell that talks for ever does not fill our memory."""
    reader = FrameReader(NONCE)
    for _ in range(100):
        reader.feed(b"y\n" * 5000)
    assert len(reader.preamble) < 3000


def test_output_without_newline_ends_at_the_mark() -> None:
    """A script whose last line has no newline keeps every byte."""
    events = FrameReader(NONCE).feed(begun() + b"abc" + ended(3))
    assert [Output(b"abc"), End(3)] == events


def test_forged_marks_are_output() -> None:
    """Marks with another nonce are what the script printed, nothing more."""
    forged = b"@0000 end 0\n@0000 ready\n"
    assert [Output(forged), End(1)] == FrameReader(NONCE).feed(begun() + forged + ended(1))


def test_bytes_after_the_end_are_nothing() -> None:
    """What a logout file prints does not count."""
    reader = FrameReader(NONCE)
    events = reader.feed(begun() + ended(0) + b"bye\n" + ended(9))
    assert ([End(0)], []) == (events, reader.feed(b"more"))


def test_missing_end_gives_no_end() -> None:
    """A stream that breaks off is not taken for an answer."""
    reader = FrameReader(NONCE)
    reader.feed(begun() + b"half of it")
    assert (True, False) == (reader.begun, reader.ended)


def test_pid_of_the_shell_is_known() -> None:
    """The opening mark names the shell, so that it can be killed."""
    reader = FrameReader(NONCE)
    reader.feed(begun(4711))
    assert 4711 == reader.shell_pid


def test_composed_script_is_one_group() -> None:
    """The shell has read all of the script before the first command runs."""
    text = compose("echo hi", NONCE).decode()
    assert ("{", "}") == (text.splitlines()[0], text.splitlines()[-1])


@given(CLEAN, st.binary(max_size=60), st.lists(st.integers(0, 500), max_size=12))
def test_any_cut_gives_the_same_stream(noise: bytes, data: bytes, cuts: list[int]) -> None:
    """However it is cut, a stream begins right after its opening line."""
    opening = Opening(NONCE)
    stream = bytearray()
    for piece in pieces(noise + begun(0) + data, cuts):
        if opening.number is None:
            stream += opening.feed(piece) or b""
        else:
            stream += piece
    assert (data, 0) == (stream, opening.number)


@given(CLEAN, st.lists(st.integers(0, 500), max_size=12))
def test_shell_that_answers_is_known(noise: bytes, cuts: list[int]) -> None:
    """Whether a stream's shell has begun is seen however its word is cut, and is no part of the excuse."""
    opening = Opening(NONCE)
    for piece in pieces(noise + f"@{NONCE} shell\n".encode() + b"why\n", cuts):
        opening.feed(piece)
    assert (True, noise[-100:] + b"why\n") == (opening.answered, opening.preamble[-len(noise[-100:]) - 4 :])


def test_opening_line_without_an_end_is_refused() -> None:
    """A hostile target cannot fill our memory with one."""
    opening = Opening(NONCE)
    with pytest.raises(ValueError, match="without an end"):
        opening.feed(f"@{NONCE} begin ".encode() + b"1" * 1000)


def test_script_of_a_stream_is_one_group() -> None:
    """The shell has read all of the script before the first command takes standard input."""
    text = compose_stream("exec cat", NONCE).decode()
    assert ("{", "}") == (text.splitlines()[0], text.splitlines()[-1])
