"""Host keys: whom we connect to, on every hop, before a byte of authentication."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from remotego.adapters.ssh.distrust import (
    HostKeyChangedError,
    HostKeyRevokedError,
    HostUnknownError,
)
from remotego.core.transport import Script
from tests.adapters.conftest import Site
from tests.adapters.contract.conftest import Connect
from tests.adapters.hostkeys import ATTEMPT, BAD, GOOD, HARMLESS, WITHDRAWN, single
from tests.adapters.sshd import established, make_key, public, wait_until


def _greet(connect: Connect, site: Site, name: str = "host") -> bytes:
    with connect(site.config) as network, network.reach(name) as target:
        return target.run(Script("echo hi")).stdout


def _ssh(site: Site, name: str) -> int:
    argv = ("ssh", "-F", str(site.config), "-o", "BatchMode=yes", name, "true")
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20).returncode


@pytest.mark.parametrize("case", HARMLESS)
def test_key_that_no_revocation_lists_is_trusted(connect: Connect, site: Site, case: str) -> None:
    """RevokedHostKeys takes away what it lists, and nothing else."""
    revoked = site.directory / "revoked keys"
    HARMLESS[case](revoked, site.host_key)
    single(site, GOOD["plain"], RevokedHostKeys=f'"{revoked}"')
    assert (b"hi\n", 0) == (_greet(connect, site), _ssh(site, "host"))


@pytest.mark.parametrize("case", WITHDRAWN)
def test_key_in_revoked_host_keys_is_refused(connect: Connect, site: Site, case: str) -> None:
    """A key that is listed, or cannot be looked up, is refused like by ssh, though known_hosts has it."""
    withdraw, error = WITHDRAWN[case]
    revoked = site.directory / "revoked keys"
    withdraw(revoked, site.host_key)
    server = single(site, GOOD["plain"], RevokedHostKeys=f'"{revoked}"')
    assert 255 == _ssh(site, "host")
    with pytest.raises(HostKeyRevokedError) as caught:
        _greet(connect, site)
    assert (error, 0) == (type(caught.value), server.count(ATTEMPT))
    assert caught.value.place.startswith(str(revoked).split()[0])


@pytest.mark.parametrize("case", WITHDRAWN)
@pytest.mark.parametrize("hop", ["jump", "app"])
def test_revoked_host_keys_count_on_every_hop(connect: Connect, site: Site, case: str, hop: str) -> None:
    """A jump host's key is looked up in its own lists, and so is that of the target behind it."""
    revoked = site.directory / "revoked"
    WITHDRAWN[case][0](revoked, site.host_key)
    jump, app = site.start(), site.start()
    site.write_config(
        f"Host {hop}\n  RevokedHostKeys {revoked}",
        f"Host jump\n  Port {jump.port}",
        f"Host app\n  Port {app.port}\n  ProxyJump jump",
    )
    with pytest.raises(HostKeyRevokedError, match=rf"\b{hop} \("):
        _greet(connect, site, "app")
    assert 0 == {"jump": jump, "app": app}[hop].count(ATTEMPT)


@pytest.mark.parametrize("case", GOOD)
def test_known_key_is_trusted(connect: Connect, site: Site, case: str) -> None:
    """Every way ssh knows a key by is understood."""
    single(site, GOOD[case])
    assert b"hi\n" == _greet(connect, site)


@pytest.mark.parametrize("case", BAD)
def test_untrusted_key_is_refused_before_authentication(connect: Connect, site: Site, case: str) -> None:
    """An unknown, changed, revoked or unverifiable key ends the connection; nobody has signed in."""
    lines, error = BAD[case]
    server = single(site, lines)
    with pytest.raises(error):
        _greet(connect, site)
    server.wait_for("Connection (closed|reset) by 127.0.0.1")
    assert 0 == server.count("Accepted|Failed|authenticating user")


@pytest.mark.parametrize("relaxed", ["no", "accept-new", "off"])
def test_relaxed_checking_in_the_config_does_not_weaken_us(connect: Connect, site: Site, relaxed: str) -> None:
    """StrictHostKeyChecking no is for other programs."""
    single(site, lambda _: "", StrictHostKeyChecking=relaxed)
    with pytest.raises(HostUnknownError):
        _greet(connect, site)


def test_unknown_key_is_shown_with_its_fingerprint_and_a_way_to_pin_it(connect: Connect, site: Site) -> None:
    """The error has what is needed to check the key out of band."""
    server = single(site, lambda _: "")
    listed = subprocess.run(
        ("ssh-keygen", "-lf", f"{site.host_key}.pub"), check=True, capture_output=True, text=True
    ).stdout
    with pytest.raises(HostUnknownError) as caught:
        _greet(connect, site)
    assert listed.split()[1] == caught.value.fingerprint
    assert f"ssh-keyscan -t ssh-ed25519 -p {server.port} 127.0.0.1" in caught.value.advice


def test_changed_key_names_the_line_of_the_known_one(connect: Connect, site: Site) -> None:
    """File and line of the key on record are in the error."""
    single(site, lambda server: "# first\n" + BAD["changed"][0](server))
    with pytest.raises(HostKeyChangedError) as caught:
        _greet(connect, site)
    assert f"{site.known_hosts}:2" == caught.value.place


