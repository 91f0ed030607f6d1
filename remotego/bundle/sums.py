"""go.sum and go.work.sum: what a workspace says the hashes of its modules are (go.dev/ref/mod#go-sum-files)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Sums = Mapping[tuple[str, str], str]
"""Hashes by module and version; those of a go.mod have ``/go.mod`` behind the version."""


def parse_sums(text: str) -> dict[tuple[str, str], str]:
    """Read one; what makes no sense is left for go to complain about."""
    rows = (line.split() for line in text.splitlines())
    return {(row[0], row[1]): row[2] for row in rows if len(row) == 3 and row[2].startswith("h1:")}


def contradictions(sums: Sums, path: str, version: str, mod: str, zipped: str) -> Iterator[str]:
    """Name what a go.sum says otherwise than was found."""
    for key, found in (((path, version), zipped), ((path, f"{version}/go.mod"), mod)):
        if found and (said := sums.get(key, found)) != found:
            yield f"{key[0]} {key[1]} is {found}, and the go.sum says {said}"


def vouches(sums: Sums, path: str, version: str, *, zipped: bool) -> bool:
    """Tell whether a go.sum has all the hashes of a module."""
    return (path, f"{version}/go.mod") in sums and (not zipped or (path, version) in sums)
