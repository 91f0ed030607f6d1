"""Applying a bundle to hosts: pushed as one archive, hashed there file by file before it counts, and go led to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remotego.bundle.manifest import Manifest
from remotego.core.change import Change
from remotego.core.errors import HostError, RemotegoError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.golang.agreement import Export, OtherFile, exports, other_files
from remotego.golang.goenvfile import check
from remotego.golang.sumdb.note import parse_key
from remotego.host.bundles.layout import goproxy_of, path_of
from remotego.host.bundles.store import Bundles, bundles, plan_standing
from remotego.host.contexts import Contexts, contexts
from remotego.host.homeedit import change_of
from remotego.host.homefiles import Home, home_files
from remotego.host.store import plan_sweep
from remotego.host.survey import Survey, survey
from remotego.ops.bundle.shipping import Shipment
from remotego.ops.engine import ASK_TIMEOUT_S, apply, inquire
from remotego.ops.set_env import plan_go_file


@dataclass(eq=False)
class NoBundleUnpackerError(HostError):
    """The target lacks programs that unpacking takes."""

    host: str
    tools: str
    what = "{host}: there is no {tools}, and a bundle cannot be unpacked without"
    remedy = "install them there (any: GNU's or busybox's)"


@dataclass(frozen=True, slots=True)
class Applied:
    """Bundles on a host: their directories, the newest first, and what go is told of them.

    ``changes`` is empty when nothing had to be done; ``written`` says whether go's own file has the ``variables``.
    ``hidden`` are those that some contexts of the login export, ``elsewhere`` contexts whose go reads another file of
    its own: there go goes by something else. ``unseen`` says why that is not known, "" where it is.
    """

    paths: tuple[str, ...]
    variables: Mapping[str, str]
    changes: tuple[Change, ...]
    written: bool
    hidden: tuple[Export, ...] = ()
    elsewhere: tuple[OtherFile, ...] = ()
    unseen: str = ""


def variables_of(manifest: Manifest, names: Sequence[str], root: str) -> dict[str, str]:
    """Give what go is told, so that it asks nobody but the bundle and believes nobody but the database.

    Raises UnfitVariableError for what go's own file cannot hold.
    """
    database = manifest.database
    known = {} if database is None else {"sum.golang.org": "sum.golang.org"}
    gosumdb = "off" if database is None else known.get(parse_key(database.key).name, database.key)
    variables = {
        "GOPROXY": goproxy_of(names, root),
        "GONOPROXY": "none",
        "GONOSUMDB": manifest.private,
        "GOSUMDB": gosumdb,
    }
    check(variables)
    return variables


def apply_bundle(
    network: Network,
    name: str,
    shipment: Shipment,
    settings: Settings,
    progress: Progress,
    *,
    keep_env: bool,
    dry: bool,
) -> Applied:
    """Have bundles on a host: one question, and nothing more where they are there, whole, and go is led to them.

    Raises NoBundleUnpackerError, GoFileOffError, NoGoFileError, ChangedContentError, and what ``apply`` raises.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        return apply_over(host, shipment, settings, progress, keep_env=keep_env, dry=dry)


def apply_over(
    host: Transport, shipment: Shipment, settings: Settings, progress: Progress, *, keep_env: bool, dry: bool
) -> Applied:
    """Apply over an open transport. See apply_bundle."""
    have, there, home, seen = _ask(host, shipment, settings)
    variables = variables_of(shipment.whole.manifest, shipment.names, have.root)
    edits = [] if keep_env else _edit(host.name, home, variables)
    changes = (*_pushes(host.name, shipment, have, there), *edits, *plan_sweep(have))
    if not dry:
        apply(host, changes, have, progress)
    paths = tuple(path_of(one, have.root) for one in shipment.names)
    if keep_env:
        return Applied(paths, variables, changes, written=False)
    if isinstance(seen, RemotegoError):
        return Applied(paths, variables, changes, written=True, unseen=str(seen))
    hidden = tuple(one for one in exports(seen, variables) if one.hides and one.name in variables)
    return Applied(paths, variables, changes, True, hidden, other_files(seen, home.named_goenv))


def _ask(
    host: Transport, shipment: Shipment, settings: Settings
) -> tuple[Survey, Bundles, Home, Contexts | RemotegoError]:
    """Ask all in one round trip. What the login's contexts are helps, and need not be known."""
    facts = survey(settings.store), bundles(settings.store, shipment.names), home_files(None, settings.store)
    *needed, seen = inquire(host, (*facts, contexts()), timeout_s=ASK_TIMEOUT_S)
    for one in needed:
        if isinstance(one, RemotegoError):
            raise one
    have, there, home = needed
    return have, there, home, seen


def _pushes(name: str, shipment: Shipment, have: Survey, there: Bundles) -> list[Change]:
    """Plan what is missing, the oldest first, so that what is there is always of use."""
    missing = [one for one in reversed(shipment.names) if not there.is_whole(one)]
    if missing and there.lacks:
        raise NoBundleUnpackerError(name, ", ".join(there.lacks))
    planned = (change for one in missing for change in plan_standing(one, shipment.cargo(one), have, there))
    found: list[Change] = []
    for change in planned:
        found += [change] if change not in found else []
    return found


def _edit(name: str, home: Home, variables: Mapping[str, str]) -> list[Change]:
    """Plan the edit of go's own file; [] where it says all of it."""
    file, edit = plan_go_file(name, home, variables)
    held = tuple((one.name, one.now, one.was) for one in file.variables)
    return [] if edit is None else [change_of(edit, home, variables=held)]
