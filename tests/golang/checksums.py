"""A real checksum database on loopback: x/mod's own server, with keys that tests make."""

import base64
import hashlib
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from remotego.golang.sumdb.note import Key, parse_key
from tests.golang.specimens import HERE, Specimen, build

SOURCE = HERE / "sumdbserver"
NAME = "sums.example.com"
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Signer:
    """A key pair as x/mod writes it."""

    name: str
    private: Ed25519PrivateKey

    @property
    def _seed(self) -> bytes:
        return b"\x01" + self.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    @property
    def _public(self) -> bytes:
        return b"\x01" + self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def mark(self) -> bytes:
        """The four bytes that tell keys apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._public).digest()[:4]

    @property
    def skey(self) -> str:
        """For the server."""
        return f"PRIVATE+KEY+{self.name}+{self.mark.hex()}+{base64.b64encode(self._seed).decode()}"

    @property
    def vkey(self) -> str:
        """For GOSUMDB."""
        return f"{self.name}+{self.mark.hex()}+{base64.b64encode(self._public).decode()}"

    @property
    def key(self) -> Key:
        """For our verifier."""
        return parse_key(self.vkey)

    def sign(self, text: str) -> bytes:
        """Sign a text as a note."""
        signature = base64.b64encode(self.mark + self.private.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.name} {signature}\n".encode()


def signer(name: str = NAME, seed: int = 7) -> Signer:
    """Make a key pair; the same seed gives the same one."""
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: a GOPROXY at ``url``, whose database is below."""

    url: str
    signer: Signer

    @property
    def database(self) -> str:
        """Where the database is."""
        return f"{self.url}/sumdb/{self.signer.name}"

    def read(self, path: str) -> bytes | None:
        """Read a path of the database; None where there is none."""
        try:
            return self.get(f"{self.database}/{path}")
        except HTTPError:
            return None

    def lookup(self, module: str, version: str) -> bytes:
        """Look a module up; it gets a record if it has none yet."""
        return self.get(f"{self.database}/lookup/{module}@{version}")

    def grow(self, fillers: int) -> None:
        """Have it record so many modules besides those that were looked up."""
        self.get(f"{self.url}/grow/{fillers}")

    def get(self, url: str) -> bytes:
        """Read a URL."""
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            data: bytes = answer.read()
            return data


@dataclass(frozen=True, slots=True)
class Servers:
    """Starts servers."""

    program: Path

    @contextmanager
    def start(self, folder: Path, signer: Signer, *flags: str) -> Iterator[Server]:
        """Run one that hands out the files of a folder."""
        arguments = [self.program, "-key", signer.skey, "-name", signer.name, "-dir", folder, *flags]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield Server(process.stdout.readline().strip(), signer)
            finally:
                process.kill()


@pytest.fixture(scope="session")
def checksum_servers(tmp_path_factory: pytest.TempPathFactory) -> Servers:
    """The server, built once."""
    return Servers(build(Specimen(), tmp_path_factory.mktemp("sumdb") / "server", source=SOURCE))
