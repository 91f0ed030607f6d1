"""Signing in: which keys are offered, in which order, and what is said when none will do."""

from __future__ import annotations

import getpass
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.adapters.ssh.errors import LoginRefusedError
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.transport import Script
from tests.adapters.conftest import Site
from tests.adapters.sshd import Sshd, make_key, public

PASSPHRASE = "open sesame"


@pytest.fixture
def agent(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run an ssh-agent of the test's own."""
    path = str(site.directory / "agent")
    process = subprocess.Popen(("ssh-agent", "-D", "-a", path), stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", path)
    yield path
    process.terminate()
    process.wait(10)


def _add(agent: str, *keys: Path) -> None:
    environment = {**os.environ, "SSH_AUTH_SOCK": agent}
    subprocess.run(("ssh-add", "-q", *map(str, keys)), check=True, env=environment, stdin=subprocess.DEVNULL)


def _server(site: Site, *options: str, config: str = "", allowed: tuple[Path, ...] = ()) -> Sshd:
    """A server that lets ``allowed`` in, and a host block with ``config``; nothing shared but known_hosts."""
    server = site.start(*options)
    lines = "".join(public(key) + "\n" for key in allowed)
    (server.directory / "authorized_keys").write_text(lines)
    site.config.write_text(
        f"Host host\n HostName 127.0.0.1\n Port {server.port}\n User {getpass.getuser()}\n"
        f" UserKnownHostsFile {site.known_hosts}\n GlobalKnownHostsFile none\n {config}\n"
    )
    return server


def _greet(site: Site) -> bytes:
    with SshNetwork(site.config) as network, network.reach("host") as target:
        return target.run(Script("echo hi")).stdout


def _offered(server: Sshd) -> list[str]:
    """Fingerprints of the keys that the server saw, in order."""
    return re.findall(r"(?:Accepted|Failed) publickey for .*?(SHA256:\S+)", server.log)


def _fingerprint(key: Path) -> str:
    run = subprocess.run(("ssh-keygen", "-lf", f"{key}.pub"), check=True, capture_output=True, text=True)
    return run.stdout.split()[1]


def _certify(site: Site, key: Path, output: Path | None = None) -> Path:
    """Sign a key with a new authority; give the authority."""
    ca = make_key(site.directory / f"ca-{key.name}")
    subprocess.run(("ssh-keygen", "-q", "-s", str(ca), "-I", "test", "-n", getpass.getuser(), f"{key}.pub"), check=True)
    if output is not None:
        key.with_name(f"{key.name}-cert.pub").rename(output)
    return ca


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_key_file_of_each_kind_signs_in(site: Site, kind: str) -> None:
    """Ed25519, ECDSA and RSA (with SHA-2) keys work."""
    key = make_key(site.directory / "key", kind)
    _server(site, config=f"IdentityFile {key}\n IdentityAgent none", allowed=(key,))
    assert b"hi\n" == _greet(site)


def test_pem_key_signs_in(site: Site) -> None:
    """A key in the older PEM format works."""
    key = site.directory / "key"
    subprocess.run(("ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", "", "-f", str(key)), check=True)
    _server(site, config=f"IdentityFile {key}\n IdentityAgent none", allowed=(key,))
    assert b"hi\n" == _greet(site)


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_agent_key_signs_in(site: Site, agent: str, kind: str) -> None:
    """A key that only the agent has works."""
    key = make_key(site.directory / "key", kind)
    _add(agent, key)
    key.unlink()
    _server(site, allowed=(key,))
    assert b"hi\n" == _greet(site)


def test_agent_comes_before_files_and_named_keys_first(site: Site, agent: str) -> None:
    """Agent keys named in the config, the agent's other keys, then files, as ssh does it."""
    first, named, file, right = (make_key(site.directory / name) for name in ("first", "named", "file", "right"))
    _add(agent, first, named)
    server = _server(
        site, config=f"IdentityFile {file}\n IdentityFile {named}\n IdentityFile {right}", allowed=(right,)
    )
    _greet(site)
    assert [_fingerprint(key) for key in (named, first, file, right)] == _offered(server)


def test_identities_only_leaves_other_agent_keys_out(site: Site, agent: str) -> None:
    """With IdentitiesOnly an agent full of keys does not use up the attempts."""
    others = [make_key(site.directory / f"other{number}") for number in range(7)]
    right = make_key(site.directory / "right")
    _add(agent, *others, right)
    server = _server(site, config=f"IdentityFile {right}\n IdentitiesOnly yes", allowed=(right,))
    assert (b"hi\n", [_fingerprint(right)]) == (_greet(site), _offered(server))


def test_public_half_selects_the_agents_key(site: Site, agent: str) -> None:
    """IdentityFile may name a .pub file whose private half only the agent has."""
    other, right = make_key(site.directory / "other"), make_key(site.directory / "right")
    _add(agent, other, right)
    right.unlink()
    server = _server(site, config=f"IdentityFile {right}.pub\n IdentitiesOnly yes", allowed=(right,))
    assert (b"hi\n", [_fingerprint(right)]) == (_greet(site), _offered(server))


def test_identity_agent_none_asks_no_agent(site: Site, agent: str) -> None:
    """``IdentityAgent none`` is heeded."""
    key = make_key(site.directory / "key")
    _add(agent, key)
    server = _server(site, config=f"IdentityAgent none\n IdentityFile {site.directory}/none", allowed=(key,))
    with pytest.raises(LoginRefusedError, match="there are none"):
        _greet(site)
    assert [] == _offered(server)


def test_dead_agent_is_no_obstacle(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that nobody serves is passed over."""
    path = str(site.directory / "dead")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    monkeypatch.setenv("SSH_AUTH_SOCK", path)
    _server(site, config=f"IdentityFile {site.user_key}", allowed=(site.user_key,))
    assert b"hi\n" == _greet(site)


@pytest.mark.parametrize("place", ["beside", "elsewhere"])
def test_certificate_signs_in(site: Site, place: str) -> None:
    """A certificate beside its key or named by CertificateFile opens an account that trusts its authority."""
    key = make_key(site.directory / "key")
    elsewhere = site.directory / "sub-cert.pub"
    ca = _certify(site, key, elsewhere if place == "elsewhere" else None)
    listed = f"\n CertificateFile {elsewhere}" if place == "elsewhere" else ""
    server = _server(site, f"TrustedUserCAKeys {ca}.pub", config=f"IdentityFile {key}\n IdentityAgent none{listed}")
    assert b"hi\n" == _greet(site)
    server.wait_for("ED25519-CERT")


def test_certificate_for_the_agents_key_signs_in(site: Site, agent: str) -> None:
    """CertificateFile also goes with a key that only the agent has."""
    key, certificate = make_key(site.directory / "key"), site.directory / "sub-cert.pub"
    ca = _certify(site, key, certificate)
    _add(agent, key)
    key.unlink()
    _server(
        site,
        f"TrustedUserCAKeys {ca}.pub",
        config=f"IdentityFile {key}.pub\n CertificateFile {certificate}\n IdentitiesOnly yes",
    )
    assert b"hi\n" == _greet(site)


def test_certificate_in_the_agent_signs_in(site: Site, agent: str) -> None:
    """ssh-add loads the certificate beside a key; it is offered like any agent key."""
    key = make_key(site.directory / "key")
    ca = _certify(site, key)
    _add(agent, key)
    for path in (key, Path(f"{key}.pub"), Path(f"{key}-cert.pub")):
        path.unlink()
    _server(site, f"TrustedUserCAKeys {ca}.pub")
    assert b"hi\n" == _greet(site)


def test_locked_key_without_terminal_names_ssh_add(site: Site) -> None:
    """A passphrase is asked for on a terminal only; elsewhere the error says what to do."""
    key = make_key(site.directory / "key", passphrase=PASSPHRASE)
    _server(site, config=f"IdentityFile {key}\n IdentityAgent none", allowed=(key,))
    with pytest.raises(LoginRefusedError, match=f"ssh-add {key}"):
        _greet(site)


def _terminal(monkeypatch: pytest.MonkeyPatch, answers: list[str]) -> list[str]:
    """Let getpass answer; give the list that its prompts go to."""
    prompts: list[str] = []

    class Terminal:
        def isatty(self) -> bool:
            return True

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return answers.pop(0)

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", ask)
    return prompts


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_passphrase_opens_a_locked_key(site: Site, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """On a terminal the passphrase is asked for, again if it was wrong."""
    key = make_key(site.directory / "key", kind, PASSPHRASE)
    _server(site, config=f"IdentityFile {key}\n IdentityAgent none", allowed=(key,))
    prompts = _terminal(monkeypatch, ["wrong", PASSPHRASE])
    assert b"hi\n" == _greet(site)
    assert [f"Passphrase for {key}: "] * 2 == prompts


def test_the_terminal_is_cleared_before_each_prompt(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What moves on the terminal has to stop before the user types."""
    key = make_key(site.directory / "key", passphrase=PASSPHRASE)
    _server(site, config=f"IdentityFile {key}\n IdentityAgent none", allowed=(key,))
    events = _terminal(monkeypatch, ["wrong", PASSPHRASE])
    cleared = SshNetwork(site.config, before_asking=lambda: events.append("clear"))
    with cleared as network, network.reach("host"):
        assert ["clear", f"Passphrase for {key}: "] * 2 == events


def test_passphrase_is_asked_once_for_many_hosts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hops that share a key share the unlocked key, also when reached in parallel."""
    key = make_key(site.directory / "key", passphrase=PASSPHRASE)
    _server(site, config=f"IdentityFile {key}\n IdentityAgent none", allowed=(key,))
    site.config.write_text(site.config.read_text().replace("Host host", "Host a b c"))
    prompts = _terminal(monkeypatch, [PASSPHRASE])
    with SshNetwork(site.config) as network:
        threads = [threading.Thread(target=network.reach(name).__enter__) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert (3, 1) == (network.connections, len(prompts))


def test_passphrase_of_an_unwanted_key_is_not_asked_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is asked first if it would take the key."""
    locked = make_key(site.directory / "locked", passphrase=PASSPHRASE)
    right = make_key(site.directory / "right")
    _server(site, config=f"IdentityFile {locked}\n IdentityFile {right}\n IdentityAgent none", allowed=(right,))
    prompts = _terminal(monkeypatch, [])
    assert (b"hi\n", []) == (_greet(site), prompts)


def test_key_that_others_may_read_is_not_used(site: Site) -> None:
    """Like ssh: a private key with open permissions is named and left alone."""
    key = make_key(site.directory / "key")
    _server(site, config=f"IdentityFile {key}\n IdentityAgent none", allowed=(key,))
    key.chmod(0o644)
    with pytest.raises(LoginRefusedError, match=f"chmod 600 {key}"):
        _greet(site)


@pytest.mark.parametrize("content", ["", "rubbish", "-----BEGIN OPENSSH PRIVATE KEY-----\n!!\n-----END"])
def test_broken_key_file_does_not_stop_the_others(site: Site, content: str) -> None:
    """A file that is no key is passed over."""
    broken = site.directory / "broken"
    broken.write_text(content)
    broken.chmod(0o600)
    _server(
        site,
        config=f"IdentityFile {broken}\n IdentityFile {site.user_key}\n IdentityAgent none",
        allowed=(site.user_key,),
    )
    assert b"hi\n" == _greet(site)


def test_refusal_tells_what_was_tried_on_which_hop(site: Site) -> None:
    """The error lists the keys, and names the hop."""
    one, two = make_key(site.directory / "one"), make_key(site.directory / "two")
    _server(site, config=f"IdentityFile {one}\n IdentityFile {two}\n IdentityAgent none")
    with pytest.raises(LoginRefusedError) as caught:
        _greet(site)
    assert f"{one}: refused; {two}: refused" == caught.value.tried
    assert caught.value.hop.startswith("host (")


def test_hang_up_after_too_many_keys_is_told(site: Site) -> None:
    """When MaxAuthTries ends the login the remaining keys are listed as not tried."""
    keys = [make_key(site.directory / f"key{number}") for number in range(4)]
    listed = "\n ".join(f"IdentityFile {key}" for key in keys)
    _server(site, "MaxAuthTries 2", config=f"IdentityAgent none\n {listed}")
    with pytest.raises(LoginRefusedError, match=f"{keys[3]}: not tried: the server had hung up"):
        _greet(site)


def test_second_factor_is_named(site: Site) -> None:
    """A key that is right but not enough is told apart from a refused one."""
    _server(
        site,
        "AuthenticationMethods publickey,password",
        "PasswordAuthentication yes",
        config=f"IdentityFile {site.user_key}\n IdentityAgent none",
        allowed=(site.user_key,),
    )
    with pytest.raises(LoginRefusedError, match="accepted, but the server also wants password"):
        _greet(site)


def test_password_only_server_gets_no_password(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked for a password."""
    _server(site, "PubkeyAuthentication no", "PasswordAuthentication yes", config=f"IdentityFile {site.user_key}")
    prompts = _terminal(monkeypatch, [])
    with pytest.raises(LoginRefusedError):
        _greet(site)
    assert [] == prompts
