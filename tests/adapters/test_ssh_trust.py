"""Host keys: whom we connect to, on every hop, before a byte of authentication."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from remotego.adapters.ssh.distrust import (
    HostCertificateError,
    HostKeyChangedError,
    HostKeyRevokedError,
    HostUnknownError,
    RevocationUnknownError,
)
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.errors import UnreachableError
from remotego.core.transport import Script
from tests.adapters.conftest import Site
from tests.adapters.sshd import Sshd, established, make_key, public, wait_until

ATTEMPT = r"Accepted publickey|Failed publickey|Postponed|authenticating user|userauth"


def _greet(site: Site, name: str = "host") -> bytes:
    with SshNetwork(site.config) as network, network.reach(name) as target:
        return target.run(Script("echo hi")).stdout


def _single(site: Site, lines: Callable[[Sshd], str], **options: str) -> Sshd:
    server = site.start(trusted=False)
    extra = "".join(f"  {key} {value}\n" for key, value in options.items())
    site.write_config(f"Host host\n  Port {server.port}\n{extra}")
    site.known_hosts.write_text(lines(server))
    return server


def _hashed(server: Sshd) -> str:
    plain = server.directory / "plain"
    plain.write_text(f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n")
    subprocess.run(("ssh-keygen", "-q", "-H", "-f", str(plain)), check=True, capture_output=True)
    return plain.read_text()


GOOD: dict[str, Callable[[Sshd], str]] = {
    "plain": lambda server: f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n",
    "hashed": _hashed,
    "wildcard": lambda server: f"[127.0.0.*]:{server.port} {public(server.host_keys[0])}\n",
    "among others": lambda server: f"a,[127.0.0.1]:{server.port},b {public(server.host_keys[0])} note\n",
    "CRLF": lambda server: f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\r\n",
    "bare host": lambda server: f"127.0.0.1 {public(server.host_keys[0])}\n",
    "after bad lines": lambda server: (
        "rubbish\n# note\n\n127.0.0.1 ssh-ed25519 !!!\n[127.0.0.1] ssh-ed25519\n"
        f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n"
    ),
    "revoked line for another key": lambda server: (
        f"@revoked * {public(make_key(server.directory / 'other'))}\n"
        f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n"
    ),
    "CA line beside a plain one": lambda server: (
        f"@cert-authority * {public(make_key(server.directory / 'ca'))}\n"
        f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n"
    ),
    "second of two keys of one type": lambda server: (
        f"[127.0.0.1]:{server.port} {public(make_key(server.directory / 'old'))}\n"
        f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n"
    ),
}

BAD: dict[str, tuple[Callable[[Sshd], str], type[UnreachableError]]] = {
    "empty": (lambda _: "", HostUnknownError),
    "other host": (lambda server: f"10.0.0.1 {public(server.host_keys[0])}\n", HostUnknownError),
    "other port": (lambda server: f"[127.0.0.1]:1 {public(server.host_keys[0])}\n", HostUnknownError),
    "negated": (
        lambda server: f"[127.0.0.*]:{server.port},![127.0.0.1]:{server.port} {public(server.host_keys[0])}\n",
        HostUnknownError,
    ),
    "changed": (
        lambda server: f"[127.0.0.1]:{server.port} {public(make_key(server.directory / 'old'))}\n",
        HostKeyChangedError,
    ),
    "changed, though the bare host has the right one": (
        lambda server: (
            f"[127.0.0.1]:{server.port} {public(make_key(server.directory / 'old'))}\n"
            f"127.0.0.1 {public(server.host_keys[0])}\n"
        ),
        HostKeyChangedError,
    ),
    "revoked": (
        lambda server: (
            f"[127.0.0.1]:{server.port} {public(server.host_keys[0])}\n@revoked * {public(server.host_keys[0])}\n"
        ),
        HostKeyRevokedError,
    ),
    "CA only": (
        lambda server: f"@cert-authority * {public(make_key(server.directory / 'ca'))}\n",
        HostCertificateError,
    ),
}


def _krl(path: Path, *keys: Path) -> None:
    subprocess.run(("ssh-keygen", "-q", "-k", "-f", str(path), *(f"{key}.pub" for key in keys)), check=True)


def _other(path: Path) -> Path:
    return make_key(path.with_name("other"))


def _broken_krl(path: Path, key: Path) -> None:
    _krl(path, key)
    path.write_bytes(path.read_bytes()[:50])


Withdraw = Callable[[Path, Path], object]
"""Writes, to a path, a file of RevokedHostKeys about a host key."""

HARMLESS: dict[str, Withdraw] = {
    "empty list": lambda path, _: path.touch(),
    "list of another key": lambda path, _: path.write_text(f"# gone\n\n{public(_other(path))} note\n"),
    "KRL of another key": lambda path, _: _krl(path, _other(path)),
}

WITHDRAWN: dict[str, tuple[Withdraw, type[HostKeyRevokedError], str]] = {
    "list": (
        lambda path, key: path.write_text(f"# gone\n{public(_other(path))}\n  {public(key)} note\r\n"),
        HostKeyRevokedError,
        ":3",
    ),
    "KRL": (lambda path, key: _krl(path, key, _other(path)), HostKeyRevokedError, ""),
    "missing": (lambda *_: None, RevocationUnknownError, ""),
    "unreadable": (lambda path, _: path.mkdir(), RevocationUnknownError, ""),
    "no list": (lambda path, _: path.write_text("keys: none\n"), RevocationUnknownError, ""),
    "damaged KRL": (_broken_krl, RevocationUnknownError, ""),
}


def _ssh(site: Site, name: str) -> int:
    argv = ("ssh", "-F", str(site.config), "-o", "BatchMode=yes", name, "true")
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20).returncode


@pytest.mark.parametrize("case", HARMLESS)
def test_key_that_no_revocation_lists_is_trusted(site: Site, case: str) -> None:
    """RevokedHostKeys takes away what it lists, and nothing else."""
    revoked = site.directory / "revoked keys"
    HARMLESS[case](revoked, site.host_key)
    _single(site, GOOD["plain"], RevokedHostKeys=f'"{revoked}"')
    assert (b"hi\n", 0) == (_greet(site), _ssh(site, "host"))


@pytest.mark.parametrize("case", WITHDRAWN)
def test_key_in_revoked_host_keys_is_refused(site: Site, case: str) -> None:
    """A key that is listed, or cannot be looked up, is refused like by ssh, though known_hosts has it."""
    withdraw, error, line = WITHDRAWN[case]
    revoked = site.directory / "revoked keys"
    withdraw(revoked, site.host_key)
    server = _single(site, GOOD["plain"], RevokedHostKeys=f'"{revoked}"')
    assert 255 == _ssh(site, "host")
    with pytest.raises(HostKeyRevokedError) as caught:
        _greet(site)
    assert (error, 0) == (type(caught.value), server.count(ATTEMPT))
    place = str(revoked).split()[0] if case == "missing" else f"{revoked}{line}"
    assert place == caught.value.place


@pytest.mark.parametrize("case", WITHDRAWN)
@pytest.mark.parametrize("hop", ["jump", "app"])
def test_revoked_host_keys_count_on_every_hop(site: Site, case: str, hop: str) -> None:
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
        _greet(site, "app")
    assert 0 == {"jump": jump, "app": app}[hop].count(ATTEMPT)


def test_krl_without_ssh_keygen_revokes_every_key(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that nobody here can read is no leave to connect."""
    revoked = site.directory / "revoked"
    HARMLESS["KRL of another key"](revoked, site.host_key)
    _single(site, GOOD["plain"], RevokedHostKeys=str(revoked))
    monkeypatch.setattr("remotego.adapters.openssh.KEYGEN", "no-such-program")
    with pytest.raises(RevocationUnknownError, match="no-such-program"):
        _greet(site)


