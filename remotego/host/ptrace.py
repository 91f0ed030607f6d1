"""What decides whether a process can be debugged: who would trace, the process, the kernel's and sudo's policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ids = tuple[int, int, int]
Answer = Literal["works", "password", "refuses", "absent", "unasked"]

CANDIDATES = ("/usr/local/lib/remotego", "/opt/remotego", "/var/lib/remotego")
"""Where copies with capabilities may lie, the first that can hold them: root's own places."""

PERSISTENT = "/etc/sysctl.d/99-remotego-ptrace.conf"
"""Read last of all by sysctl(8), so that it wins over what distributions ship (sysctl.d(5))."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who would trace: this login's ids (real, effective, saved), capabilities as masks, and its primary group.

    ``group_mates`` are other members of that group, as far as the target tells. ``seccomp`` is 0 off,
    1 strict, 2 filter.
    """

    name: str
    uids: Ids
    gids: Ids
    permitted: int
    bounding: int
    no_new_privs: bool
    seccomp: int
    group: str
    group_mates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tracee:
    """The process to debug. ``memory_owner`` is the owner of /proc/PID/mem: not its user where it is not dumpable.

    ``opened``: the kernel let this login open that file, which needs the same right as tracing;
    ``program``: its executable can be read. ``tracer`` is a thread id, 0 for none.
    """

    pid: int
    user: str
    uids: Ids
    gids: Ids
    permitted: int
    memory_owner: int | None
    tracer: int
    opened: bool
    program: bool
    label: str = ""


@dataclass(frozen=True, slots=True)
class Sudoing:
    """How sudo without a password answers: "password" where it wants one first, and only then looks at its rules."""

    answer: Answer
    said: str = ""


@dataclass(frozen=True, slots=True)
class Sudo:
    """What sudo allows as root and as the user of the process; the rest is what that user told of himself."""

    root: Sudoing
    user: Sudoing
    gid: int | None = None
    permitted: int = 0
    home: bool = False
    opened: bool = False
    program: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A place for copies with capabilities; ``hindrances`` are mount options that keep them from working."""

    path: str
    owned: bool
    hindrances: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether a copy there would have its capabilities, and nobody but root could change it."""
        return self.owned and not self.hindrances


@dataclass(frozen=True, slots=True)
class State:
    """All that decides. ``yama`` is kernel.yama.ptrace_scope, None where the kernel has no Yama."""

    yama: int | None
    selinux_denies: bool
    scope_writable: bool
    me: Caller
    target: Tracee
    same_namespace: bool
    rooms: tuple[Room, ...]
    tools: frozenset[str]
    sudo: Sudo
