"""Machines: what remotego.toml says of the way to hosts, and to those that are only on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remotego.core.errors import UsageError
from remotego.core.options import JUMPS, MACHINE, seconds

if TYPE_CHECKING:
    from remotego.core.settings import Settings

KEEP_ALIVE_S = 15
ALIAS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
"""A name that is a Host of ssh_config and no pattern."""


@dataclass(eq=False)
class NotAnAliasError(UsageError):
    """A host whose name cannot stand behind Host."""

    name: str
    what = "{name!r} is no name for a Host of ssh_config"
    remedy = "give the machine a short name: [hosts.NAME] in remotego.toml, with its address, user and ssh_port"


@dataclass(eq=False)
class UnknownMachineError(UsageError):
    """A host that no table tells anything of."""

    name: str
    what = "remotego.toml has no table [hosts.{name}] or [jumps.{name}]"
    remedy = 'add one that says at least address = "..."'


@dataclass(eq=False)
class MachineTwiceError(UsageError):
    """A name that stands for a host and for a jump host."""

    name: str
    what = "{name} has a table [hosts.{name}] and a table [jumps.{name}]"
    remedy = "keep the one below hosts: what is a host may be jumped over too"


@dataclass(eq=False)
class NoMachineError(UsageError):
    """No host at all of which a way is known."""

    what = "no machine is described in remotego.toml"
    remedy = 'add a table for each: [hosts.NAME] with address = "...", and user, ssh_port, jump, identity, host_keys'


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine by its ``name``; None where nothing is said. ``jump`` is as in ProxyJump, ``host_keys`` without a name.

    ``keep_alive_s`` is in whole seconds, 0 for never.
    """

    name: str
    address: str | None = None
    user: str | None = None
    ssh_port: int | None = None
    jump: str | None = None
    identity: str | None = None
    host_keys: tuple[str, ...] = ()
    keep_alive_s: int = KEEP_ALIVE_S

    @property
    def known_as(self) -> str:
        """The name ssh looks its key up by: in brackets where the port is not 22 (sshd(8), SSH_KNOWN_HOSTS)."""
        address = (self.address or self.name).lower()
        return address if self.ssh_port in (None, 22) else f"[{address}]:{self.ssh_port}"


def machines(settings: Settings) -> tuple[Machine, ...]:
    """Give the machines the settings' hosts are, and behind them the jump hosts they need that have tables too.

    Of hosts that no flag names, those without such a table are passed over, and all jump hosts come with them.
    Raises NotAnAliasError, UnknownMachineError, MachineTwiceError, NoMachineError.
    """
    known = _tables(settings)
    is_named = settings.origin("hosts") == "--host"
    names = list(settings.hosts) if is_named else [name for name in settings.hosts if name in known]
    waiting = names if is_named else [*names, *(name for name in known if name not in names)]
    found: dict[str, Machine] = {}
    while waiting:
        name = waiting.pop(0)
        if not ALIAS.fullmatch(name):
            raise NotAnAliasError(name)
        if name not in known:
            raise UnknownMachineError(name)
        if name not in found:
            found[name] = _machine(name, known[name])
            waiting += [jump for jump in _aliases(found[name].jump) if jump in known]
    if not found:
        raise NoMachineError
    return tuple(found.values())


def _tables(settings: Settings) -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {}
    kinds: dict[str, str] = {}
    for key, value in settings.sources.items():
        kind, _, rest = key.partition(".")
        name, _, option = rest.rpartition(".")
        if kind not in ("hosts", JUMPS) or option not in MACHINE:
            continue
        if kinds.setdefault(name, kind) != kind:
            raise MachineTwiceError(name)
        known.setdefault(name, {})[option] = value.value
    return known


def _machine(name: str, table: dict[str, Any]) -> Machine:
    own = {key: value for key, value in table.items() if key != "keep_alive"}
    alive_s = seconds(table["keep_alive"]) if "keep_alive" in table else KEEP_ALIVE_S
    return Machine(name, **own, keep_alive_s=round(alive_s or 0))


def _aliases(jump: str | None) -> Iterator[str]:
    """Name the machines of a ProxyJump value, without their users and ports."""
    for one in (jump or "").split(","):
        yield re.sub(r":[0-9]+$", "", one.rpartition("@")[2])
