"""The note we leave in an SDK on a target: which one it is, and how it was verified before it was sent there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from remotego.core.terminal import inert

_FORM = 1


@dataclass(frozen=True, slots=True)
class SdkNote:
    """An SDK as it was sent. ``h1`` is its module's hash, "" where the source has none; ``artifact`` the SHA-256 sent.

    ``source`` is where the bytes came from, ``proof`` what vouched for them, both in words for people.
    """

    version: str
    goos: str
    goarch: str
    h1: str
    source: str
    proof: str
    artifact: str

    @property
    def platform(self) -> str:
        """Name its machine as Go does: linux/amd64."""
        return f"{self.goos}/{self.goarch}"

    @property
    def says(self) -> str:
        """What its ``go version`` prints."""
        return f"go version go{self.version} {self.platform}"


def write_note(note: SdkNote) -> str:
    """Give the note as one line."""
    return json.dumps({"form": _FORM} | asdict(note), ensure_ascii=True)


def parse_note(text: str) -> SdkNote:
    """Read a note. Raises ValueError for what is none of this form."""
    match json.loads(text):
        case {"form": 1, **rest} if rest.keys() == set(SdkNote.__slots__) and all(
            isinstance(value, str) for value in rest.values()
        ):
            return SdkNote(**{str(name): inert(str(value)) for name, value in rest.items()})
        case _:
            raise ValueError("not a note of this form")
