"""Where SDKs of Go stand in our directory on a target, and what our own files among them are called."""

from __future__ import annotations

import re

VERSION = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}(?:\.[0-9]{1,4})?(?:(?:rc|beta)[0-9]{1,4})?")
"""What an SDK may be called: a version of Go without "go"."""

CURRENT = "current"
"""The link to the SDK that shells and editors follow."""

MANIFEST = "remotego-sdk.json"
"""In an SDK, the record of how it was verified, and of each file's SHA-256; it comes with the artifact."""

LISTING = "content.sha256"
"""Beside a tree that arrives, where each of its files shall be hashed: a line of SHA-256 and path for each, sorted."""

NOTE = ".remotego-sdk"
"""In an SDK, how many files and bytes there are without it, and below that what ``host.sdknote`` writes."""


def folder(root: str) -> str:
    """Give the directory of all SDKs."""
    return f"{root}/sdk"


def path_of(version: str, root: str) -> str:
    """Give the directory of one SDK, which is its GOROOT."""
    return f"{folder(root)}/{version}"


def damage_of(version: str, root: str) -> str:
    """Give the file that says what ``sdk.verify`` has found wrong with one SDK."""
    return f"{folder(root)}/.damaged-{version}"
