"""GOAUTH and git's settings on a target: what has go and git ask us (`go help goauth`, git-config(1))."""

from __future__ import annotations

import re
from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.golang.goauth import OURS, joined

SINCE = (1, 24)
"""The Go that introduced GOAUTH; an older one reads netrc and nothing else."""

BEGIN, END = "# >>> remotego >>>", "# <<< remotego <<<"
_BLOCK = re.compile(rb"^%s\n(?:.*\n)*?%s\n" % (BEGIN.encode(), END.encode()), re.MULTILINE)


@dataclass(eq=False)
class UnfitAgentPathError(UsageError):
    """Our directory on a target cannot be named in GOAUTH."""

    path: str
    what = "{path} cannot stand in GOAUTH: go splits its value at blanks, quotes and semicolons"
    remedy = "name another directory there with --store"


def goauth_value(agent: str, before: str | None) -> str:
    """Give the value of GOAUTH by which go asks the agent first, and then whatever it asked ``before`` (None: unset).

    go takes the credential of the command that is named first. "off" cannot be combined with anything.
    Raises UnfitAgentPathError.
    """
    if ";" in agent or ("'" in agent and '"' in agent) or not agent.isprintable():
        raise UnfitAgentPathError(agent)
    quote = "" if not re.search(r"[\s'\"]", agent) else '"' if "'" in agent else "'"
    return str(joined(f"{quote}{agent}{quote}{OURS}", before))


def with_include(text: bytes, path: str) -> bytes:
    """Give git's own settings with our block at their end: one file, that is only there while a connection is.

    At the end, since a helper that is named before is dropped for our URLs; one that comes after would be told too.
    """
    quoted = path.replace("\\", "\\\\").replace('"', '\\"')
    block = f'{BEGIN}\n[include]\n\tpath = "{quoted}"\n{END}\n'.encode()
    if block in text:
        return text
    rest = _BLOCK.sub(b"", text)
    return rest + (b"\n" if rest and not rest.endswith(b"\n") else b"") + block
