"""Zips of modules are read without trust. That they are hashed as go does is seen against go in tests/bundle."""

import io
import zipfile
from collections.abc import Mapping

import pytest

from remotego.golang.modulezip import zip_h1
from remotego.golang.zipend import read_end

PREFIX = "a.com/x@v1.0.0/"
MANY = 65_600


def packed(files: Mapping[str, bytes], comment: bytes = b"") -> bytes:
    """A zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def refused(data: bytes, said: str) -> None:
    """It is no zip of a module."""
    with pytest.raises(ValueError, match=said):
        zip_h1(io.BytesIO(data), "a.com/x", "v1.0.0")


@pytest.mark.parametrize("name", ["b.com/x@v1.0.0/a", f"{PREFIX}../a", f"{PREFIX}a\\b"])
def test_names_that_lead_elsewhere(name: str) -> None:
    """Out of the module."""
    refused(packed({name: b""}), "it has a file called")


@pytest.fixture(scope="module")
def many() -> bytes:
    """A zip of more files than the old form counts."""
    return packed({f"{PREFIX}{number}": b"" for number in range(MANY)})


def test_more_files_than_a_zip_of_the_old_form_has(many: bytes) -> None:
    """They are read from the other form of the end."""
    end = read_end(io.BytesIO(many))
    hashed = zip_h1(io.BytesIO(many), "a.com/x", "v1.0.0")
    assert (MANY, True, "h1:") == (end.count, end.is_zip64, hashed[:3])


def test_a_directory_that_claims_to_be_huge_is_not_read() -> None:
    """zipfile would have it in memory first."""
    data = bytearray(packed({f"{PREFIX}a": b""}))
    data[-10:-6] = (1 << 31).to_bytes(4, "little")
    refused(bytes(data), "in a directory of 2147483648 bytes")


def test_many_files_are_seen_by_what_is_claimed(many: bytes) -> None:
    """The count of the form for many."""
    at = many.rfind(b"PK\x06\x06")
    count = (300_000).to_bytes(8, "little")
    refused(many[: at + 24] + count + count + many[at + 40 :], "it claims 300000 files")


def test_an_end_with_a_comment() -> None:
    """It stands behind."""
    assert 1 == read_end(io.BytesIO(packed({f"{PREFIX}a": b""}, b"said"))).count


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", b"no zip at all", packed({f"{PREFIX}a": b"a"})[:-1]])
def test_what_is_no_zip(data: bytes) -> None:
    """Cut short, or something else."""
    refused(data, "it is no zip|it does not end")
