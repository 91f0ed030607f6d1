"""A request: one verb's flags resolved into settings, and what every verb needs to carry it out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remotego.adapters.configuration import load_settings, user_settings_file
from remotego.cli.render import Printer
from remotego.core.errors import UsageError
from remotego.core.settings import Settings

if TYPE_CHECKING:
    from remotego.adapters.multiplex.network import OpensshNetwork
    from remotego.adapters.networks import Networks
    from remotego.adapters.ssh.network import SshNetwork
    from remotego.core.transport import Script, Transport


@dataclass(eq=False)
class NoDirectoryError(UsageError):
    """The directory we were started in is gone."""

    what = "the current directory does not exist any more"
    remedy = "change to one that does, and run this again"


@dataclass
class Request:
    """What the user asked for. ``dry``: print the plan, touch nothing."""

    flags: Mapping[str, Any]
    dry: bool
    printer: Printer
    _opened: list[Networks] = field(default_factory=list)

    @cached_property
    def settings(self) -> Settings:
        """Flags, environment, remotego.toml, user file and defaults, put together."""
        return load_settings(self.flags, cwd=_here(), environ=os.environ, user_file=user_settings_file())

    @property
    def ssh_config(self) -> Path | None:
        """The ssh_config file the user chose; None for the usual ones."""
        config = self.settings.ssh_config
        return Path(config) if config else None

    @cached_property
    def network(self) -> Networks:
        """Connections to targets, each by the transport of its settings, made when needed, closed with the request."""
        from remotego.adapters.networks import Networks

        network = Networks(
            lambda name: self.settings.of(name).transport, {"fabric": self._fabric, "openssh": self._openssh}
        )
        self._opened.append(network)
        return network

    def _fabric(self) -> SshNetwork:
        from remotego.adapters.ssh.network import SshNetwork

        return SshNetwork(
            self.ssh_config, tell=self.printer.note, before_asking=self.printer.close, bridge=self._bridge
        )

    def _openssh(self) -> OpensshNetwork:
        from remotego.adapters.multiplex.network import OpensshNetwork

        return OpensshNetwork(
            self.ssh_config, tell=self.printer.note, before_asking=self.printer.close, bridge=self._bridge
        )

    def _bridge(self, jump: Transport, hostname: str, port: int) -> Script | None:
        """Lead past a jump host that forbids forwarding."""
        from remotego.ops.bridge import Bridge

        return Bridge(self.settings, self.printer, dry=self.dry)(jump, hostname, port)

    def close(self) -> None:
        """Close what was opened."""
        self.printer.close()
        for network in self._opened:
            network.close()


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise NoDirectoryError from error
