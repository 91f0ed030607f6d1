"""Something several test runs may share: the first starts it, the last takes it down."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock

TURN_TIMEOUT_S = 1200


@dataclass(frozen=True, slots=True)
class Tenancy:
    """The right to use the thing called ``name``.

    Two locks in ``folder``: holders of ``users`` are those who use it now (the kernel lets go for a
    process that dies), ``turn`` lets only one process at a time start or end it.
    """

    folder: Path
    name: str

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep others from starting or ending it meanwhile; a holder may take it again."""
        with FileLock(self.folder / f"{self.name}.turn", timeout=TURN_TIMEOUT_S, is_singleton=True):
            yield

    def move_in(self) -> IO[bytes]:
        """Count as a user until the file given back is closed. Call it inside ``turn``."""
        users = (self.folder / f"{self.name}.users").open("ab")
        fcntl.flock(users, fcntl.LOCK_SH)
        return users

    def is_used(self) -> bool:
        """Whether anyone counts as a user. Call it inside ``turn``."""
        with (self.folder / f"{self.name}.users").open("ab") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False
