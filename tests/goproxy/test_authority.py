"""Which authority of a host is trusted unseen: one that can vouch for that host and for nothing else."""

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from remotego.goproxy.authority import UntrustedAuthorityError, check_authority

NAMES = ("jump1.corp", "192.0.2.7")
DNS, IP = x509.DNSName, x509.IPAddress
OURS: tuple[x509.GeneralName, ...] = (DNS("jump1.corp"), IP(ipaddress.ip_network("192.0.2.7/32")))
ALL_ADDRESSES: tuple[x509.GeneralName, ...] = (IP(ipaddress.ip_network("0.0.0.0/0")), IP(ipaddress.ip_network("::/0")))
DOMAIN = OURS[:1]
ADDRESS = OURS[1:]
Names = tuple[x509.GeneralName, ...]


def authority(
    permitted: Names = OURS, excluded: Names = (), *, critical: bool = True, length: int | None = 0, ca: bool = True
) -> str:
    """Make one; without names it has no limits."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number()).not_valid_before(now)
    made = made.not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.BasicConstraints(ca, length if ca else None), critical=True)
    if permitted or excluded:
        made = made.add_extension(x509.NameConstraints(permitted or None, excluded or None), critical=critical)
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("pem", "names"),
    [
        (authority(), NAMES),
        (authority(), (*NAMES, "more.corp")),
        (authority(DOMAIN, ALL_ADDRESSES), NAMES[:1]),
        (authority(ADDRESS, (DNS(""),)), NAMES[1:]),
    ],
)
def test_one_that_is_bound_to_its_host_is_trusted(pem: str, names: tuple[str, ...]) -> None:
    """To its names, and to no address or domain where it has none of that kind."""
    check_authority("jump1", pem, names)


BAD = {
    "any name": authority(()),
    "other authorities": authority(length=1),
    "authorities": authority(ca=False),
    "not heeded": authority(critical=False),
    "'com'": authority((*OURS, DNS("com"))),
    "'192.0.2.0/24'": authority((IP(ipaddress.ip_network("192.0.2.0/24")), *DOMAIN)),
    "any address": authority(DOMAIN),
    "any address,": authority(DOMAIN, ALL_ADDRESSES[:1]),
    "any domain": authority(ADDRESS),
    "'me@jump1.corp'": authority((*OURS, x509.RFC822Name("me@jump1.corp"))),
    "not one certificate": authority() + authority(),
    "nothing else": "# a comment\n" + authority(),
    "cannot be read": "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n",
}


@pytest.mark.parametrize("why", BAD)
def test_any_other_is_refused_by_fingerprint(why: str) -> None:
    """With what it could do, for whoever wants to trust it all the same."""
    with pytest.raises(UntrustedAuthorityError) as refused:
        check_authority("jump1", BAD[why], NAMES)
    assert (True, 64) == (why.rstrip(",") in str(refused.value), len(refused.value.fingerprint))
