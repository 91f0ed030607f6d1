"""The lab's hosts and networks are what they say; every other test relies on that."""

import socket
import subprocess
from ipaddress import IPv4Address, ip_network
from pathlib import Path

import pytest

from tests.lab.failure import LabError
from tests.lab.lab import Lab

SSH_FAILED = 255


@pytest.mark.parametrize("alias", ["jump", "app", "hardened", "inner-hardened", "tiny", "frail-jump", "frail"])
def test_host_answers(lab: Lab, alias: str) -> None:
    """Each host lets dev in and runs a command."""
    assert "dev\n" == lab.ssh(alias, "id -un")


@pytest.mark.parametrize("alias", ["jump", "app", "hardened", "tiny"])
def test_other_account_answers(lab: Lab, alias: str) -> None:
    """Each host lets the second person in, with a key of their own."""
    assert "other\n" == lab.ssh(f"{alias}-other", "id -un")


@pytest.mark.parametrize(("alias", "stranger"), [("jump", "other"), ("jump-other", "dev")])
def test_key_opens_only_its_own_account(lab: Lab, tmp_path: Path, alias: str, stranger: str) -> None:
    """The key of one person is refused for the other's account."""
    config = tmp_path / "config"
    own = lab.resolved(alias, "identityfile")
    config.write_text(lab.ssh_config.read_text().replace(own, str(lab.run_dir / "keys" / stranger)))
    done = lab.attempt("-F", str(config), alias, "true")
    assert (SSH_FAILED, True) == (done.returncode, "Permission denied (publickey" in done.stderr)


def test_jump_reaches_app(lab: Lab) -> None:
    """The address of app on the inner network answers jump."""
    assert "open\n" == lab.exec("jump", *knock(lab.address("app", "inner")))


def test_controller_has_no_way_to_app(lab: Lab) -> None:
    """No address of this machine lies in app's network, so nothing but a jump host leads there."""
    inner = ip_network(f"{lab.address('app', 'inner')}/16", strict=False)
    assert source_address(lab.address("app", "inner")) not in inner


def test_controller_has_a_way_to_the_edge(lab: Lab) -> None:
    """The same question finds the network that jump shares with the controller."""
    edge = ip_network(f"{lab.address('jump', 'edge')}/16", strict=False)
    assert source_address(lab.address("jump", "edge")) in edge


def knock(address: str) -> tuple[str, ...]:
    """A command that says ``open`` when sshd's port there can be connected to."""
    return ("timeout", "5", "bash", "-c", f"exec 3<>/dev/tcp/{address}/22 && echo open")


def source_address(destination: str) -> IPv4Address:
    """The address from which this machine would talk to ``destination``; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.connect((destination, 22))
        return IPv4Address(nobody.getsockname()[0])


def test_app_is_not_reached_without_the_jump_host(lab: Lab) -> None:
    """The alias works only because of its ProxyJump."""
    assert SSH_FAILED == lab.attempt("-o", "ProxyJump=none", "app", "true").returncode


def test_app_cannot_leave_the_inner_network(lab: Lab) -> None:
    """It does not reach jump's address on the edge."""
    with pytest.raises(LabError):
        lab.exec("app", *knock(lab.address("jump", "edge")))


def test_wrong_host_key_is_refused(lab: Lab, tmp_path: Path) -> None:
    """With hardened's key on record for jump, ssh stops."""
    known = tmp_path / "known_hosts"
    key = (lab.run_dir / "hosts" / "hardened" / "ssh_host_ed25519_key.pub").read_text()
    known.write_text(f"[127.0.0.1]:{lab.resolved('jump', 'port')} {key}")
    done = lab.attempt("-o", f"UserKnownHostsFile={known}", "jump", "true")
    assert (SSH_FAILED, True) == (done.returncode, "Host key verification failed" in done.stderr)


def test_hardened_refuses_tcp_forwarding(lab: Lab) -> None:
    """A direct-tcpip channel to a port that listens there is not opened."""
    done = lab.attempt("-W", "127.0.0.1:22", "hardened")
    assert (SSH_FAILED, True) == (done.returncode, "administratively prohibited" in done.stderr)


def test_jump_allows_tcp_forwarding(lab: Lab) -> None:
    """The same request to a host with OpenSSH's defaults is granted: its sshd greets through the channel."""
    assert lab.attempt("-W", "127.0.0.1:22", "jump").stdout.startswith("SSH-2.0-OpenSSH")


@pytest.mark.parametrize(("host", "refused"), [("hardened", True), ("jump", False)])
def test_socket_forwarding(lab: Lab, tmp_path: Path, host: str, refused: bool) -> None:
    """The sshd of hardened refuses to forward to a unix socket; that of jump tries, and finds none."""
    near, far = tmp_path / "near", f"/nowhere-{host}"
    argv = ["ssh", "-F", str(lab.ssh_config), "-L", f"{near}:{far}", host, "echo up; cat"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ssh:
        assert ssh.stdout
        assert b"up\n" == ssh.stdout.readline()
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(20)
            line.connect(str(near))
            assert b"" == line.recv(1)
        _, errors = ssh.communicate(timeout=20)
    told = f"refused streamlocal port forward: originator  port 0, target {far}" in lab.logs(host)
    assert (True, refused) == (b"open failed" in errors, told)


def test_tiny_has_no_bash(lab: Lab) -> None:
    """Only busybox's shell is there."""
    assert 127 == lab.attempt("tiny", "bash -c true").returncode


def test_tiny_has_no_sftp(lab: Lab) -> None:
    """The subsystem ends at once: the server's program is missing."""
    done = lab.attempt("-s", "tiny", "sftp")
    assert (127, True) == (done.returncode, "not found" in done.stderr)


def test_app_has_sftp(lab: Lab, tmp_path: Path) -> None:
    """A file comes by sftp."""
    batch = tmp_path / "batch"
    batch.write_text(f"get /etc/hostname {tmp_path / 'got'}\n")
    argv = ["sftp", "-q", "-F", str(lab.ssh_config), "-b", str(batch), "app"]
    subprocess.run(argv, check=True, capture_output=True, timeout=60)
    assert "app\n" == (tmp_path / "got").read_text()


def test_logs_name_who_came(lab: Lab) -> None:
    """sshd's log can be read, with what it says about a login."""
    lab.ssh("jump-other", "true")
    assert "Accepted publickey for other" in lab.logs("jump")
