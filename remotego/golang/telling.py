"""Telling: values of go's variables, and lines that set them, without the secrets that may be in them."""

from __future__ import annotations

import re

from remotego.core.redaction import redacted, redacted_value
from remotego.golang.goauth import NAME, told

_QUOTED = re.compile(r"""(["'])(.*)\1(,?)""")
_LINE = re.compile(rf"""(.*(?<!\w){NAME}["']?\s*[=:]\s*|.*\b(?:set\s+-\S+|setenv)\s+{NAME}\s+)(.+)""")


def told_value(name: str, value: str) -> str:
    """Give a variable's value, which may be quoted, without secrets; of GOAUTH no argument of a command is told."""
    return _told_commands(value) if name == NAME and value else redacted_value(name, value)


def told_line(line: str) -> str:
    """Give a line of a file that may set variables without secrets: of go's own file, of a shell's, of JSON."""
    found = _LINE.fullmatch(line)
    return redacted(f"{found[1]}{_told_commands(found[2])}" if found else line)


def _told_commands(value: str) -> str:
    quoted = _QUOTED.fullmatch(value)
    mark, inner, end = quoted.groups() if quoted else ("", value, "")
    return f"{mark}{';'.join(told(inner)) if inner.strip() else inner}{mark}{end}"
