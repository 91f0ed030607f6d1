"""The system of a host: kernel, clock, and whether its kernel lets this login trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remotego.delve.platforms import UnsupportedMachineError, parse_machine
from remotego.doctor.check import Finding, failure, ok, unknown, warning
from remotego.host.condition import Clock, Condition
from remotego.host.inventory import Running
from remotego.host.ptrace import State
from remotego.host.verdict import judge

TOLERATED_S = 5.0
"""Tokens, certificates and notes of sessions survive that; make and go builds do not notice."""

GRAVE_S = 300.0
"""What Kerberos allows; certificates of SSH and TLS fail about there as well."""


@dataclass(frozen=True, slots=True)
class Span:
    """Our clock, in seconds, before a question was sent and after it was answered."""

    sent: float
    answered: float


def skew(clock: Clock, span: Span) -> tuple[float, float]:
    """Give the least and the most that the target's clock is ahead of ours, in seconds.

    The target looked between our two looks, and its clock tells whole seconds (RFC 5905 bounds an offset like this).
    """
    return clock.ended - span.answered, clock.begun + 1 - span.sent


def judge_system(found: Condition, span: Span) -> Iterator[Finding]:
    """Judge kernel and clock."""
    yield _kernel(found)
    yield _clock(found.clock, span)


def _kernel(found: Condition) -> Finding:
    said = f"{found.system} {found.kernel} on {found.machine}"
    if found.system != "Linux":
        return failure("system-kernel", f"it runs {said}", "choose a Linux target: Delve's remote side here needs it")
    try:
        parse_machine(found.machine)
    except UnsupportedMachineError as error:
        return failure("system-kernel", f"{said}: {error}", error.advice)
    return ok("system-kernel", said)


def _clock(clock: Clock, span: Span) -> Finding:
    least, most = skew(clock, span)
    off = least if least > 0 else -most if most < 0 else 0.0
    if off <= TOLERATED_S:
        return ok("system-clock", f"within {max(TOLERATED_S, most - least):.0f} s of ours")
    way = "ahead of" if least > 0 else "behind"
    said = f"its clock is {_span(off)} {way} ours"
    remedy = "have NTP set it (timedatectl set-ntp true), or see which of the two clocks is right"
    return (failure if off >= GRAVE_S else warning)("system-clock", said, remedy)


def _span(seconds: float) -> str:
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.1f} h"
    )


def judge_attach(own: State, host: str) -> Finding:
    """Judge whether a login may trace a process of its own that nobody has named."""
    verdict = judge("none", own, host=host, process="a process of its own")
    level = "no Yama" if own.yama is None else f"ptrace_scope {own.yama}"
    if verdict.can:
        return ok("attach-ptrace", f"the kernel lets {own.me.name} trace its own processes ({level})")
    ways = [policy for policy in ("setcap", "sysctl") if judge(policy, own, host=host, process="it").can is not False]
    ways += ["exec"] if judge("exec", own, host=host, process="it").can else []
    cause = verdict.causes[0] if verdict.causes else None
    said = f"{cause or 'the kernel refuses'} ({level})"
    if not ways:
        return failure("attach-ptrace", said, cause.advice if cause else "see `remotego ptrace`")
    remedy = f"`remotego debug --ptrace {ways[0]}` gets past it ({', '.join(ways)}); `remotego ptrace` explains each"
    return warning("attach-ptrace", said, remedy)


def judge_process(states: Mapping[int, State], named: str, host: str) -> Iterator[Finding]:
    """Judge the processes that the settings name."""
    if not states:
        remedy = "see what runs with `remotego ps`, and correct process or pid in remotego.toml"
        yield warning("attach-process", f"there is no process {named}", remedy)
    for pid, state in states.items():
        title = f"{named} (pid {pid})"
        verdict = judge("none", state, host=host, process=title)
        ways = [
            one
            for one in ("as-user", "setcap", "sysctl")
            if judge(one, state, host=host, process=title).can is not False
        ]
        cause = verdict.causes[0] if verdict.causes else None
        if verdict.can:
            yield ok("attach-process", f"{title} can be traced")
        elif ways:
            yield warning(
                "attach-process", str(cause), f"`remotego debug --ptrace {ways[0]}`; `remotego ptrace` explains"
            )
        else:
            yield failure("attach-process", str(cause or "refused"), cause.advice if cause else "see `remotego ptrace`")


def judge_programs(programs: tuple[Running, ...], fitting: Mapping[str, str]) -> Iterator[Finding]:
    """Judge how named processes were built; ``fitting`` is the Delve for each version of Go, "" if there is none."""
    for one in programs:
        if one.program is None:
            yield unknown(
                "attach-program", f"{one.title}: {one.problem or 'its program cannot be read'}", "see `remotego ps`"
            )
            continue
        built = one.program
        if built.stripped:
            remedy = "build without -ldflags='-s -w'; `go run` strips too"
            yield failure("attach-program", f"{one.title} has no debug information", remedy)
        elif built.go in fitting and not fitting[built.go]:
            remedy = "upgrade remotego, or rebuild the program with a Go that a Delve knows"
            yield failure(
                "attach-program", f"{one.title} was built by {built.go}, which no Delve we know debugs", remedy
            )
        elif built.optimised:
            remedy = "build with -gcflags='all=-N -l' to see every variable"
            yield warning("attach-program", f"{one.title} is optimised: some variables cannot be shown", remedy)
        else:
            more = ", trimpath: its rules name modules" if built.trimpath else ""
            yield ok("attach-program", f"{one.title}: {built.go}, with debug information{more}")


def judge_watchdogs(found: Condition) -> Finding:
    """Judge whether a pause at a breakpoint would be somebody's death."""
    if found.watched:
        said = "; ".join(f"{one.name} (pid {one.pid}) after {one.limit_s:.0f} s" for one in found.watched[:4])
        remedy = "pause no longer (--max-pause), use logpoints, or raise WatchdogSec= of the unit while you debug"
        return warning("attach-watchdog", f"systemd kills what stands still at a breakpoint: {said}", remedy)
    return ok("attach-watchdog", "no process of this login has a watchdog of systemd")
