"""X-ray: what go and its variables are in every context of a login, what differs, and what has caused it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.core.progress import Progress
from remotego.core.transport import Network, Transport
from remotego.golang.goenv import Setting, settings
from remotego.host.comparison import Spread, compare
from remotego.host.contexts import Contexts, contexts
from remotego.ops.engine import ask


@dataclass(eq=False)
class NoUserNameError(UsageError):
    """--user is nothing that may be called a user."""

    user: str
    what = "--user {user!r} is not the name of a user"
    remedy = "give the name of an account on the target, such as svc"


@dataclass(frozen=True, slots=True)
class Xray:
    """A login's contexts, the ``spreads`` of what is looked at over them, and Go's ``settings`` by context."""

    seen: Contexts
    spreads: tuple[Spread, ...]
    settings: Mapping[str, tuple[Setting, ...]]


def xray(network: Network, name: str, progress: Progress, *, user: str | None) -> Xray:
    """Look at a host's login, or at another ``user`` of it by sudo without a password, in one round trip.

    Nothing is changed. A context that cannot be told is an ``error`` in it. Raises NoUserNameError, SudoRefusedError.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        seat = _seat(host, user)
        progress.step(name, "start its shells")
        return reading(ask(seat, contexts(other=user is not None)))


def reading(seen: Contexts) -> Xray:
    """Make an Xray of contexts that were asked for together with something else."""
    return Xray(seen, compare(seen), {one.name: settings(one) for one in seen.contexts if one.answer})


def _seat(host: Transport, user: str | None) -> Transport:
    if user is None:
        return host
    try:
        return host.as_user(user)
    except ValueError as error:
        raise NoUserNameError(user) from error
