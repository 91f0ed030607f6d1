"""The module cache as it lies on disk (go.dev/ref/mod#module-cache)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Kept:
    """The files of a version in ``cache``, whose ``name`` is written as there: ``example.com/!a/@v/v1.0.0``."""

    cache: Path
    name: str

    @property
    def noted(self) -> str:
        """The hash that go noted when it downloaded the module; "" where the cache has none."""
        return self._read("ziphash").decode("ascii", "replace").strip()

    @property
    def gomod(self) -> bytes:
        """Its go.mod; b"" where there is none."""
        return self._read("mod")

    def of_zip(self, hashed: Callable[[IO[bytes]], str]) -> str:
        """Have its zip hashed; "" where there is none that can be read."""
        with suppress(OSError, ValueError), self._place("zip").open("rb") as file:
            return hashed(file)
        return ""

    def _read(self, kind: str) -> bytes:
        try:
            return self._place(kind).read_bytes()
        except OSError:
            return b""

    def _place(self, kind: str) -> Path:
        return self.cache / "cache" / "download" / f"{self.name}.{kind}"
