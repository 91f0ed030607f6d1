"""What keeps a debugger from a process: one error for each true cause, never dlv's guess at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from remotego.core.errors import RefusedError

_LEVELS = {
    1: "only a parent may trace, or whom the process itself allows",
    2: "only CAP_SYS_PTRACE may trace",
    3: "nobody may trace until the next boot",
}


@dataclass(eq=False)
class ObstacleError(RefusedError):
    """A reason of the kernel or of a policy why ``process`` cannot be debugged this way."""

    host: str
    process: str
    word: ClassVar[str]


@dataclass(eq=False)
class YamaLevelError(ObstacleError):
    """Yama forbids it (kernel.org, admin-guide/LSM/Yama)."""

    level: int
    meaning: str
    cure: str
    word = "yama"
    what = "{host}: kernel.yama.ptrace_scope is {level}: {meaning}"
    remedy = "{cure}"


def yama_level(host: str, process: str, level: int) -> YamaLevelError:
    """Name Yama's level and what helps against it."""
    cure = {
        1: (
            "--ptrace setcap or sysctl, for the time of the session; or let debug builds call "
            "prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY); or start the program under dlv (--exec)"
        ),
        2: "--ptrace setcap, or sysctl if you may lower the level for all of the host, for the time of the session",
    }.get(level, "boot with kernel.yama.ptrace_scope 2 or lower: level 3 cannot be lowered while running")
    return YamaLevelError(host, process, level, _LEVELS.get(level, "an unknown level"), cure)


@dataclass(eq=False)
class UidDiffersError(ObstacleError):
    """The process is another user's."""

    user: str
    mine: str
    word = "uid"
    what = "{host}: {process} runs as {user}, and this login is {mine}"
    remedy = "--ptrace as-user needs a sudo rule for {user}; or log in as {user}"


@dataclass(eq=False)
class GidDiffersError(ObstacleError):
    """Same user, other group (ptrace(2), "Ptrace access mode checking")."""

    group: int
    mine: int
    word = "gid"
    what = "{host}: {process} runs with group {group}, and the debugger would with group {mine}"
    remedy = "start the service with its user's own group (Group= of its unit), or use --ptrace setcap"


@dataclass(eq=False)
class NotDumpableError(ObstacleError):
    """The kernel keeps its memory from its own user."""

    word = "not-dumpable"
    what = (
        "{host}: {process} is not dumpable: its program may not be read by all, has file capabilities, "
        "has changed its user, or it called prctl(PR_SET_DUMPABLE)"
    )
    remedy = "let all read the program's file and start it without file capabilities, or use --ptrace setcap"


@dataclass(eq=False)
class CapabilitySupersetError(ObstacleError):
    """It may do what the debugger may not."""

    names: str
    word = "capabilities"
    what = "{host}: {process} has capabilities that the debugger would lack: {names}"
    remedy = "--ptrace setcap, or start the service without AmbientCapabilities= while you debug it"


@dataclass(eq=False)
class UserNamespaceError(ObstacleError):
    """Another user namespace: rights of this one mean nothing there."""

    word = "user-namespace"
    what = "{host}: {process} lives in another user namespace (a rootless container), where rights of ours mean nothing"
    remedy = "run remotego inside that container, or attach from the login that started it"


@dataclass(eq=False)
class DenyPtraceError(ObstacleError):
    """SELinux's switch against all tracing."""

    word = "selinux"
    what = "{host}: SELinux's boolean deny_ptrace is on, which forbids all tracing"
    remedy = "have an administrator run `setsebool deny_ptrace off` while you debug"


@dataclass(eq=False)
class TracedError(ObstacleError):
    """Another debugger holds it."""

    tracer: int
    word = "traced"
    what = "{host}: {process} is already traced by pid {tracer}"
    remedy = "see `remotego sessions --host {host}`; end that one with `remotego stop --host {host} --session ID`"


