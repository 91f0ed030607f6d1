"""What the user wants of a proxy, with the files it names read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from remotego.core.errors import UsageError
from remotego.goproxy.installed import Wish
from remotego.goproxy.server import SUPERVISORS, BadProxyWishError, ServerConfig


@dataclass(eq=False)
class BadCertificateError(UsageError):
    """A file does not hold what it should, or cannot be read."""

    path: str
    why: str
    what = "{path}: {why}"
    remedy = "give --cert and --key files in PEM that belong together, without a passphrase"


def read_wish(
    config: ServerConfig, *, names: tuple[str, ...], cert: str | None, key: str | None, offline: bool, supervisor: str
) -> Wish:
    """Read certificate and key, and see that they belong together. Raises BadProxyWishError, BadCertificateError."""
    if supervisor not in SUPERVISORS:
        raise BadProxyWishError("--supervisor", f"{supervisor!r} is none of {', '.join(SUPERVISORS)}")
    if bool(cert) != bool(key):
        raise BadProxyWishError("--cert", "it goes with --key, and --key with it")
    if not (cert and key):
        return Wish(config, supervisor, names, offline=offline)
    if names:
        raise BadProxyWishError("--name", "a certificate is either given by --cert or made for a --name")
    pem, secret = _read(cert), _read(key)
    _check_pair(cert, pem, key, secret)
    return Wish(config, supervisor, (), pem, secret, offline, _names(cert, pem))


def _read(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise BadCertificateError(path, str(getattr(error, "strerror", None) or "it is no text")) from error


def _names(cert: str, pem: str) -> tuple[str, ...]:
    """Give the names it is for: go heeds no others than those of its subjectAltName. Raises BadCertificateError."""
    from cryptography import x509

    extensions = x509.load_pem_x509_certificate(pem.encode()).extensions
    try:
        found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as error:
        raise BadCertificateError(cert, "it names no host in its subjectAltName, and go heeds nothing else") from error
    addresses = map(str, found.get_values_for_type(x509.IPAddress))
    return (*found.get_values_for_type(x509.DNSName), *addresses)


def _check_pair(cert: str, pem: str, key: str, secret: str) -> None:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        public = x509.load_pem_x509_certificate(pem.encode()).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadCertificateError(cert, "it holds no certificate in PEM") from error
    try:
        private = load_pem_private_key(secret.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadCertificateError(key, "it holds no key in PEM, or one with a passphrase") from error
    if private.public_key() != public:
        raise BadCertificateError(key, f"it is not the key of {cert}")
