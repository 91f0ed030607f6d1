"""The doctor: this machine and hosts examined at the same time, and cured as far as findings offer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from remotego.adapters.files import UnwritableFileError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.doctor.page import render_page
from remotego.doctor.report import HERE, Examined
from remotego.ops.curing import Cure, cure_here, cure_host, plan_cures
from remotego.ops.engine import controller
from remotego.ops.examining import Patient, examine_host
from remotego.ops.examining_here import examine_here
from remotego.ops.fleet import each
from remotego.ops.sdk.delivery import delivery_of
from remotego.ops.sdk.hosts import Supply

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found in each place, after the cures if there were any."""

    places: tuple[Examined, ...]
    cures: tuple[Cure, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """A place as it was examined; ``patient`` is None for this machine."""

    examined: Examined
    patient: Patient | None = None


def diagnose(
    network: Network | None,
    config: Path | None,
    hosts: Sequence[str],
    settings: Settings,
    progress: Progress,
    *,
    fix: bool,
    dry: bool,
) -> Diagnosis:
    """Examine this machine and the hosts, and with ``fix`` cure what they offer; a cured place is looked at again.

    Raises NoWorkspaceError. What keeps us from a host is a finding.
    """

    def examine(name: str) -> _Case:
        if name == HERE or network is None:
            return _Case(examine_here(settings, progress))
        patient = examine_host(network, config, name, settings.of(name), progress)
        return _Case(patient.examined, patient)

    cases = _all([HERE, *hosts], examine, settings.parallel)
    planned = {one.examined.place: plan_cures(one.examined.place, one.examined.fixable) for one in cases} if fix else {}
    if dry or not any(planned.values()):
        return Diagnosis(
            tuple(one.examined for one in cases), tuple(cure for cures in planned.values() for cure in cures)
        )

    supplies = partial(_supply, settings, progress)
    by_place = {one.examined.place: one for one in cases}

    def treat(name: str) -> tuple[_Case, list[Cure]]:
        case, cures = by_place[name], planned[name]
        if not cures:
            return case, []
        progress.step(name, "repair")
        if case.patient is None or network is None:
            done = cure_here(cures, str(Path(settings.workspace or ".").absolute()))
        else:
            done = cure_host(network, case.patient, cures, settings.of(name), progress, supplies)
        return examine(name), done

    treated = _all(list(by_place), treat, settings.parallel)
    return Diagnosis(tuple(case.examined for case, _ in treated), tuple(cure for _, cures in treated for cure in cures))


def _all(names: Sequence[str], work: Callable[[str], R], parallel: int) -> list[R]:
    """Do it for all; the first error, which is one of the request itself, is raised."""
    outcomes = each(names, work, parallel=parallel)
    for one in outcomes:
        if one.error:
            raise one.error
    return [one.result for one in outcomes if one.result is not None]


def _supply(settings: Settings, progress: Progress, version: str) -> Supply:
    """What supplies an SDK, only ever verified: nobody was asked whether less would do."""
    return delivery_of(version, settings, progress, None, unverified=False)


def write_page(file: Path, found: Diagnosis) -> None:
    """Write the findings as a page. Raises UnwritableFileError."""
    from datetime import datetime

    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    try:
        file.write_text(render_page(found.places, controller(), now), encoding="utf-8")
    except OSError as error:
        raise UnwritableFileError(str(file), error.strerror or str(error)) from error