@dataclass(eq=False)
class ProgramUnreadableError(ObstacleError):
    """Tracing is allowed, but the program's file is not to be read."""

    word = "program-unreadable"
    what = "{host}: the program of {process} may not be read, so a debugger would know nothing of its code"
    remedy = "let this login read the program's file"


@dataclass(eq=False)
class NoNewPrivsError(ObstacleError):
    """This login's processes can get no right they lack."""

    word = "no-new-privs"
    what = "{host}: no_new_privs is set for this login, so sudo and capabilities of files have no effect"
    remedy = (
        "log in another way: a service manager or sandbox has set it (NoNewPrivileges= of a unit, a container's option)"
    )


@dataclass(eq=False)
class BoundingSetError(ObstacleError):
    """No program started here can have the capability."""

    names: str
    word = "bounding-set"
    what = "{host}: {names} not in this login's bounding set: no program started here can have that"
    remedy = "in a container, add the capability (--cap-add SYS_PTRACE), or attach from the machine that runs it"


@dataclass(eq=False)
class NosuidError(ObstacleError):
    """No place for a copy with capabilities."""

    places: str
    word = "nosuid"
    what = "{host}: no place there can hold a program with capabilities: {places}"
    remedy = "have an administrator make /opt/remotego, owned by root, on a file system without nosuid, noexec and ro"


@dataclass(eq=False)
class SeccompError(ObstacleError):
    """A filter of this login's system calls."""

    word = "seccomp"
    what = "{host}: the system calls of this login are filtered (seccomp), and the filter forbids ptrace"
    remedy = "in a container, use a seccomp profile that allows ptrace, or attach from the machine that runs it"


@dataclass(eq=False)
class SharedGroupError(ObstacleError):
    """A copy for our group would be one for others too."""

    group: str
    mates: str
    word = "shared-group"
    what = "{host}: a copy for group {group} could be run by others, too: {mates}"
    remedy = "give this login a primary group of its own, or use --ptrace sysctl"


@dataclass(eq=False)
class MissingToolError(ObstacleError):
    """A program that the plan needs is not installed."""

    tools: str
    word = "tools"
    what = "{host}: not installed there: {tools}"
    remedy = "install it (setcap, getcap: libcap2-bin or libcap; flock: util-linux), or choose another --ptrace"


@dataclass(eq=False)
class SudoRefusesError(ObstacleError):
    """Sudo is not there, or its policy says no."""

    user: str
    said: str
    word = "sudo"
    what = "{host}: sudo does not let this login act as {user}: {said}"
    remedy = (
        "have an administrator add a rule to sudoers, or choose another --ptrace (see `remotego ptrace --host {host}`)"
    )


@dataclass(eq=False)
class ScopeReadOnlyError(ObstacleError):
    """Not even root can write the setting here."""

    word = "read-only"
    what = "{host}: kernel.yama.ptrace_scope cannot be written there: /proc/sys is read-only, as in a container"
    remedy = "it is a setting of the machine that runs the container: change it there, or use --ptrace setcap"


@dataclass(eq=False)
class NotYamaError(ObstacleError):
    """Lowering the level would not help."""

    why: str
    word = "not-yama"
    what = "{host}: kernel.yama.ptrace_scope is {why}: lowering it would change nothing"
    remedy = "see `remotego ptrace --host {host}` for what does help"


@dataclass(eq=False)
class UnexplainedRefusalError(ObstacleError):
    """The kernel says no, and no rule we know says why."""

    label: str
    word = "unknown"
    what = "{host}: the kernel refuses, and no rule we know says why; its security module may: {label}"
    remedy = "look at the kernel's audit log there (AppArmor, SELinux, a container's policy)"


@dataclass(eq=False)
class SudoPasswordError(ObstacleError):
    """Sudo wants a password before it says whether it allows anything."""

    user: str
    word = "password"
    what = "{host}: sudo asks for your password there before it lets this login act as {user}"
    remedy = "run this in a terminal, where the password can be asked for; or have a NOPASSWD rule added to sudoers"
