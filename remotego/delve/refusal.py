"""Why dlv could not attach, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.errors import HostError, MissingError, RefusedError
from remotego.delve.ending import Ended


@dataclass(eq=False)
class AttachError(RefusedError):
    """dlv could not attach to the process."""

    host: str
    process: str
    said: str
    cause: str
    what = "{host}: dlv could not attach to {process}: {said}"
    remedy = "{cause}"


@dataclass(eq=False)
class ProcessGoneError(MissingError):
    """The process ended before dlv could attach."""

    host: str
    process: str
    what = "{host}: {process} ended before dlv could attach"
    remedy = "start it again there, then run the same command"


@dataclass(eq=False)
class EarlyEndError(HostError):
    """The session ended before a client could reach dlv, and the process is as it was."""

    host: str
    process: str
    why: str
    what = "{host}: the session ended before dlv was ready ({why}); {process} runs on as before"
    remedy = "run the same command again; where the host stands still for long, give it a longer --lease, such as 30s"


def never_up(host: str, process: str, ended: Ended) -> EarlyEndError | ProcessGoneError:
    """Explain a good end that came instead of a beginning: only some are the process's own."""
    if ended.outcome in ("exited", "missing"):
        return ProcessGoneError(host, process)
    return EarlyEndError(host, process, ended.why or "nobody held it")


def attach_refused(host: str, process: str, said: str, yama: int | None) -> AttachError:
    """Explain dlv's words. ``yama`` is kernel.yama.ptrace_scope there, None without Yama.

    While Yama is on, dlv blames it for every EPERM (service/debugger/debugger_linux.go).
    """
    return AttachError(host, process, said.strip() or "it said nothing", _cause(said, yama))


def _cause(said: str, yama: int | None) -> str:
    if "permitted" not in said and "ptrace_scope" not in said:
        return "the text is dlv's own; see whether the process still runs and is a Go program"
    if yama:
        return (
            f"kernel.yama.ptrace_scope is {yama} there: have an administrator set it to 0 for the time of debugging, "
            "or let the program call prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY) in debug builds (works at scope 1)"
        )
    return (
        "the process is protected (other group, capabilities, not dumpable, or a container): "
        "run it as plainly as this login"
    )
