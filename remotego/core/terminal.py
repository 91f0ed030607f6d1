"""Text from a target made harmless for the user's terminal."""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, such as 52: writes the clipboard
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI
    r"|\x1b[ -/]*[0-~]?"  # the short ones
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def inert(text: str | bytes) -> str:
    """Drop what a terminal would obey: escape sequences, C0 and C1 controls, direction overrides;
    and half surrogates, which cannot be printed at all.

    Newlines and tabs stay. Bytes are read as UTF-8, with replacement characters for what is not.
    """
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return _CONTROLS.sub("", _ESCAPES.sub("", decoded.replace("\r\n", "\n")))


def one_line(text: str) -> str:
    """Make text harmless and put it on one line, such as the name of a file that has a line break in it."""
    return " ".join(inert(text).split())
