"""Where bundles stand in our directory on a target, and what go is told of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

NAME = re.compile(r"[0-9a-f]{16}")
"""What a bundle is called there: the first digits of its digest."""

TREE = "cache/download"


def folder(root: str) -> str:
    """Give the directory of all bundles."""
    return f"{root}/bundles"


def path_of(name: str, root: str) -> str:
    """Give the directory of one bundle."""
    return f"{folder(root)}/{name}"


def goproxy_of(names: Sequence[str], root: str) -> str:
    """Give GOPROXY for bundles, the newest first, each of which holds what those before it lack.

    It ends with off: a lone file:// is what cmd/go does not verify toolchains from.
    """
    from urllib.parse import quote

    return ",".join([*(f"file://{quote(path_of(name, root))}/{TREE}" for name in names), "off"])
