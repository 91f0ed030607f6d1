"""Keys of one run: nothing secret is kept in the project, and nothing outlives the run."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab import places
from tests.lab.process import run

CLIENTS = ("dev", "other")


@dataclass(frozen=True, slots=True)
class Account:
    """A login on the lab's hosts: its shell, and whose client key opens it."""

    name: str
    uid: int
    shell: str
    client: str


def parse_accounts(text: str) -> tuple[Account, ...]:
    """The accounts of a table with the columns name, uid, shell and client."""
    rows = (line.split() for line in text.splitlines() if line.strip())
    return tuple(Account(name, int(uid), shell, client) for name, uid, shell, client in rows)


ACCOUNTS = parse_accounts((places.LAB / "images" / "host" / "accounts").read_text())
EVERYBODY = tuple(account.name for account in ACCOUNTS if account.name != "dev")


def make_keys(run_dir: Path, hosts: Iterable[str]) -> None:
    """Write ``keys/<client>`` for the clients, and ``hosts/<host>`` as each host wants to find it in /lab."""
    keys = run_dir / "keys"
    keys.mkdir(mode=0o700)
    for client in CLIENTS:
        _generate(keys / client, client)
    for host in hosts:
        _seed(run_dir / "hosts" / host, keys, host)


def _seed(folder: Path, keys: Path, host: str) -> None:
    authorized = folder / "authorized_keys"
    authorized.mkdir(parents=True)
    _generate(folder / "ssh_host_ed25519_key", host)
    (folder / "services").touch()
    for account in ACCOUNTS:
        shutil.copy(keys / f"{account.client}.pub", authorized / account.name)


def _generate(path: Path, comment: str) -> None:
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path)


def render_known_hosts(names: Mapping[str, Path]) -> str:
    """A known_hosts file; ``names`` maps what ssh calls a host to its public key file."""
    return "".join(f"{name} {' '.join(key.read_text().split()[:2])}\n" for name, key in names.items())
