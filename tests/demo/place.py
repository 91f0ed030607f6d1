"""The demo's one temporary directory and what stands where in it."""

from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCE = CHECKOUT / "tests" / "lab" / "apps" / "ticker"
"""The sample service as its build machine sees it; the developer works on a copy elsewhere."""

LOGIN = "dev"
JUMP = "jump"
TARGET = "target"
TARGET_ADDRESS = "target.demo"
"""A host name that only the jump host knows, on port 22."""

SERVICE = "ticker"


@dataclass(frozen=True, slots=True)
class Place:
    """Paths below ``root``, which is private to us and goes with the demo."""

    root: Path

    @property
    def ours(self) -> Path:
        """The developer's side: keys, known_hosts, ssh_config."""
        return self.root / "ours"

    @property
    def workspace(self) -> Path:
        """The developer's copy of the service's source."""
        return self.root / "ours" / "work" / SERVICE

    @property
    def ssh_config(self) -> Path:
        """What the developer would have in ~/.ssh/config."""
        return self.ours / "ssh_config"

    def host_key(self, name: str) -> Path:
        """The private host key of one server."""
        return self.root / "etc" / f"{name}_host_key"

    @property
    def gate(self) -> Path:
        """The socket on which the target listens: no port, so that only the jump host can lead there."""
        return self.root / "etc" / "target.sock"

    @property
    def authorized_keys(self) -> Path:
        """Who may log in at both servers."""
        return self.root / "etc" / "authorized_keys"

    @property
    def remote(self) -> Path:
        """All that a login on the target may write: its home, its runtime directory, its TMPDIR."""
        return self.root / "dev"

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every directory that must be there before the curtain rises."""
        homes = (self.remote / name for name in ("home", "run", "tmp"))
        return (self.ours, self.gate.parent, self.state, *homes)

    @property
    def service(self) -> Path:
        """The service's program."""
        return self.root / "srv" / SERVICE

    @property
    def state(self) -> Path:
        """Where the service shows its counter."""
        return self.root / "srv" / "state"
