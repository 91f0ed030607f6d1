"""A thorough look at a bundle on a target: the SHA-256 of each file there."""

from __future__ import annotations

from collections.abc import Mapping

from remotego.core.fact import Fact
from remotego.host.scripts import assign
from remotego.host.sdk.layout import NOTE

_SCRIPT = """\
cd -- "$dir" || exit 1
find . -type f ! -name "$note" -exec $digest {} +
find . ! -type f ! -type d | sed 's/^/- -/'
echo '#end'
"""


def bundle_content(path: str, digest: str) -> Fact[Mapping[str, str]]:
    """Ask for the SHA-256 of each file by its path; what is no plain file has "-". ``digest`` is what prints them."""
    words = assign({"dir": path, "note": NOTE, "digest": digest})
    return Fact("content of a bundle", f"{words}\n{_SCRIPT}", _parse)


def _parse(text: str) -> Mapping[str, str]:
    *lines, end = text.splitlines() or [""]
    if end != "#end":
        raise ValueError("it does not tell to the end")
    rows = (line.partition(" ") for line in lines)
    return {path[1:].removeprefix("./"): digest for digest, _, path in rows}
