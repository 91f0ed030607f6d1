"""Who is at the other end of a loopback connection."""

from __future__ import annotations

import ipaddress
import os
import socket

import pytest

from remotego.adapters.loopback import LISTEN, Endpoint, listener_pid, parse_table, peer_uid, process_name

_QUEUES = "00000000:00000000 00:00000000 00000000"
_MAPPED = "0000000000000000FFFF00000100007F"
TABLE = f"""\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A {_QUEUES}  1000        0 4711 1 0000 100 0 0 10 0
   1: {_MAPPED}:1F91 {_MAPPED}:1F90 01 {_QUEUES}    33        0 12 1
   2: cut short
"""


def test_table_is_read() -> None:
    """Addresses, state, user and inode; IPv4 in IPv6 clothes is IPv4; a broken line is passed over."""
    here = ipaddress.ip_address("127.0.0.1")
    expected = [
        Endpoint((here, 8080), (ipaddress.ip_address("0.0.0.0"), 0), LISTEN, 1000, 4711),
        Endpoint((here, 8081), (here, 8080), 1, 33, 12),
    ]
    assert expected == parse_table(TABLE.replace("0:0 0:0 0  33", "00000000:00000000 00:00000000 00000000 33"))


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::ffff:127.0.0.1")])
def test_peer_of_a_connection_is_ours(family: socket.AddressFamily, host: str) -> None:
    """The user of a connected client is found, whichever family its socket has."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(family) as client:
        client.connect((host, server.getsockname()[1]))
        accepted, peer = server.accept()
        with accepted:
            assert os.getuid() == peer_uid(accepted.getsockname(), peer)


def test_peer_that_has_closed_is_nobody() -> None:
    """A closed client has no user, not even root."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, peer = server.accept()
        client.close()
        with accepted:
            assert None is peer_uid(accepted.getsockname(), peer)


def test_listener_is_found_by_its_port() -> None:
    """The process that listens on a port, and its name."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        pid = listener_pid(server.getsockname()[1])
    assert os.getpid() == pid
    assert process_name(os.getpid())


def test_free_port_has_no_listener() -> None:
    """Nobody listens on a port that is only bound."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        assert None is listener_pid(sock.getsockname()[1])
