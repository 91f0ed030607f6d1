"""Scripts that lead to sockets, run by real shells, with a stand-in where the agent would be."""

from pathlib import Path

import pytest

from remotego.host.relay import relay_socket, relay_tcp
from tests.ops.local_transport import LocalRefusedError, LocalTransport

TELL = '#!/bin/sh\necho "$3"\nprintf "%s\\n" "$1" "$2"\n'
"""Prints the greeting as the agent does, then what it was asked for."""


@pytest.fixture
def agent(local: LocalTransport) -> str:
    """A program in a folder whose name the shell has to leave alone."""
    path = local.home / "it's $HOME" / "agent"
    path.parent.mkdir()
    path.write_text(TELL)
    path.chmod(0o755)
    return str(path)


def asked(local: LocalTransport, agent: str, hostname: str) -> str:
    """Where the agent is sent for a host."""
    stream = local.pipe(relay_tcp(agent, hostname, 22))
    received = b"".join(iter(lambda: stream.recv(100), b"")).decode()
    stream.close()
    return received.removeprefix("relay\n").strip()


def test_socket_is_named_as_it_is(local: LocalTransport, agent: str) -> None:
    """Quotes, blanks and dollars of paths reach the agent."""
    stream = local.pipe(relay_socket(agent, "/run/it's $1/a  b"))
    received = b"".join(iter(lambda: stream.recv(100), b""))
    stream.close()
    assert b"relay\n/run/it's $1/a  b\n" == received


@pytest.mark.parametrize(("hostname", "place"), [("192.0.2.7", "192.0.2.7:22"), ("2001:DB8::7", "[2001:db8::7]:22")])
def test_addresses_need_no_resolver(local: LocalTransport, agent: str, hostname: str, place: str) -> None:
    """IPv6 addresses go into brackets."""
    assert f"tcp:{place}" == asked(local, agent, hostname)


def test_names_are_resolved_there(local: LocalTransport, agent: str) -> None:
    """By getent, or by /etc/hosts alone where there is none."""
    assert asked(local, agent, "localhost") in ("tcp:127.0.0.1:22", "tcp:[::1]:22", "tcp:[::1]:22,127.0.0.1:22")


@pytest.mark.parametrize("hostname", ["no-such-host.invalid", "$(touch pwned)", "; touch pwned"])
def test_name_nobody_knows_is_refused(local: LocalTransport, agent: str, hostname: str) -> None:
    """It is told, and never taken for more than a name."""
    with pytest.raises(LocalRefusedError) as caught:
        asked(local, agent, hostname)
    assert hostname in caught.value.said
    assert not Path(local.home, "pwned").exists()
