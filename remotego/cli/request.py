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
    from remotego.adapters.ssh.network import SshNetwork


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
    _opened: list[SshNetwork] = field(default_factory=list)

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
    def network(self) -> SshNetwork:
        """Connections to targets, made when first needed and closed with the request."""
        from remotego.adapters.ssh.network import SshNetwork

        network = SshNetwork(self.ssh_config, tell=self.printer.note, before_asking=self.printer.close)
        self._opened.append(network)
        return network

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
