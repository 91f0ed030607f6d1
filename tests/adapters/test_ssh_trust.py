"""Host keys where there is no ssh-keygen to look them up, and what only our own reading tells."""

from __future__ import annotations

import pytest

from remotego.adapters.ssh.distrust import HostCertificateError, HostKeyRevokedError, RevocationUnknownError
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.transport import Script
from tests.adapters.conftest import Site
from tests.adapters.hostkeys import BAD, GOOD, HARMLESS, WITHDRAWN, single


def _greet(site: Site) -> bytes:
    with SshNetwork(site.config) as network, network.reach("host") as target:
        return target.run(Script("echo hi")).stdout


def test_krl_without_ssh_keygen_revokes_every_key(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that nobody here can read is no leave to connect."""
    revoked = site.directory / "revoked"
    HARMLESS["KRL of another key"](revoked, site.host_key)
    single(site, GOOD["plain"], RevokedHostKeys=str(revoked))
    monkeypatch.setattr("remotego.adapters.openssh.KEYGEN", "no-such-program")
    with pytest.raises(RevocationUnknownError, match="no-such-program"):
        _greet(site)


@pytest.mark.parametrize("case", GOOD)
def test_known_key_is_trusted_without_ssh_keygen(site: Site, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own reader understands the same lines where there is no ssh-keygen."""
    single(site, GOOD[case])
    monkeypatch.setattr("remotego.adapters.openssh.KEYGEN", "no-such-program")
    assert b"hi\n" == _greet(site)


def test_line_of_a_revocation_is_named(site: Site) -> None:
    """In a list the user is led to the very line."""
    revoked = site.directory / "revoked"
    WITHDRAWN["list"][0](revoked, site.host_key)
    single(site, GOOD["plain"], RevokedHostKeys=str(revoked))
    with pytest.raises(HostKeyRevokedError) as caught:
        _greet(site)
    assert f"{revoked}:3" == caught.value.place


def test_host_certificates_are_said_not_to_be_checked(site: Site) -> None:
    """The library cannot verify them: a host known by its authority alone is refused for that reason."""
    single(site, BAD["CA only"][0])
    with pytest.raises(HostCertificateError):
        _greet(site)
