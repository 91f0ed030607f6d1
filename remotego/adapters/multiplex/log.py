"""What an ssh master says on its standard error: its end is kept, and can be waited for."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import IO

from remotego.core.terminal import inert

_KEPT_LINES = 400
_LINE_BYTES = 4096


class Log:
    """Reads ``source`` to its end in a thread. ``heed`` is called with each line, made inert."""

    def __init__(self, source: IO[bytes], heed: Callable[[str], None] = lambda _: None) -> None:
        self._source = source
        self._heed = heed
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._count = 0
        self._ended = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, name="ssh log", daemon=True)
        self._thread.start()

    @property
    def count(self) -> int:
        """How many lines there have been."""
        with self._news:
            return self._count

    def lines(self, since: int = 0) -> list[str]:
        """Give the lines that came after the first ``since``, as far as they are kept."""
        with self._news:
            return self._newest(self._count - since)

    def wait_for(self, sought: re.Pattern[str], timeout_s: float | None, since: int = 0) -> bool:
        """Wait for a line, after the first ``since``, that begins like this; False at the end. Raises TimeoutError."""
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        with self._news:
            while True:
                if any(sought.match(line) for line in self._newest(self._count - since)):
                    return True
                since = self._count
                if self._ended:
                    return False
                left_s = None if deadline_s is None else deadline_s - time.monotonic()
                if left_s is not None and left_s <= 0:
                    raise TimeoutError
                self._news.wait(left_s)

    def wait_end(self, timeout_s: float) -> None:
        """Wait until nothing more can come, or for so long."""
        self._thread.join(timeout_s)

    def _newest(self, count: int) -> list[str]:
        return list(self._lines)[max(0, len(self._lines) - count) :]

    def _read(self) -> None:
        with self._source:
            while line := self._source.readline(_LINE_BYTES):
                self._note(inert(line).rstrip())
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _note(self, line: str) -> None:
        self._heed(line)
        with self._news:
            self._lines.append(line)
            self._count += 1
            self._news.notify_all()
