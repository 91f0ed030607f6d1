"""Deploy: have the right dlv in a host's store."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.artifact import Artifact
from remotego.core.change import Change
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.delve import versions
from remotego.delve.platforms import parse_machine
from remotego.delve.release import Release
from remotego.golang.version import GoVersion
from remotego.host.store import path_of, plan_home, plan_push, plan_sweep
from remotego.host.survey import Survey, survey
from remotego.ops.building import Workshop
from remotego.ops.engine import apply, ask

PROOF = ("version",)
"""What a pushed dlv must be able to do before it gets its name."""


@dataclass(frozen=True, slots=True)
class Dlv:
    """A dlv on a host: which release, for which GOARCH, of which bytes, at which ``path``.

    The last two are None in a dry run that would have to build it first.
    """

    release: Release
    goarch: str
    artifact: Artifact | None
    path: str | None


@dataclass(frozen=True, slots=True)
class Deployed:
    """``changes`` is empty when nothing had to be done; ``said`` is what the pushed dlv printed.

    A push of what is not built yet has no bytes and is no change: see Dlv.
    """

    dlv: Dlv
    changes: tuple[Change, ...]
    said: str = ""


def deploy_dlv(network: Network, name: str, settings: Settings, progress: Progress, *, dry: bool) -> Deployed:
    """Build the dlv that fits, or take it from the cache, and put it on one host.

    With a process named, the Delve that fits the Go it was built by; else the newest.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        have, debuggee = _look(host, settings, progress)
        return deploy_for(host, have, debuggee, settings, progress, dry=dry)


def deploy_for(
    host: Transport,
    have: Survey,
    debuggee: GoVersion | None,
    settings: Settings,
    progress: Progress,
    *,
    dry: bool,
) -> Deployed:
    """Deploy over an open transport; ``debuggee`` is the Go the process was built by, None for any."""
    goarch = parse_machine(have.machine)
    release = _release(settings.dlv_version, debuggee)

    def say(text: str) -> None:
        progress.step(host.name, text)

    workshop = Workshop(go=settings.go)
    min_go = release.needs_go(debuggee)
    if dry and workshop.find_delve(release.version, goarch, min_go=min_go) is None:
        return Deployed(Dlv(release, goarch, None, None), (*plan_home(have), *plan_sweep(have)))
    artifact = workshop.delve(release.version, goarch, min_go=min_go, say=say)
    dlv = Dlv(release, goarch, artifact, path_of(artifact, have))
    changes = (*plan_push(artifact, have, prove=PROOF), *plan_sweep(have))
    said = "" if dry else apply(host, changes, have, progress)
    return Deployed(dlv, changes, said)


def _look(host: Transport, settings: Settings, progress: Progress) -> tuple[Survey, GoVersion | None]:
    """Ask what the host is like and which Go has built the process, if one is named: only this needs to look for it."""
    if not settings.names_process:
        return ask(host, survey(settings.store)), None
    from remotego.ops.debuggee import find, go_version

    have, process = find(host, settings, progress)
    return have, go_version(host, process)


def _release(wanted: str, debuggee: GoVersion | None) -> Release:
    if wanted == "auto":
        return versions.choose(debuggee)
    pinned = versions.find(wanted)
    versions.check(pinned, debuggee)
    return pinned
