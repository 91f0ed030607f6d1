"""Which hosts a login has passwords for in its .netrc. No login and no password is ever read out."""

from __future__ import annotations

from remotego.core.fact import Fact
from remotego.core.terminal import inert

_SCRIPT = """\
file=${NETRC:-$HOME/.netrc}
[ ! -f "$file" ] || [ ! -r "$file" ] ||
  awk '/^[ \\t]*macdef/ { macro = 1; next } /^[ \\t]*$/ { macro = 0; next } macro { next }
    { for (i = 1; i < NF; i++) if ($i == "machine") print "machine=" $(i + 1) }' "$file"
echo end=
"""


def netrc_machines() -> Fact[frozenset[str]]:
    """Ask for the hosts; none where there is no file, or one that cannot be read."""
    return Fact("netrc", _SCRIPT, _parse)


def _parse(text: str) -> frozenset[str]:
    pairs = [line.partition("=") for line in text.splitlines()]
    if not any(name == "end" for name, _, _ in pairs):
        raise ValueError("it does not come to its end")
    return frozenset(inert(host) for name, _, host in pairs if name == "machine")
