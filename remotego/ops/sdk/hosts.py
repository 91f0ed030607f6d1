"""SDKs of Go on hosts: put there, listed, switched, removed. What is sent comes from a supply on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from remotego.core.artifact import Artifact
from remotego.core.change import Change
from remotego.core.errors import BuildError, RemotegoError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.golang.machines import goarch_of
from remotego.host.journal import journal
from remotego.host.sdk.foreign import Foreign, foreign_sdks
from remotego.host.sdk.note import SdkNote
from remotego.host.sdk.plan import (
    check_ground,
    check_room,
    check_there,
    needs_push,
    plan_install,
    plan_remove,
    plan_switch,
)
from remotego.host.sdk.store import Amount, Sdks, sdks
from remotego.host.store import plan_home, plan_sweep
from remotego.host.survey import Survey, survey
from remotego.ops.engine import apply, ask


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified SDK on this machine: what it is, its archive, and how much it becomes when it is unpacked."""

    note: SdkNote
    artifact: Artifact
    unpacked: Amount


Supply = Callable[[str], Delivery]
"""Gives the SDK for a GOARCH of linux, fetching it if it must. It may be called from several threads."""


Look = Callable[[str], None]
"""Raises what a supply for a GOARCH would, as far as can be told without fetching."""


@dataclass(eq=False)
class ShortArchiveError(BuildError):
    """The archive on this machine is not as long as it was when it was made."""

    path: str
    size_bytes: int
    meant_bytes: int
    what = "{path} has {size_bytes} bytes instead of {meant_bytes}; nothing was sent"
    remedy = "remove that file, and run the same again: it is made anew"


@dataclass
class Shared:
    """A supply for many hosts at once: what several want is fetched once, and so is the error."""

    fetch: Supply
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _got: dict[str, Delivery | RemotegoError] = field(default_factory=dict)

    def __call__(self, goarch: str) -> Delivery:
        """Give the SDK for a GOARCH; the first who asks fetches it, the others wait."""
        with self._lock:
            lock = self._locks.setdefault(goarch, threading.Lock())
        with lock:
            if goarch not in self._got:
                self._got[goarch] = self._attempt(goarch)
            got = self._got[goarch]
        if isinstance(got, RemotegoError):
            raise got
        return got

    def _attempt(self, goarch: str) -> Delivery | RemotegoError:
        try:
            return self.fetch(goarch)
        except RemotegoError as error:
            return error


@dataclass(frozen=True, slots=True)
class InstalledSdk:
    """An SDK on a host, at ``path``. ``changes`` is empty when nothing had to be done.

    ``note`` is None in a dry run that would have to fetch it first; that is no change of the host's, see ``fetches``.
    """

    version: str
    platform: str
    path: str
    note: SdkNote | None
    changes: tuple[Change, ...]
    current: bool

    @property
    def fetches(self) -> bool:
        """Whether a dry run has left out what only the bytes can tell."""
        return self.note is None


@dataclass(frozen=True, slots=True)
class Listed:
    """The SDKs of a host: ours, and those that others have put there."""

    ours: Sdks
    foreign: tuple[Foreign, ...]


@dataclass(frozen=True, slots=True)
class Switched:
    """``current`` of a host led to ``was`` ("" for nowhere). ``changes`` is empty when it leads to the version."""

    version: str
    link: str
    was: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class RemovedSdk:
    """``changes`` is empty when the version was not there."""

    version: str
    changes: tuple[Change, ...]


def install_sdk(
    network: Network,
    name: str,
    version: str,
    settings: Settings,
    progress: Progress,
    supply: Supply,
    *,
    switch: bool,
    dry: bool,
    look: Look | None = None,
) -> InstalledSdk:
    """Have an SDK on a host: one question, and nothing more where it is there and whole.

    A ``dry`` run asks ``look`` instead of the supply.

    Raises what ``host.sdkplan`` and the supply raise, ShortArchiveError, and the cause of a push that failed.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        have, there = ask(host, survey(settings.store), sdks(settings.store, only=version))
        return install_over(host, have, there, version, progress, supply, switch=switch, dry=dry, look=look)


def install_over(
    host: Transport,
    have: Survey,
    there: Sdks,
    version: str,
    progress: Progress,
    supply: Supply,
    *,
    switch: bool,
    dry: bool,
    look: Look | None = None,
) -> InstalledSdk:
    """Install over an open transport. See install_sdk."""
    goarch = goarch_of(have.machine)
    platform, path, found = f"linux/{goarch}", there.path_of(version), there.find(version)
    note = found.note if found else None
    installs: list[Change] = []
    if needs_push(found, platform, path):
        check_ground(host.name, have, there)
        note, installs = None, plan_home(have)
        if dry and look is not None:
            look(goarch)
        if not dry:
            progress.step(host.name, f"fetch and verify go{version} {platform}")
            delivery = supply(goarch)
            note = delivery.note
            _check_archive(delivery.artifact)
            check_room(there, delivery.unpacked)
            installs = plan_install(delivery.note, delivery.artifact, have, there)
    switches = plan_switch(version, there) if switch else []
    changes = (*installs, *switches, *plan_sweep(have))
    if not dry:
        apply(host, changes, have, progress)
    return InstalledSdk(version, platform, path, note, changes, switch or there.current == version)


def _check_archive(artifact: Artifact) -> None:
    size_bytes = artifact.path.stat().st_size
    if size_bytes != artifact.size_bytes:
        raise ShortArchiveError(str(artifact.path), size_bytes, artifact.size_bytes)


def list_sdks(network: Network, name: str, settings: Settings, progress: Progress) -> Listed:
    """List the SDKs of a host, in one round trip."""
    progress.step(name, "connect")
    with network.reach(name) as host:
        return Listed(*ask(host, sdks(settings.store), foreign_sdks()))


def switch_sdk(
    network: Network, name: str, version: str, settings: Settings, progress: Progress, *, dry: bool
) -> Switched:
    """Have ``current`` lead to an SDK of ours that is whole. Raises SdkNotThereError, DamagedSdkError."""
    progress.step(name, "connect")
    with network.reach(name) as host:
        have, there = ask(host, survey(settings.store), sdks(settings.store, only=version))
        check_there(name, version, there)
        changes = tuple(plan_switch(version, there))
        if not dry:
            apply(host, changes, have, progress)
    return Switched(version, there.link, there.current, changes)


def remove_sdk(
    network: Network, name: str, version: str, settings: Settings, progress: Progress, *, force: bool, dry: bool
) -> RemovedSdk:
    """Remove an SDK of ours; the journal forgets how to take it back. Raises SdkIsCurrentError, SdkInUseError."""
    progress.step(name, "connect")
    with network.reach(name) as host:
        have, there, entries = ask(
            host, survey(settings.store), sdks(settings.store, only=version), journal(settings.store)
        )
        changes = tuple(plan_remove(name, version, there, entries, force=force))
        if not dry:
            apply(host, changes, have, progress)
    return RemovedSdk(version, changes)
