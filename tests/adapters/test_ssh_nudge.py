"""No round trip more than needed, and no small packet held back: as sshd itself counts them."""

from __future__ import annotations

import pytest

from remotego.adapters.ssh.link import ENVELOPE_BYTES, PACKET_BYTES
from remotego.adapters.ssh.network import SshNetwork
from remotego.adapters.ssh.nudge import LULLS_S
from remotego.core.transport import Script
from tests.adapters.conftest import Site

NUDGE = "Received SSH2_MSG_IGNORE"
SESSION = "input_session_request"


def _talkative(site: Site, *options: str) -> None:
    server = site.start("LogLevel DEBUG3", *options)
    site.write_config(f"Host host\n  Port {server.port}")


def test_an_awaited_answer_is_nudged_and_then_left_in_peace(site: Site) -> None:
    """While nothing comes a few packets are sent, not more however long it takes."""
    _talkative(site)
    with SshNetwork(site.config) as network, network.reach("host") as host:
        exchange = host.open(Script("read -r line; echo done"))
        before = site.servers[0].count(NUDGE)
        with pytest.raises(TimeoutError):
            exchange.read_line(10 * sum(LULLS_S))
        exchange.send(b"on\n")
        assert b"done" == exchange.read_line(10)
    # Some more follow the line sent, until its answer comes.
    assert len(LULLS_S) <= site.servers[0].count(NUDGE) - before <= 2 * len(LULLS_S) + 2


def test_the_second_script_finds_its_session_open(site: Site) -> None:
    """Two scripts ask for two sessions, both with the first script."""
    _talkative(site)
    with SshNetwork(site.config) as network, network.reach("host") as host:
        host.run(Script("true"))
        asked = site.servers[0].count(SESSION)
        host.run(Script("true"))
        assert (2, 2) == (asked, site.servers[0].count(SESSION))


def test_a_host_without_room_for_a_spare_session_gives_the_one(site: Site) -> None:
    """That the spare is refused is no error."""
    _talkative(site, "MaxSessions 1")
    with SshNetwork(site.config) as network, network.reach("host") as host:
        assert b"1\n" == host.run(Script("echo 1")).stdout


def test_packets_of_a_nested_connection_fit_into_one_below(network: SshNetwork) -> None:
    """Each hop leaves room for the envelope that the one below adds."""
    with network.reach("app") as app:
        link = app._connection.link
        sizes = link.open("session").out_max_packet_size, app._connection.gateway.link.packet_bytes
    assert (PACKET_BYTES - ENVELOPE_BYTES, PACKET_BYTES) == sizes
