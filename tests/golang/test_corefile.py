"""Which program a core file is of; made by hand, as a kernel may write none (tests/ops/test_goals has a real one)."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.golang.corefile import NamelessCoreError, NotCoreError, program_of

ET_CORE, ET_EXEC, PT_NOTE, NT_AUXV, NT_FILE, AT_ENTRY = 4, 2, 4, 6, 0x46494C45, 9
ENTRY = 0x401000
FILES = [(0x400000, 0x500000, b"/opt/my svc"), (0x7F0000, 0x7F9000, b"/lib/ld.so")]


def note(kind: int, payload: bytes) -> bytes:
    """A note of the kernel's."""
    body = payload + b"\0" * (-len(payload) % 4)
    return struct.pack("<III", 5, len(payload), kind) + b"CORE\0\0\0\0" + body


def auxv(entry: int = ENTRY) -> bytes:
    """The auxiliary vector."""
    return note(NT_AUXV, struct.pack("<QQQQQQ", 6, 4096, AT_ENTRY, entry, 0, 0))


def files() -> bytes:
    """What was mapped."""
    table = b"".join(struct.pack("<QQQ", start, end, 0) for start, end, _ in FILES)
    return note(NT_FILE, struct.pack("<QQ", len(FILES), 1) + table + b"".join(name + b"\0" for *_, name in FILES))


def core(*notes: bytes, kind: int = ET_CORE) -> io.BytesIO:
    """A core file of these notes and nothing else."""
    body = b"".join(notes)
    ident = b"\x7fELF\2\1\1" + b"\0" * 9
    header = struct.pack("<HHIQQQIHHHHHH", kind, 62, 1, 0, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", PT_NOTE, 0, 120, 0, 0, len(body), 0, 4)
    return io.BytesIO(ident + header + segment + body)


def test_program_is_what_is_mapped_where_it_begins() -> None:
    """Not the first file, and not a library."""
    assert "/opt/my svc" == program_of(core(auxv(), files()))


@pytest.mark.parametrize("notes", [(), (auxv(),), (files(),), (auxv(1), files())])
def test_core_that_does_not_tell(notes: tuple[bytes, ...]) -> None:
    """Then it has to be named."""
    with pytest.raises(NamelessCoreError):
        program_of(core(*notes))


@pytest.mark.parametrize("file", [io.BytesIO(), io.BytesIO(b"text"), core(auxv(), files(), kind=ET_EXEC)])
def test_file_that_is_no_core(file: io.BytesIO) -> None:
    """A program is none either."""
    with pytest.raises(NotCoreError):
        program_of(file)


@given(st.data())
def test_any_damage_is_read_or_refused(data: st.DataObject) -> None:
    """A core file that was cut or changed gives a path or one of the two errors."""
    raw = bytearray(core(auxv(), files()).getvalue())
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    try:
        assert isinstance(program_of(io.BytesIO(bytes(raw[:cut]))), str)
    except (NotCoreError, NamelessCoreError):
        return
