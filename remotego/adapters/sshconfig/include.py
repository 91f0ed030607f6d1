"""The one Include in a user's ssh_config that leads to our files, in a marked block at the top. Pure.

At the top, as an Include below a Host line would count for that host alone, and as ssh takes the first value it
meets. Included blocks do not reach beyond their file (readconf.c gives the outer Host back its say).
"""

from __future__ import annotations

import re

BEGIN, END = "# >>> remotego >>>", "# <<< remotego <<<"
_MADE = "# remotego made this file"
_NOTE = re.compile(rf"{_MADE}(?:; directories made for it: ([0-9]+))?")
_BLOCK = re.compile(rf"{BEGIN}\r?\n(?:.*\n)*?{END}\r?\n(?:\r?\n)?")


def with_include(text: str | None, argument: str, folders: int = 0) -> str:
    """Give the text with our block for ``argument``, already quoted, once.

    None stands for no file; it notes that so many ``folders`` have to be made for it.
    """
    eol = "\r\n" if text and "\r\n" in text.partition("\n")[0] + "\n" else "\n"
    found = _BLOCK.search(text or "")
    note = _NOTE.search(found[0]) if found else None
    made = [f"{_MADE}; directories made for it: {folders}" if folders else _MADE] if text is None else []
    lines = [BEGIN, *([note[0]] if note else made), f"Include {argument}", END, ""]
    block = "".join(line + eol for line in lines)
    if text is None or found is None:
        return block + (text or "")
    above, below = text[: found.start()], text[found.end() :]
    return above + block + below if _is_comment(above) else block + above + below


def without_include(text: str | None) -> str | None:
    """Give the text as it was before; None for a file that was made for our block alone."""
    found = _BLOCK.search(text or "")
    if text is None or found is None:
        return text
    rest = text[: found.start()] + text[found.end() :]
    return None if not rest and _MADE in found[0] else rest


def folders_made(text: str | None) -> int:
    """Tell how many directories were made for a file that was made for our block."""
    found = _BLOCK.search(text or "")
    note = _NOTE.search(found[0]) if found else None
    return int(note[1] or 0) if note else 0


def _is_comment(text: str) -> bool:
    return all(line.lstrip().startswith("#") or not line.strip() for line in text.splitlines())
