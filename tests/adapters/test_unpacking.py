"""Unpacking an artifact on this machine."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from remotego.adapters.unpacking import ChangedArtifactError, NoPlaceError, unpack
from remotego.core.artifact import Artifact
from tests.sdk.small import pack


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    """One as an SDK is packed: a directory, and a file beside it."""
    import hashlib

    data = pack({"go/bin/go": b"#!/bin/sh\n", "go/VERSION": b"go1.26.6\n", "remotego-sdk.json": b"{}"})
    path = tmp_path / "sdk.tar.gz"
    path.write_bytes(data)
    return Artifact("go", hashlib.sha256(data).hexdigest(), len(data), path)


def test_it_is_there_whole_and_read_only(artifact: Artifact, tmp_path: Path) -> None:
    """And nothing else is left beside it."""
    place = tmp_path / "sdks" / "1.26.6"
    unpack(artifact, "go", place)
    modes = [stat.S_IMODE((place / name).stat().st_mode) & 0o222 for name in ("", "bin", "bin/go", "VERSION")]
    assert ([place], "go1.26.6\n", [0, 0, 0, 0]) == (
        list(place.parent.iterdir()),
        (place / "VERSION").read_text(),
        modes,
    )


def test_what_is_there_stays(artifact: Artifact, tmp_path: Path) -> None:
    """Another controller may have been faster."""
    place = tmp_path / "1.26.6"
    place.mkdir()
    unpack(artifact, "go", place)
    assert [] == list(place.iterdir())


def test_a_changed_file_is_not_unpacked(artifact: Artifact, tmp_path: Path) -> None:
    """It is not what was verified."""
    with pytest.raises(ChangedArtifactError):
        unpack(replace(artifact, sha256="0" * 64), "go", tmp_path / "1.26.6")


def test_a_place_that_cannot_be_is_named(artifact: Artifact, tmp_path: Path) -> None:
    """A file stands in the way."""
    (tmp_path / "sdks").write_text("")
    with pytest.raises(NoPlaceError, match="sdks"):
        unpack(artifact, "go", tmp_path / "sdks" / "1.26.6")
