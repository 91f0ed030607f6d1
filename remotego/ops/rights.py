"""Rights: from a process to be debugged to a session that may attach to it, by the least privilege that does."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from remotego.core.artifact import Artifact
from remotego.core.change import Change, UndoAs
from remotego.core.errors import RemotegoError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Script, Transport
from remotego.delve.records import sessions
from remotego.host.inventory import Running
from remotego.host.journal import journal
from remotego.host.ptrace_plan import (
    BecomeUser,
    CapableCopies,
    LowerScope,
    PersistScope,
    PtracePlan,
    choose,
    describe_step,
    risk_of,
)
from remotego.host.root import HOMELESS
from remotego.host.rootwork import Program, RootWork, attend, persisting, render_persist
from remotego.host.selection import UNKNOWN, check_untraced
from remotego.host.store import plan_home
from remotego.host.survey import Survey
from remotego.ops import root
from remotego.ops.attended import Attended
from remotego.ops.consent import Consent
from remotego.ops.engine import apply, ask, controller
from remotego.ops.logins import logins
from remotego.ops.ptrace import state_of

ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Rights:
    """What a session begins with: the plan, and sudo's password where it wants one (for nobody's eyes)."""

    plan: PtracePlan
    secret: str | None = field(default=None, repr=False)


def choose_for(host: Transport, process: Running, settings: Settings, *, persist: bool) -> PtracePlan:
    """Choose how dlv gets the right to attach; where the agent has found that it has it, nothing more is asked.

    Raises AlreadyTracedError, and what ``choose`` raises.
    """
    if process.tracer:
        check_untraced(process, host=host.name, session=_session_on(host, process, settings))
    if settings.ptrace in ("auto", "none") and process.attach.can and not persist:
        return PtracePlan("none")
    state = state_of(host, process, thorough=False)
    return choose(settings.ptrace, state, host=host.name, process=process.title, persist=persist)


def _session_on(host: Transport, process: Running, settings: Settings) -> str:
    """Give the id of our session on a process: `stop` without it would end the others too. UNKNOWN for none."""
    with suppress(RemotegoError):
        for way in logins(host, settings):
            for one in ask(way.host, sessions(way.settings.store)).records:
                if one.pid == process.pid and one.state != "dead":
                    return one.id
    return UNKNOWN


def obtain(host: Transport, plan: PtracePlan, consent: Consent) -> Rights:
    """Have a plan approved, where it needs root, and the password that sudo wants.

    Raises what ``Consent`` raises, PasswordRefusedError.
    """
    if not plan.needs_root:
        return Rights(plan)
    consent.approve(host.name, explain_steps(plan), grave=plan.grave)
    return Rights(plan, root.checked_password(host, consent) if plan.asks_password else None)


def explain_steps(plan: PtracePlan) -> list[str]:
    """Say a plan in words: for each step a line, and its risk."""
    return [f"{describe_step(step)}; risk: {risk_of(step)}" for step in plan.steps]


def store_of(step: BecomeUser, own: str | None) -> str | None:
    """Where another user keeps what the session needs: at home, else in a place for those without one.

    A directory that was named (``own``) is ours and could not be theirs, so theirs is beside it.
    """
    if own is not None and not own.startswith("~"):
        return f"{own.rstrip('/')}-{step.uid}"
    return own if step.home else f"{HOMELESS}-{step.uid}"


def become(
    host: Transport, step: BecomeUser, have: Survey, own: str | None, progress: Progress
) -> tuple[Transport, str | None]:
    """Give the way in as another user and the store to use there; our own journal, in ``own``, leads to it for undo."""
    store = store_of(step, own)
    lead = UndoAs(step.user, store)
    if not any(lead in entry.undo for entry in ask(host, journal(own))):
        change = Change(f"sessions as {step.user}", (), (lead,))
        apply(host, [*plan_home(have), change], have, progress)
    return host.as_user(step.user), store


def persist(host: Transport, rights: Rights, have: Survey, progress: Progress) -> None:
    """Lower the level for good, if that is the plan; the journal has the way back first. Raises RootWorkError."""
    for step in rights.plan.steps:
        if isinstance(step, PersistScope):
            apply(host, [*plan_home(have), persisting(step)], have, progress)
            root.run_as_root(host, render_persist(step, secrets.token_hex(ID_BYTES)), rights.secret)


def work_for(rights: Rights, have: Survey, programs: Mapping[str, tuple[str, Artifact]]) -> RootWork | None:
    """Give root's work for a session, None where there is none; ``programs`` are paths and bytes by name."""
    steps = tuple(step for step in rights.plan.steps if isinstance(step, CapableCopies | LowerScope))
    if not steps:
        return None
    copied = tuple(Program(name, path, artifact.sha256) for name, (path, artifact) in programs.items())
    return RootWork(secrets.token_hex(ID_BYTES), have.digest, steps, copied)


def attend_by(host: Transport, script: Script, work: RootWork | None, have: Survey, secret: str | None) -> Attended:
    """Have root attend a session's script, if there is anything for root to do; ``secret`` is sudo's password."""
    if work is None:
        return Attended(host.name, script)
    nonce = secrets.token_hex(6)
    text = attend(script.text, work, root=have.root, by=controller(), nonce=nonce, secret=secret is not None)
    return Attended(host.name, Script(text), work, secret)
