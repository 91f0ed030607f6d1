"""From a target's words to the cause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.errors import HostError
from remotego.host.faults import (
    BrokenOffError,
    DamagedError,
    DiskFullError,
    NoInodesError,
    NotExecutableError,
    NotWritableError,
    ProofFailedError,
    QuotaError,
    ReadOnlyError,
    UnexplainedError,
    WrongFormatError,
    explain,
)

DF_K = "#df-k Filesystem 1024-blocks Used Available Capacity Mounted on\n#df-k tmpfs 4096 4000 {free} 98% /home/full\n"
DF_I = "#df-i Filesystem     Inodes  IUsed IFree IUse% Mounted on\n#df-i tmpfs 8 8 {free} 100% /home/full\n"
DF_I_BTRFS = "#df-i Filesystem     Inodes  IUsed IFree IUse% Mounted on\n#df-i /dev/sda 0 0 0 - /\n"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("sh: 1: cannot create /r/x: Read-only file system", ReadOnlyError),
        ("mkdir: cannot create directory '/r': Permission denied", NotWritableError),
        ("head: write error: Disk quota exceeded", QuotaError),
        ("sh: 44: exec: /r/file: Permission denied\n#exit 126", NotExecutableError),
        ("sh: exec: line 1: /r/file: Operation not permitted\n#exit 126", NotExecutableError),
        ("sh: 1: exec: /r/file: Exec format error\n#exit 126", WrongFormatError),
        ("gzip: stdin: unexpected end of file\n#digest differs", DamagedError),
        ("Killed\n#exit 137", ProofFailedError),
        ("#signal TERM", BrokenOffError),
        ("something new", UnexplainedError),
        ("", UnexplainedError),
    ],
)
def test_cause_is_named(said: str, kind: type[HostError]) -> None:
    """Each kind of failure has an error of its own."""
    assert kind is type(explain(f"{DF_K.format(free=96)}{said}\n".encode(), "/r"))


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (DF_K.format(free=0) + DF_I.format(free=5), DiskFullError),
        (DF_K.format(free=96) + DF_I.format(free=0), NoInodesError),
        (DF_K.format(free=0) + DF_I.format(free=0), DiskFullError),
        (DF_K.format(free=96) + DF_I_BTRFS, DiskFullError),
        (DF_K.format(free=96), DiskFullError),
        ("", DiskFullError),
    ],
)
def test_no_space_is_told_from_no_inodes(told: str, kind: type[HostError]) -> None:
    """The kernel has one word for both; df tells which, and some file systems count no inodes."""
    assert kind is type(explain(f"{told}cat: write error: No space left on device\n".encode(), "/r"))


def test_free_space_is_told() -> None:
    """The figure is that of the file system the store is on."""
    error = explain(f"{DF_K.format(free=96)}No space left on device".encode(), "/r")
    assert isinstance(error, DiskFullError)
    assert 96 == error.free_kb


def test_unknown_words_are_quoted() -> None:
    """The last lines the target said, without ours and without controls."""
    error = explain(b"#df-k x\nfirst\n\x1b[31mred\n", "/r")
    assert isinstance(error, UnexplainedError)
    assert "first\nred" == error.said


@given(st.binary(max_size=300) | st.text(st.sampled_from("#df-ki 019%/\n"), max_size=80).map(str.encode))
def test_any_words_have_an_error(said: bytes) -> None:
    """Whatever a target says, there is an error with a text and a remedy."""
    assert all(explain(b"No space left on device\n" * odd + said, "/r").advice for odd in (False, True))
