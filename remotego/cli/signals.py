"""Signals: whatever the main thread waits for, it hears them.

Python runs a handler on the main thread only, between two of its instructions. A signal that comes when that thread
has looked for signals and does not wait yet, or that the kernel gives to another thread, is noted and interrupts no
wait: it is heard when the wait ends, and one without an end never hears it. Python writes the number of each signal
to a descriptor at once, though (``signal.set_wakeup_fd``). A thread reads from there, and wakes the main one.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

_WAKE = signal.SIGURG
"""What the main thread is woken by: no program is sent it without having asked, and it is ignored by default."""

_AGAIN_S = 0.05
"""How soon it is woken again where it has not looked: it may have been just about to wait, as before."""

_READ_BYTES = 512
_JOIN_S = 1.0


def heed(numbers: tuple[signal.Signals, ...], handler: Callable[[int, Any], None]) -> None:
    """Handle signals, but those we were started with ignoring, as by nohup, stay ignored."""
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def interrupt(number: int, _frame: object) -> None:
    """Handle a signal as Python does Ctrl-C."""
    raise KeyboardInterrupt(signal.Signals(number).name)


@contextmanager
def hearing() -> Iterator[None]:
    """Have the main thread, which this is, hear signals while the block lasts, however long it waits."""
    told, tells = os.pipe()
    os.set_blocking(tells, False)
    waker = _Waker(told)
    handler = signal.signal(_WAKE, waker.looked)
    descriptor = signal.set_wakeup_fd(tells, warn_on_full_buffer=False)
    waker.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(descriptor)
        signal.signal(_WAKE, handler)
        os.close(tells)
        waker.end()


class _Waker(threading.Thread):
    """Wakes the main thread for each signal, until it has looked. Reads from ``told`` until its other end is closed."""

    def __init__(self, told: int) -> None:
        super().__init__(name="signals", daemon=True)
        self._told = told
        self._main = threading.main_thread().ident or 0
        self._looks: SimpleQueue[None] = SimpleQueue()
        self._ended = threading.Event()

    def looked(self, _number: int, _frame: object) -> None:
        """Note that the main thread handles signals. A handler may come between any two steps of itself: no lock here.

        The handler of what it was woken for has run by then: Python goes by number, and ``_WAKE`` comes after all
        that we heed; one that raises is no exception, as the rest of them follows.
        """
        self._looks.put(None)

    def end(self) -> None:
        """Wake nobody any more; the other end is closed."""
        self._ended.set()
        self.join(_JOIN_S)

    def run(self) -> None:
        """Wait for signals, but those that are our own doing."""
        with os.fdopen(self._told, "rb", buffering=0) as told:
            while numbers := told.read(_READ_BYTES):
                if set(numbers) != {_WAKE}:
                    self._wake()

    def _wake(self) -> None:
        while not self._looks.empty():
            self._looks.get()
        while not self._ended.is_set():
            signal.pthread_kill(self._main, _WAKE)
            with suppress(Empty):
                self._looks.get(timeout=_AGAIN_S)
                return
