"""Our marked block in a start-up file of a user's: where it stands, and the text that has it there.

One block where the file is read for sure; a second at its end where a line behind the first may change PATH.
"""

from __future__ import annotations

import re

from remotego.host.homefiles import ENV_FILE, FISH_FILE
from remotego.host.shelltext import read

BEGIN, END = "# >>> remotego >>>", "# <<< remotego <<<"
BLOCK = f'{BEGIN}\n[ ! -r "$HOME/{ENV_FILE}" ] || . "$HOME/{ENV_FILE}"\n{END}\n'
FISH_BLOCK = f'{BEGIN}\ntest -r "$HOME/{FISH_FILE}"; and source "$HOME/{FISH_FILE}"\n{END}\n'

TWICE = 2

_FOUND = re.compile(rb"^%s\n(?:.*\n)*?%s\n" % (BEGIN.encode(), END.encode()), re.MULTILINE)
_SETS_PATH = re.compile(
    rb"^[^#\n]*("
    rb"(?<![\w$])(PATH|path)\+?=|\bset\s+(-\S+\s+)*PATH\b|\bfish_(add_path|user_paths)|\bpath(munge|add|_\w+)\b"
    rb"|\b(goenv|gvm|asdf|mise|rtx|sdkman|direnv|nix|brew\s+shellenv)\b)",
    re.MULTILINE,
)


def has_block(text: bytes) -> bool:
    """Tell whether our block is in a file."""
    return _FOUND.search(text) is not None


def sets_path(text: bytes) -> bool:
    """Tell whether a line may change PATH: it says so, or starts one of the known version managers."""
    return _SETS_PATH.search(text) is not None


def with_block(text: bytes) -> bytes:
    """Give a file with our block at the last sure place, and again at its end where what is between may set PATH."""
    text = _renewed(text, BLOCK)
    if not has_block(text):
        at = last_sure_place(text)
        text = text[:at] + _led(text[:at], BLOCK) + text[at:]
    return with_tail(text)


def with_tail(text: bytes, block: str = BLOCK) -> bytes:
    """Give a file with our block at its end, if what stands behind the one it has, or all of it, may set PATH.

    There is none where the end is in some branch. ``block`` is FISH_BLOCK for a file that is fish's.
    """
    text = _renewed(text, block)
    found = list(_FOUND.finditer(text))
    rest = text[found[-1].end() :] if found else text
    if len(found) < TWICE and sets_path(rest) and (block == FISH_BLOCK or read(text).whole):
        text += _led(text, block)
    return text


def last_sure_place(text: bytes) -> int:
    """Find the end of a file, or the last place outside any compound command before a line that may leave it.

    Where the nesting cannot be told, the beginning. In .bashrc that is right above the "interactive?" guard.
    """
    found = read(text)
    if found.leaves is not None:
        return max(gap for gap in found.gaps if gap <= found.leaves)
    return len(text) if found.whole else _after_shebang(text)


def _after_shebang(text: bytes) -> int:
    return len(text.partition(b"\n")[0]) + 1 if text.startswith(b"#!") and b"\n" in text else 0


def _renewed(text: bytes, block: str) -> bytes:
    """Have blocks of ours that stand there say what they say today."""
    return _FOUND.sub(lambda _: block.encode(), text)


def _led(text: bytes, block: str) -> bytes:
    """Begin a line for a block."""
    return (block if text[-1:] in (b"", b"\n") else f"\n{block}").encode()
