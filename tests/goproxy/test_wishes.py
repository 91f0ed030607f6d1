"""A certificate of the user's own: read, held against its key, and the names that clients use are its own."""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from remotego.goproxy.installed import Wish
from remotego.goproxy.server import ServerConfig, client_of
from remotego.ops.wishes import BadCertificateError, read_wish

NAMES: Sequence[x509.GeneralName] = (
    x509.DNSName("*.corp"),
    x509.DNSName("jump1.corp"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
)


def write_pair(folder: Path, names: Sequence[x509.GeneralName] = NAMES) -> tuple[str, str]:
    """Write a certificate that vouches for itself, and its key; their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jump1.corp")])
    now = datetime.now(UTC).replace(tzinfo=None)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now)
    made = made.not_valid_after(now + timedelta(days=1))
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    folder.mkdir(exist_ok=True)
    cert, secret = folder / "tls.crt", folder / "tls.key"
    cert.write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(cert), str(secret)


def read(cert: str, key: str) -> Wish:
    """Wish for a proxy that serves by these."""
    config = ServerConfig(listen="0.0.0.0:8443", tls=True, tokens=("ab" * 32,))
    return read_wish(config, names=(), cert=cert, key=key, offline=False, supervisor="plain")


def test_clients_go_by_a_name_of_the_certificate(tmp_path: Path) -> None:
    """Not by the address it listens on, which may be none to go to, nor by one with a star."""
    wish = read(*write_pair(tmp_path))
    assert "https://jump1.corp:8443" == client_of(wish.config, wish.cert_names, None).url


def test_certificate_that_names_no_host_is_refused(tmp_path: Path) -> None:
    """go heeds no common name."""
    with pytest.raises(BadCertificateError, match="subjectAltName"):
        read(*write_pair(tmp_path, ()))


def test_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    """Before anything is sent."""
    cert, _ = write_pair(tmp_path / "one")
    _, key = write_pair(tmp_path / "other")
    with pytest.raises(BadCertificateError, match="it is not the key of"):
        read(cert, key)
