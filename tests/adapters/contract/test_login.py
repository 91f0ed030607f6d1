"""Signing in: certificates, conditions in ssh_config, and refusals with the hop and the keys."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path

import pytest

from remotego.adapters.ssh.errors import LoginRefusedError
from remotego.core.transport import Script
from tests.adapters.conftest import Site
from tests.adapters.contract.conftest import Connect
from tests.adapters.sshd import make_key


def certify(authority: Path, key: Path, *options: str) -> Path:
    """Sign a public key with an authority's key; give the certificate."""
    subprocess.run(("ssh-keygen", "-q", "-s", str(authority), "-I", "test", *options, f"{key}.pub"), check=True)
    return key.with_name(f"{key.name}-cert.pub")


def _greet(connect: Connect, site: Site, name: str) -> bytes:
    with connect(site.config) as network, network.reach(name) as target:
        return target.run(Script("echo hi")).stdout


def test_user_certificate_lets_in(connect: Connect, site: Site) -> None:
    """A server that knows an authority and no key lets its certificates in, from wherever CertificateFile says."""
    authority = make_key(site.directory / "authority")
    certificate = certify(authority, site.user_key, "-n", getpass.getuser())
    elsewhere = certificate.rename(site.directory / "elsewhere")
    server = site.start(f"TrustedUserCAKeys {authority}.pub", "AuthorizedKeysFile none")
    site.write_config(f"Host host\n  Port {server.port}\n  CertificateFile {elsewhere}")
    assert b"hi\n" == _greet(connect, site, "host")
    assert 1 == server.count("Accepted publickey for .* CA ")


@pytest.mark.parametrize("holds", [True, False])
def test_match_exec_is_heeded(connect: Connect, site: Site, holds: bool) -> None:
    """What a command decides about the way to a host is decided for us too."""
    inside, outside = site.start(), site.start()
    marker = site.directory / "inside"
    if holds:
        marker.touch()
    site.write_config(
        f'Match originalhost host exec "test -e {marker}"\n  Port {inside.port}',
        f"Host host\n  Port {outside.port}",
    )
    assert b"hi\n" == _greet(connect, site, "host")
    assert (holds, not holds) == (bool(inside.count("Accepted")), bool(outside.count("Accepted")))


@pytest.mark.parametrize("hop", ["jump", "app"])
def test_hop_that_lets_nobody_in_is_named_with_the_keys(connect: Connect, site: Site, hop: str) -> None:
    """The user sees which machine of the chain refused which keys."""
    jump, app = site.start(), site.start()
    ({"jump": jump, "app": app}[hop].directory / "authorized_keys").write_text("")
    site.write_config(f"Host jump\n  Port {jump.port}", f"Host app\n  Port {app.port}\n  ProxyJump jump")
    with pytest.raises(LoginRefusedError) as caught:
        _greet(connect, site, "app")
    assert caught.value.hop.startswith(f"{hop} (")
    assert str(site.user_key) in caught.value.tried


def test_locked_key_without_a_terminal_is_not_asked_for(connect: Connect, site: Site) -> None:
    """There is nobody to ask: it ends, and the remedy is ssh-add."""
    locked = make_key(site.directory / "locked", passphrase="correct horse")
    server = site.start()
    (server.directory / "authorized_keys").write_text(locked.with_name("locked.pub").read_text())
    site.write_config(f"Host host\n  Port {server.port}\n  IdentityFile {locked}")
    with pytest.raises(LoginRefusedError, match="locked") as caught:
        _greet(connect, site, "host")
    assert "ssh-add" in caught.value.advice
