"""A forge: a real git server and a module proxy behind TLS, with private modules that want a token."""

import datetime
import hashlib
import ipaddress
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.lab import binaries
from tests.lab.binaries import Binary

CANARY = "canary-6f1d0b7ce2a94e5f"
"""The token: what is looked for everywhere on a target."""

DIGEST = hashlib.sha256(CANARY.encode()).hexdigest()
USER = "ann"
HOST = "git.auth.test"
MODULE = f"{HOST}/team/svc"
PROXIED = "proxy.auth.test/lib"
VERSION = "v1.0.0"
INNER, INNER_VERSION = f"{MODULE}/tool/v2", "v2.0.0"
"""A module in a directory of the repository, of another major version."""

APP = Path(__file__).parent / "forgeapp"
QUIET = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Forge:
    """A running forge: its port, its folder, and the certificate of the authority that vouches for it."""

    port: int
    folder: Path
    process: "subprocess.Popen[str]"

    @property
    def authority(self) -> Path:
        """What has to be trusted."""
        return self.folder / "ca.pem"

    @property
    def url(self) -> str:
        """Where it is on this machine."""
        return f"https://localhost:{self.port}"


@cache
def program() -> Path:
    """The forge's program, built where it is missing."""
    return binaries.built(Binary("forge", ("-ldflags=-s -w",), source=APP))


def lay_out(folder: Path) -> None:
    """Put certificates, a repository and a tree of modules into a folder."""
    _certify(folder)
    _repository(folder / "team" / "svc.git", MODULE)
    _publish(folder / "proxy", PROXIED)


@contextmanager
def forge(folder: Path) -> Iterator[Forge]:
    """Have a forge on loopback while the block lasts."""
    lay_out(folder)
    process = subprocess.Popen(command(folder), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Forge(int(process.stdout.readline()), folder, process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def command(
    folder: Path | str, listen: str = "127.0.0.1:0", git: str | None = None, forge: Path | str | None = None
) -> list[str]:
    """What starts a forge."""
    words = {"listen": listen, "cert": f"{folder}/cert.pem", "key": f"{folder}/key.pem", "root": str(folder)}
    words |= {"git": git or str(shutil.which("git")), "digest": DIGEST}
    return [str(forge or program()), *(f"-{name}={value}" for name, value in words.items())]


def go() -> Path:
    """A go that knows GOAUTH."""
    return binaries._current_go()  # the lab's own; tests of the lab use it alike


def _certify(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    authority, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "forge's authority")])
    ca = _sign(name, name, authority, authority, (x509.BasicConstraints(ca=True, path_length=0),))
    names = x509.SubjectAlternativeName(
        [
            *(x509.DNSName(one) for one in ("localhost", HOST)),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]
    )
    server = _sign(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)]), name, theirs, authority, (names,))
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (folder / "cert.pem").write_bytes(server.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        theirs.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _sign(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extensions: tuple[x509.ExtensionType, ...],
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )
    for one in extensions:
        builder = builder.add_extension(one, critical=isinstance(one, x509.BasicConstraints))
    return builder.sign(signer, hashes.SHA256())


def _repository(bare: Path, module: str) -> None:
    work = bare.with_suffix(".work")
    work.mkdir(parents=True)
    (work / "go.mod").write_text(f"module {module}\n\ngo 1.21\n")
    (work / "svc.go").write_text("package svc\n")
    (work / "tool").mkdir()
    (work / "tool" / "go.mod").write_text(f"module {module}/tool/v2\n\ngo 1.21\n")
    (work / "tool" / "tool.go").write_text("package tool\n")
    for words in (
        ("init", "-q", "-b", "main"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one"),
        ("tag", VERSION),
        ("tag", f"tool/{INNER_VERSION}"),
    ):
        subprocess.run(("git", *words), cwd=work, check=True, env=os.environ | QUIET)
    subprocess.run(("git", "clone", "-q", "--bare", str(work), str(bare)), check=True, env=os.environ | QUIET)
    shutil.rmtree(work)


def _publish(tree: Path, module: str) -> None:
    place = tree / module / "@v"
    place.mkdir(parents=True)
    text = f"module {module}\n\ngo 1.21\n"
    (place / "list").write_text(f"{VERSION}\n")
    (place / f"{VERSION}.info").write_text(json.dumps({"Version": VERSION}))
    (place / f"{VERSION}.mod").write_text(text)
    with zipfile.ZipFile(place / f"{VERSION}.zip", "w") as archive:
        archive.writestr(f"{module}@{VERSION}/go.mod", text)
        archive.writestr(f"{module}@{VERSION}/lib.go", "package lib\n")


def environment(home: Path, forge: Forge, **more: str) -> Mapping[str, str]:
    """What git and go get in a home: nothing of this machine's own settings."""
    return {
        "HOME": str(home),
        "PATH": f"{go().parent}:{os.environ.get('PATH', os.defpath)}",
        "GOFLAGS": "-modcacherw",
        "GOTOOLCHAIN": "local",
        "GONOSUMDB": "*",
        "SSL_CERT_FILE": str(forge.authority),
        "GIT_SSL_CAINFO": str(forge.authority),
        **QUIET,
        **more,
    }
