"""What only the network over Fabric has: a stand-in for ssh -G, connections that are not compared, its speed."""

from __future__ import annotations

import time

import pytest

from remotego.adapters.ssh.connection import Connection
from remotego.adapters.ssh.fallback import NOTE
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.transport import Script
from tests.adapters.conftest import Site
from tests.lab.lab import Lab


def _greet(network: SshNetwork, name: str) -> bytes:
    with network.reach(name) as target:
        return target.run(Script(f"echo {name}")).stdout


def test_note_about_the_config_is_told_once(pair: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an ssh program the user hears, once, who has read the configuration."""
    monkeypatch.setattr("remotego.adapters.openssh.SSH", "no-such-program")
    heard: list[str] = []
    with SshNetwork(pair.config, heard.append) as network:
        assert [b"app\n", b"direct\n"] == [_greet(network, name) for name in ("app", "direct")]
    assert [NOTE] == heard


def test_connections_are_not_equal_by_address(pair: Site) -> None:
    """Two connections to one address are two things to keep count of."""
    with SshNetwork(pair.config) as network:
        with network.reach("direct") as target:
            first: Connection = target._connection
        with network.reach("app") as target:
            assert first != target._connection


def test_warm_check_is_not_slower_than_ssh(lab: Lab) -> None:
    """Connecting and one exec through the jump take no longer than ``ssh app sha256sum``, interleaved."""
    ours_s, theirs_s = [], []
    for _ in range(5):
        started_s = time.monotonic()
        with SshNetwork(lab.ssh_config) as own, own.reach("app") as target:
            target.run(Script("sha256sum /etc/passwd"))
        ours_s.append(time.monotonic() - started_s)
        started_s = time.monotonic()
        lab.ssh("app", "sha256sum /etc/passwd")
        theirs_s.append(time.monotonic() - started_s)
    assert sorted(ours_s)[2] < sorted(theirs_s)[2], (ours_s, theirs_s)
