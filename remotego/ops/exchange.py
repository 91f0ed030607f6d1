"""Exchanging: several files become what they shall be, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from remotego.adapters.files import Original, remove_file, replace_file
from remotego.core.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Swap:
    """A file as it was read, and the ``text`` that it shall have; None: it shall not be there."""

    original: Original
    text: str | None

    @property
    def back(self) -> Swap:
        """The way back, once it is done."""
        return Swap(replace(self.original, text=self.text), self.original.text)


def exchange(swaps: Sequence[Swap]) -> None:
    """Do all of them. Whatever keeps one from being done, those before it are taken back, and it is raised.

    Raises ChangedFileError for a file that is no longer what was read, UnwritableFileError.
    """
    begun: list[Swap] = []
    try:
        for swap in swaps:
            begun.append(swap)
            _put(swap)
    except BaseException:
        for swap in reversed(begun):
            with suppress(RefusedError):  # what was not done yet, or has another writer now, is not ours to change
                _put(swap.back)
        raise


def _put(swap: Swap) -> None:
    if swap.text is None:
        remove_file(swap.original)
    else:
        replace_file(swap.original, swap.text)
