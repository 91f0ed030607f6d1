"""Curing: carrying out what the doctor's findings offer as fixes, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import assert_never

from remotego.adapters.files import ChangedFileError, read_file, replace_file
from remotego.core.errors import RemotegoError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.doctor.check import EditHere, EndSession, Finding, Fix, HostFix, ReinstallSdk
from remotego.doctor.report import HERE
from remotego.host.survey import Survey
from remotego.ops.engine import apply
from remotego.ops.examining import Patient
from remotego.ops.sdk.hosts import Supply, install_sdk
from remotego.ops.upkeep import stop_sessions

Supplies = Callable[[str], Supply]


@dataclass(frozen=True, slots=True)
class Cure:
    """A fix that was offered by some ``checks`` of a ``place``, and how it went: "planned", "done", or an ``error``."""

    place: str
    checks: tuple[str, ...]
    fix: Fix
    status: str
    error: RemotegoError | None = None


def plan_cures(place: str, findings: Sequence[Finding]) -> list[Cure]:
    """Give the fixes that findings offer, each once."""
    fixes: dict[Fix, list[str]] = {}
    for one in findings:
        if one.fix is not None:
            fixes.setdefault(one.fix, []).append(one.check)
    return [Cure(place, tuple(dict.fromkeys(checks)), fix, "planned") for fix, checks in fixes.items()]


def cure_here(cures: Sequence[Cure], root: str) -> list[Cure]:
    """Write the edits of files of the workspace. One that somebody has changed meanwhile is left as it is."""
    return [_attempt(one, partial(_edit, one.fix, Path(root))) for one in cures]


def cure_host(
    network: Network, patient: Patient, cures: Sequence[Cure], settings: Settings, progress: Progress, store: Supplies
) -> list[Cure]:
    """Do what was planned for a host, one after the other; ``store`` gives what supplies a version of the SDK."""
    return [_attempt(one, partial(_cure, network, patient, one.fix, settings, progress, store)) for one in cures]


def _cure(
    network: Network, patient: Patient, fix: Fix, settings: Settings, progress: Progress, store: Supplies
) -> None:
    name = patient.examined.place
    match fix:
        case HostFix(changes):
            with network.reach(name) as host:
                apply(host, changes, _survey(patient), progress)
        case EndSession(session):
            stop_sessions(network, name, settings, progress, only=session, dry=False)
        case ReinstallSdk(version):
            install_sdk(network, name, version, settings, progress, store(version), switch=False, dry=False)
        case EditHere():
            raise AssertionError(f"{name} has no file of a workspace")
        case _:
            assert_never(fix)


def _attempt(one: Cure, work: Callable[[], None]) -> Cure:
    try:
        work()
    except RemotegoError as error:
        return Cure(one.place, one.checks, one.fix, "failed", error)
    return Cure(one.place, one.checks, one.fix, "done")


def _survey(patient: Patient) -> Survey:
    if patient.have is not None:
        return patient.have
    if patient.condition is None:
        raise AssertionError("a host that could not be asked offers no changes")
    return patient.condition.survey


def _edit(fix: Fix, root: Path) -> None:
    if not isinstance(fix, EditHere):
        raise AssertionError(f"{HERE} is not changed by {fix}")
    original = read_file(Path(fix.file), within=root)
    if original.text != fix.before:
        raise ChangedFileError(fix.file)
    replace_file(original, fix.after)