@pytest.mark.parametrize("case", GOOD)
def test_known_key_is_trusted(site: Site, case: str) -> None:
    """Every way ssh knows a key by is understood."""
    _single(site, GOOD[case])
    assert b"hi\n" == _greet(site)


@pytest.mark.parametrize("case", GOOD)
def test_known_key_is_trusted_without_ssh_keygen(site: Site, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own reader understands the same lines where there is no ssh-keygen."""
    _single(site, GOOD[case])
    monkeypatch.setattr("remotego.adapters.openssh.KEYGEN", "no-such-program")
    assert b"hi\n" == _greet(site)


@pytest.mark.parametrize("case", BAD)
def test_untrusted_key_is_refused_before_authentication(site: Site, case: str) -> None:
    """An unknown, changed, revoked or unverifiable key ends the connection; nobody has signed in."""
    lines, error = BAD[case]
    server = _single(site, lines)
    with pytest.raises(error):
        _greet(site)
    server.wait_for("Connection (closed|reset) by 127.0.0.1")
    assert 0 == server.count("Accepted|Failed|authenticating user")


@pytest.mark.parametrize("relaxed", ["no", "accept-new", "off"])
def test_relaxed_checking_in_the_config_does_not_weaken_us(site: Site, relaxed: str) -> None:
    """StrictHostKeyChecking no is for other programs."""
    _single(site, lambda _: "", StrictHostKeyChecking=relaxed)
    with pytest.raises(HostUnknownError):
        _greet(site)


def test_unknown_key_is_shown_with_its_fingerprint_and_a_way_to_pin_it(site: Site) -> None:
    """The error has what is needed to check the key out of band."""
    server = _single(site, lambda _: "")
    listed = subprocess.run(
        ("ssh-keygen", "-lf", f"{site.host_key}.pub"), check=True, capture_output=True, text=True
    ).stdout
    with pytest.raises(HostUnknownError) as caught:
        _greet(site)
    assert listed.split()[1] == caught.value.fingerprint
    assert f"ssh-keyscan -t ssh-ed25519 -p {server.port} 127.0.0.1" in caught.value.advice


def test_changed_key_names_the_line_of_the_known_one(site: Site) -> None:
    """File and line of the key on record are in the error."""
    _single(site, lambda server: "# first\n" + BAD["changed"][0](server))
    with pytest.raises(HostKeyChangedError) as caught:
        _greet(site)
    assert f"{site.known_hosts}:2" == caught.value.place


def test_known_hosts_is_never_written(site: Site) -> None:
    """The user's file keeps its bytes, comments and odd lines included."""
    _single(site, GOOD["after bad lines"])
    before = site.known_hosts.read_bytes()
    _greet(site)
    assert before == site.known_hosts.read_bytes()


def test_host_key_alias_is_the_name_looked_up(site: Site) -> None:
    """HostKeyAlias files a key under a name of its own."""
    _single(site, lambda server: f"Cluster-7 {public(server.host_keys[0])}\n", HostKeyAlias="cluster-7")
    assert b"hi\n" == _greet(site)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ed25519"])
def test_server_presents_the_kind_of_key_we_know(site: Site, kind: str) -> None:
    """Of a server's several keys the one on file is asked for."""
    keys = tuple(make_key(site.directory / f"{each}_host", each) for each in ("rsa", "ecdsa", "ed25519"))
    server = site.start(host_keys=keys, trusted=False)
    known = next(key for key in keys if key.name.startswith(kind))
    site.known_hosts.write_text(f"[127.0.0.1]:{server.port} {public(known)}\n")
    site.write_config(f"Host host\n  Port {server.port}")
    assert b"hi\n" == _greet(site)


@pytest.mark.parametrize("case", BAD)
def test_target_behind_a_jump_is_checked_too(site: Site, case: str) -> None:
    """The second hop is as strict as the first, and it is the one blamed."""
    lines, error = BAD[case]
    jump = site.start()
    app = site.start(trusted=False, host_keys=(make_key(site.directory / "app_key"),))
    site.known_hosts.write_text(site.known_hosts.read_text() + lines(app))
    site.write_config(f"Host jump\n  Port {jump.port}", f"Host app\n  Port {app.port}\n  ProxyJump jump")
    with pytest.raises(error, match=r"\bapp \("):
        _greet(site, "app")
    app.wait_for("Connection (closed|reset) by 127.0.0.1")
    assert (1, 0) == (jump.count("Accepted publickey"), app.count("Accepted|Failed|authenticating user"))


def test_jump_host_is_checked_before_the_target_is_spoken_to(site: Site) -> None:
    """A jump host with a wrong key ends it all; the target sees nothing."""
    jump, app = site.start(trusted=False), site.start()
    site.write_config(f"Host jump\n  Port {jump.port}", f"Host app\n  Port {app.port}\n  ProxyJump jump")
    with pytest.raises(HostUnknownError, match="jump"):
        _greet(site, "app")
    assert 0 == app.count("Connection from")


def test_refused_host_keys_leave_no_connection_open(site: Site) -> None:
    """Fifteen refusals in one process leave nothing established."""
    server = _single(site, lambda _: "")
    with SshNetwork(site.config) as network:
        for _ in range(15):
            with pytest.raises(HostUnknownError), network.reach("host"):
                pass
        wait_until(lambda: established(server.port) == 0, "connections close")
        assert 0 == network.connections


def test_files_of_other_tools_are_not_read(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fabric and Invoke files in the working directory and the home change nothing and run nothing."""
    _single(site, GOOD["plain"])
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
    assert (b"hi\n", False) == (_greet(site), canary.exists())
    assert os.getcwd() == str(tmp_path)  # noqa: PTH109