def test_known_hosts_is_never_written(connect: Connect, site: Site) -> None:
    """The user's file keeps its bytes, comments and odd lines included."""
    single(site, GOOD["after bad lines"])
    before = site.known_hosts.read_bytes()
    _greet(connect, site)
    assert before == site.known_hosts.read_bytes()


def test_host_key_alias_is_the_name_looked_up(connect: Connect, site: Site) -> None:
    """HostKeyAlias files a key under a name of its own."""
    single(site, lambda server: f"Cluster-7 {public(server.host_keys[0])}\n", HostKeyAlias="cluster-7")
    assert b"hi\n" == _greet(connect, site)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ed25519"])
def test_server_presents_the_kind_of_key_we_know(connect: Connect, site: Site, kind: str) -> None:
    """Of a server's several keys the one on file is asked for."""
    keys = tuple(make_key(site.directory / f"{each}_host", each) for each in ("rsa", "ecdsa", "ed25519"))
    server = site.start(host_keys=keys, trusted=False)
    known = next(key for key in keys if key.name.startswith(kind))
    site.known_hosts.write_text(f"[127.0.0.1]:{server.port} {public(known)}\n")
    site.write_config(f"Host host\n  Port {server.port}")
    assert b"hi\n" == _greet(connect, site)


@pytest.mark.parametrize("case", BAD)
def test_target_behind_a_jump_is_checked_too(connect: Connect, site: Site, case: str) -> None:
    """The second hop is as strict as the first, and it is the one blamed."""
    lines, error = BAD[case]
    jump = site.start()
    app = site.start(trusted=False, host_keys=(make_key(site.directory / "app_key"),))
    site.known_hosts.write_text(site.known_hosts.read_text() + lines(app))
    site.write_config(f"Host jump\n  Port {jump.port}", f"Host app\n  Port {app.port}\n  ProxyJump jump")
    with pytest.raises(error, match=r"\bapp \("):
        _greet(connect, site, "app")
    app.wait_for("Connection (closed|reset) by 127.0.0.1")
    assert (1, 0) == (jump.count("Accepted publickey"), app.count("Accepted|Failed|authenticating user"))


@pytest.mark.parametrize("hop", ["jump", "app"])
def test_relaxed_checking_counts_on_no_hop(connect: Connect, site: Site, hop: str) -> None:
    """An unknown key is refused on each hop of a chain, and in no file afterwards, whatever ssh_config allows."""
    app_key = make_key(site.directory / "app_key")
    jump, app = site.start(trusted=hop == "app"), site.start(trusted=hop == "jump", host_keys=(app_key,))
    known = site.known_hosts.read_text()
    site.write_config(
        f"Host jump\n  Port {jump.port}",
        f"Host app\n  Port {app.port}\n  ProxyJump jump",
        "Host *\n  StrictHostKeyChecking no",
    )
    with pytest.raises(HostUnknownError, match=rf"\b{hop} \("):
        _greet(connect, site, "app")
    assert (0, known) == ({"jump": jump, "app": app}[hop].count(ATTEMPT), site.known_hosts.read_text())


def test_jump_host_is_checked_before_the_target_is_spoken_to(connect: Connect, site: Site) -> None:
    """A jump host with a wrong key ends it all; the target sees nothing."""
    jump, app = site.start(trusted=False), site.start()
    site.write_config(f"Host jump\n  Port {jump.port}", f"Host app\n  Port {app.port}\n  ProxyJump jump")
    with pytest.raises(HostUnknownError, match="jump"):
        _greet(connect, site, "app")
    assert 0 == app.count("Connection from")


def test_refused_host_keys_leave_no_connection_open(connect: Connect, site: Site) -> None:
    """Fifteen refusals in one process leave nothing established."""
    server = single(site, lambda _: "")
    with connect(site.config) as network:
        for _ in range(15):
            with pytest.raises(HostUnknownError), network.reach("host"):
                pass
        wait_until(lambda: established(server.port) == 0, "connections close")
        assert 0 == network.connections


def test_files_of_other_tools_are_not_read(
    connect: Connect, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fabric and Invoke files in the working directory and the home change nothing and run nothing."""
    single(site, GOOD["plain"])
    canary, home = tmp_path / "canary", tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "config").write_text("Host *\n  Port 1\n  User nobody\n")
    trap = f"import pathlib\npathlib.Path({str(canary)!r}).touch()\n"
    for folder in (home, tmp_path):
        for name in ("fabric", "invoke", ".fabric", ".invoke"):
            (folder / f"{name}.py").write_text(trap)
            (folder / f"{name}.yaml").write_text("user: nobody\nport: 1\ngateway: nowhere\n")
        for name in ("tasks.py", "fabfile.py"):
            (folder / name).write_text(trap)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("FABRIC_USER", "nobody")
    assert (b"hi\n", False) == (_greet(connect, site), canary.exists())
    assert os.getcwd() == str(tmp_path)  # noqa: PTH109
