"""The verb that explains who may trace what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.core.errors import RemotegoError
    from remotego.host.ptrace_plan import PtracePlan
    from remotego.ops.ptrace import Explained, Option

COLUMNS = ("host", "policy", "works", "what it would do, or why not", "risk")
_ABSENT: Mapping[str, Any] = {"pid": None, "process": None, "user": None, "yama": None, "auto": None, "policies": []}
_WORKS = {True: "yes", False: "no", None: "if sudo takes your password"}


@verb("ptrace", iterable=("host",))
def ptrace(
    c: Context,
    host: list[str],
    process: str | None = None,
    pid: str | None = None,
    port: str | None = None,
    unit: str | None = None,
    parallel: str | None = None,
) -> Report:
    """Explain whether a process on each HOST can be debugged, by which --ptrace, and if not why.

    Changes nothing: it asks the kernel and, without a password, sudo (which writes to the host's log).
    "exec" stands for starting a program under dlv instead of attaching to one.

    Examples:
        ptrace --host app1 --process svc
        ptrace --host app1 --pid 4711 --json
    """
    from remotego.ops.ptrace import explain

    request = c.request
    return on_each_host(
        request,
        "ptrace",
        lambda name, settings: explain(request.network, name, settings, request.printer),
        _view,
        absent=_ABSENT,
        columns=COLUMNS,
    )


def _view(done: Explained) -> View:
    level = done.state.yama
    yama = "no Yama in its kernel" if level is None else f"kernel.yama.ptrace_scope is {level}"
    called = f"{done.process.label} (pid {done.process.pid}) of {done.state.target.user}"
    found = f"--ptrace auto takes {done.auto}" if done.auto else "no policy lets dlv attach"
    return View(
        "explained",
        document={
            "pid": done.process.pid,
            "process": done.process.label,
            "user": done.state.target.user,
            "yama": level,
            "auto": done.auto,
            "policies": [_document(one) for one in done.options],
        },
        table=[row for one in done.options for row in _rows(one)],
        notes=[f"{called}, {yama}: {found}"],
    )


def _rows(option: Option) -> list[tuple[str, ...]]:
    verdict = option.verdict
    works = "likely" if verdict.can and not verdict.certain else _WORKS[verdict.can]
    steps = _steps(option.plan)
    if verdict.can is False:
        told = [(_bare(cause), "") for cause in verdict.causes]
    else:
        idle = (
            "a program started under dlv (--exec) can be debugged"
            if verdict.policy == "exec"
            else "nothing has to change"
        )
        told = [(one["does"], one["risk"]) for one in steps] or [(idle, "none")]
    return [(verdict.policy, works, *cells) for cells in told]


def _bare(cause: RemotegoError) -> str:
    """Say a cause without the host, which the row begins with."""
    return str(cause).partition(": ")[2]


def _steps(plan: PtracePlan | None) -> list[dict[str, str]]:
    from remotego.host.ptrace_plan import describe_step, risk_of

    return [{"does": describe_step(step), "risk": risk_of(step)} for step in (plan.steps if plan else ())]


def document_rights(plan: PtracePlan) -> dict[str, Any]:
    """Give a plan as JSON."""
    return {"policy": plan.policy, "steps": _steps(plan)}


def _document(option: Option) -> dict[str, Any]:
    verdict = option.verdict
    return {
        "policy": verdict.policy,
        "can": verdict.can,
        "certain": verdict.certain,
        "causes": [{"cause": cause.word, "what": str(cause), "remedy": cause.advice} for cause in verdict.causes],
        "steps": _steps(option.plan),
    }
