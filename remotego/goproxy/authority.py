"""The authority that a proxy of ours has made for its certificate: what makes it one that can be trusted unseen.

A host could offer any: one that vouches for every name would have it read all that programs here say to anybody.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from remotego.core.errors import RefusedError

if TYPE_CHECKING:
    from cryptography import x509

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"

ALL_NAMES = frozenset({"", "0.0.0.0/0", "::/0"})
"""Constraints that take in every name of a kind: domains, and addresses of both versions."""


@dataclass(eq=False)
class UntrustedAuthorityError(RefusedError):
    """What a host would have us trust is not bound to that host."""

    host: str
    why: str
    fingerprint: str
    what = "{host}: its certificate authority is not trusted here: {why} (SHA-256 {fingerprint})"
    remedy = (
        "see whether that host is what you think it is; `remotego proxy.remove --host {host}` and another deploy-proxy "
        "make a new one; for an authority of your own give --cert and --key, and put it into SSL_CERT_DIR yourself"
    )


def check_authority(host: str, pem: str, names: Sequence[str]) -> None:
    """See that PEM is one certificate, of an authority that can vouch for no more than these names.

    Names in a constraint bind their own kind alone (RFC 5280, 4.2.1.10), so a kind without a name has to be excluded
    whole. Raises UntrustedAuthorityError.
    """
    why = _fault(pem, names)
    if why:
        raise UntrustedAuthorityError(host, why, hashlib.sha256(_der(pem)).hexdigest())


def _fault(pem: str, names: Sequence[str]) -> str:
    from cryptography import x509

    text = pem.strip()
    if not text.startswith(BEGIN) or not text.endswith(END) or text.count("-----BEGIN") != 1:
        return "it is not one certificate and nothing else"
    try:
        extensions = x509.load_pem_x509_certificate(text.encode()).extensions
        basic = extensions.get_extension_for_class(x509.BasicConstraints)
        limits = extensions.get_extension_for_class(x509.NameConstraints)
    except x509.ExtensionNotFound:
        return "it may vouch for any name"
    except ValueError as error:
        return f"it cannot be read: {error}"
    if not basic.value.ca or basic.value.path_length != 0:
        return "it may make other authorities"
    beyond = _beyond(limits.value, names) if limits.critical else "any name, where its limits are not heeded"
    return f"it may vouch for {beyond}" if beyond else ""


def _beyond(limits: x509.NameConstraints, names: Sequence[str]) -> str:
    """Name something that it may vouch for and should not; "" for nothing."""
    permitted, excluded = _written(limits.permitted_subtrees or ()), _written(limits.excluded_subtrees or ())
    wanted = {_network(name) for name in names}
    if more := sorted(permitted - wanted):
        return f"{more[0]!r}, too"
    addresses = any("/" in one for one in permitted)
    bound = (ALL_NAMES & excluded) | ({"0.0.0.0/0", "::/0"} if addresses else set())
    bound |= {""} if any("/" not in one for one in permitted) else set()
    return "" if bound == ALL_NAMES else "any address" if "" in bound else "any domain"


def _written(subtrees: Iterable[x509.GeneralName]) -> set[str]:
    return {str(one.value) for one in subtrees}


def _network(name: str) -> str:
    try:
        return str(ipaddress.ip_network(name))
    except ValueError:
        return name


def _der(pem: str) -> bytes:
    """Give the bytes that a fingerprint is of; the text where there are none."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    except ValueError:
        return pem.encode()
