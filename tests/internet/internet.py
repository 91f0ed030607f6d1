"""An internet that runs, on loopback or in the lab: where it is, what is wrong with it, what was asked of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.golang.checksums import Signer
from tests.internet.certificates import CERTIFICATE, KEY
from tests.internet.faults import Fault


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in: the client's address, the name it used, and the fault it met ("" for none)."""

    host: str
    path: str
    fault: str = ""
    tls: bool = False
    from_: str = ""


@dataclass(frozen=True, slots=True)
class Internet:
    """``sites`` are base URLs by the name of their host; ``ca`` is the file for SSL_CERT_FILE."""

    control: Path
    sites: Mapping[str, str]
    tls_sites: Mapping[str, str]
    signer: Signer
    ca: Path

    @property
    def url(self) -> str:
        """A GOPROXY over plain HTTP: the first site."""
        return next(iter(self.sites.values()))

    @property
    def tls_url(self) -> str:
        """The same over TLS."""
        return next(iter(self.tls_sites.values()))

    @property
    def sumdb(self) -> str:
        """For GOSUMDB: the database is asked through a proxy that supports it, as sum.golang.org is."""
        return self.signer.vkey

    @property
    def sumdb_direct(self) -> str:
        """For GOSUMDB: the database is asked at its own address, whatever the proxies are."""
        return f"{self.signer.vkey} {self.url}"

    def inject(self, *faults: Fault) -> None:
        """Have these faults from the next request on, and no others."""
        fresh = self.control / "faults.json.new"
        fresh.write_text(json.dumps([fault.written() for fault in faults]))
        fresh.replace(self.control / "faults.json")

    def heal(self) -> None:
        """Have no fault any more; what hangs goes on."""
        self.inject()

    def requests(self, skip: int = 0) -> list[Request]:
        """Everything that was asked so far, in its order, but for the first ``skip``."""
        lines = (self.control / "requests.jsonl").read_text().split("\n")[:-1]  # the last may be under way
        return [_request(json.loads(line)) for line in lines[skip:]]

    def heard(self) -> int:
        """How many requests have come in so far."""
        return len(self.requests())


def _request(entry: Mapping[str, str]) -> Request:
    return Request(entry["host"], entry["path"], entry["fault"], bool(entry["tls"]), entry["from"])


def arguments(owner: Signer, modules: Path, control: Path, listen: str, tls_listen: str) -> tuple[str, ...]:
    """Give the arguments of the server; addresses stand with spaces between, folders are named as it sees them."""
    return (
        *("-key", owner.skey, "-name", owner.name, "-dir", str(modules), "-strict", "-control", str(control)),
        *("-cert", str(control / CERTIFICATE), "-cert-key", str(control / KEY)),
        *("-listen", listen, "-tls-listen", tls_listen),
    )
