"""The ssh_config of a run: every host and account of the lab by a name."""

from dataclasses import dataclass
from pathlib import Path

from tests.lab.identity import ACCOUNTS

PORT = 22


@dataclass(frozen=True, slots=True)
class Door:
    """How one machine is reached: where to connect, through which other alias, and with which accounts."""

    alias: str
    address: str
    port: int = PORT
    jump: str = ""
    accounts: tuple[str, ...] = ()

    @property
    def known_as(self) -> str:
        """The name ssh looks up in known_hosts (sshd(8): a port other than 22 goes in brackets)."""
        return self.address if self.port == PORT else f"[{self.address}]:{self.port}"


def render_ssh_config(doors: tuple[Door, ...], run_dir: Path) -> str:
    """Host blocks for ``doors``: an alias each, and one more, ``<alias>-<account>``, for each extra account.

    Accounts called ``sh-…`` lose that part: ``app-fish`` is sh-fish on app. Host keys are checked
    strictly on every hop, and no file outside ``run_dir`` is read or written.
    """
    clients = {account.name: account.client for account in ACCOUNTS}
    blocks = [
        _block(door, alias, account, run_dir / "keys" / clients.get(account, "dev"))
        for door in doors
        for alias, account in _aliases(door)
    ]
    return "\n".join([*blocks, _for_all(run_dir)])


def _aliases(door: Door) -> list[tuple[str, str]]:
    extra = [(f"{door.alias}-{account.removeprefix('sh-')}", account) for account in door.accounts]
    return [(door.alias, "dev"), *extra]


def _block(door: Door, alias: str, account: str, key: Path) -> str:
    lines = [f"Host {alias}", f"HostName {door.address}", f"Port {door.port}", f"User {account}"]
    lines += [f"ProxyJump {door.jump}"] if door.jump else []
    return "\n    ".join([*lines, f'IdentityFile "{key}"']) + "\n"


def _for_all(run_dir: Path) -> str:
    return f"""Host *
    UserKnownHostsFile "{run_dir / "known_hosts"}"
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    UpdateHostKeys no
    IdentitiesOnly yes
    IdentityAgent none
    BatchMode yes
    ConnectTimeout 20
"""
