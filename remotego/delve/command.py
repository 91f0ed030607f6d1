"""Delve's command line, as tuples until the one place that quotes."""

from __future__ import annotations


def attach(dlv: str, pid: int, socket: str) -> tuple[str, ...]:
    """Serve DAP and JSON-RPC for a running process on a unix socket, without stopping it.

    ``--continue`` needs ``--accept-multiclient``; without both the process stands still until a
    client comes, and the first connection, even a probe, would be the only one (Delve,
    Documentation/usage/dlv_attach.md).
    """
    return (
        dlv,
        "attach",
        str(pid),
        "--headless",
        "--accept-multiclient",
        "--continue",
        f"--listen=unix:{socket}",
    )
