"""Delve's command line, as tuples until the one place that quotes."""

from __future__ import annotations

from remotego.delve.aim import CoreFile, Program


def attach(dlv: str, pid: int) -> tuple[str, ...]:
    """Serve DAP and JSON-RPC for a running process without stopping it; where to listen is the guard's to add.

    ``--continue`` needs ``--accept-multiclient``; without both the process stands still until a
    client comes, and the first connection, even a probe, would be the only one (Delve,
    Documentation/usage/dlv_attach.md).
    """
    return (dlv, "attach", str(pid), "--headless", "--accept-multiclient", "--continue")


def execute(dlv: str, program: Program, directory: str) -> tuple[str, ...]:
    """Start a program, which waits for its first client; what it prints goes to the session's pipes.

    What stands behind ``--`` is the program's (Delve, Documentation/usage/dlv_exec.md).
    """
    return (
        dlv,
        "exec",
        program.path,
        "--headless",
        "--accept-multiclient",
        *("--wd", program.directory),
        *("--redirect", f"stdout:{directory}/stdout"),
        *("--redirect", f"stderr:{directory}/stderr"),
        "--",
        *program.arguments,
    )


def core(dlv: str, file: CoreFile) -> tuple[str, ...]:
    """Open a core file with its program."""
    return (dlv, "core", file.program, file.path, "--headless", "--accept-multiclient")
