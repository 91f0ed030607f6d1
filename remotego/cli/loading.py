"""Ctrl-C while the program is still being loaded, or its words are read: it ends at once, and says so.

There is nothing to take back then. A KeyboardInterrupt would not do: Python loses one in a destructor or a callback of
the import system, and Invoke ends with 1 and no word for it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

INTERRUPTED = 130
"""What a shell reports of a program that SIGINT has ended."""


def end_at_once(_number: int, _frame: object) -> None:
    """Handle SIGINT while there is nothing to take back."""
    with suppress(OSError):
        os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)


def begin_loading() -> None:
    """Have Ctrl-C end the program at once from here on, unless somebody else handles or ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end_at_once)


@contextmanager
def working() -> Iterator[None]:
    """Have Ctrl-C be a KeyboardInterrupt again while the block lasts, where it would end the program at once."""
    if signal.getsignal(signal.SIGINT) is not end_at_once:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, end_at_once)
