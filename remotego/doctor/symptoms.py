"""Known pains of debugging Go remotely from VS Code, and which checks see them.

The list is that of this project's reference on the Go extension, Delve and ptrace ("25 real pains"), by its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Symptom:
    """A pain as users tell it, the ``checks`` that see its cause; without any, ``reason`` says why no tool can."""

    number: int
    told: str
    checks: tuple[str, ...] = ()
    reason: str = ""


SYMPTOMS: tuple[Symptom, ...] = (
    Symptom(1, "grey breakpoints: could not find file", ("launch-paths",)),
    Symptom(2, "the same with -trimpath or bazel", ("launch-paths", "attach-program")),
    Symptom(3, "a Windows client never matches", ("launch-windows",)),
    Symptom(4, "remotePath or cwd ignored", ("launch-paths", "editor-inert")),
    Symptom(5, "another behaviour, or a crash on reading 'addr'", ("editor-adapter",)),
    Symptom(6, "the service hangs after Disconnect", ("launch-release", "leftover-dlv")),
    Symptom(
        7,
        "the service is killed by the red square",
        reason="it is a press of a button that has not happened yet; sessions of ours turn it into a detach",
    ),
    Symptom(8, "the service is frozen until F5", ("dlv-command",)),
    Symptom(9, "the second F5 is refused", ("dlv-command",)),
    Symptom(10, "the first F5 is refused after a health probe", ("dlv-command",)),
    Symptom(11, "kernel security setting, ptrace_scope", ("attach-ptrace", "attach-process")),
    Symptom(12, "Operation not permitted in a container", ("attach-ptrace", "attach-process")),
    Symptom(13, "could not open debug info, no variables", ("attach-program",)),
    Symptom(14, "variables nil or unreadable", ("attach-program",)),
    Symptom(15, "version of Delve or Go too old or new", ("attach-program", "editor-dlv")),
    Symptom(16, "connects, then closes at once", ("dlv-command",)),
    Symptom(
        17,
        "no program output in the Debug Console",
        reason="nothing is wrong: what a process that is attached to prints goes where it always went",
    ),
    Symptom(18, "showLog shows nothing", ("editor-inert",)),
    Symptom(19, "ECONNREFUSED or a timeout", ("launch-port", "reach-hop", "forward-channel")),
    Symptom(20, "go or gopls not found under Remote-SSH", ("env-contexts", "env-block", "env-tools")),
    Symptom(21, "the service is killed while paused", ("attach-watchdog",)),
    Symptom(22, "the picker shows local processes", ("editor-inert",)),
    Symptom(23, "dlv lingers after its target has ended", ("leftover-dlv",)),
    Symptom(24, "the target dies with SIGTRAP, or dlv does not die", ("leftover-sessions",)),
    Symptom(25, 'stepping into the library fails; a rule for "/"', ("launch-order",)),
)
