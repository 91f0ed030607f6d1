"""Commands on the target as streams, and scripts as another user, over a real sshd."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from remotego.adapters.ssh.errors import (
    ConnectionLostError,
    NoStreamError,
    OtherUserForwardError,
    ScriptTimeoutError,
    SessionRefusedError,
    SudoRefusedError,
)
from remotego.adapters.ssh.transport import SshTransport
from remotego.core.transport import Script, Stream
from tests.adapters.conftest import Site
from tests.adapters.contract.conftest import AnyNetwork, Connect
from tests.adapters.sshd import wait_until
from tests.lab.fixtures import need

CAT = Script('echo "$begin"; exec cat')
OTHER = "nobody"


def _talk(stream: Stream, data: bytes) -> bytes:
    stream.sendall(data)
    stream.shutdown_write()
    received = b"".join(iter(lambda: stream.recv(1 << 16), b""))
    stream.close()
    return received


def test_bytes_go_there_and_back_through_a_command(network: AnyNetwork) -> None:
    """Any bytes pass, and half-closing works both ways, through a jump host."""
    with network.reach("app") as target:
        assert bytes(range(256)) * 100 == _talk(target.pipe(CAT), bytes(range(256)) * 100)


def test_bytes_that_come_with_the_opening_belong_to_the_stream(network: AnyNetwork) -> None:
    """What follows the opening line at once is not lost, and what went before it is no part of the stream."""
    script = Script('echo noise; printf "%s\\nfirst\\n" "$begin"; exec cat')
    with network.reach("app") as target:
        assert b"first\nsecond" == _talk(target.pipe(script), b"second")


def test_talkative_command_does_not_stall(network: AnyNetwork) -> None:
    """Megabytes on standard error are taken off its hands."""
    script = Script('echo "$begin"; head -c 8000000 /dev/zero >&2; exec cat')
    with network.reach("app") as target:
        assert b"still here" == _talk(target.pipe(script), b"still here")


def test_command_that_ends_early_is_no_stream(network: AnyNetwork) -> None:
    """Its standard error says why, without what a terminal would obey."""
    script = Script("printf 'no \\033[31msuch socket\\n' >&2; exit 1")
    with network.reach("app") as target:
        with pytest.raises(NoStreamError) as caught:
            target.pipe(script)
        assert b"on\n" == target.run(Script("echo on")).stdout
    assert "no such socket" == caught.value.said


def test_refused_session_is_no_stream(connect: Connect, site: Site) -> None:
    """Where MaxSessions leaves no room, that is the reason given."""
    server = site.start("MaxSessions 1")
    site.write_config(f"Host host\n  Port {server.port}")
    with connect(site.config) as network, network.reach("host") as target:
        exchange = target.open(Script("echo up; read never"))
        exchange.read_line(10)
        with pytest.raises(SessionRefusedError):
            target.pipe(CAT)
        exchange.close()


def test_lost_connection_is_told_from_the_end_of_a_command(connect: Connect, site: Site) -> None:
    """When the connection breaks the reader gets an error, not an end of stream."""
    server = site.start()
    site.write_config(f"Host host\n  Port {server.port}")
    with connect(site.config) as network, network.reach("host") as target:
        stream = target.pipe(CAT)
        server.stop()
        with pytest.raises(ConnectionLostError):
            stream.recv(1)


def test_closing_a_stream_ends_its_command(network: AnyNetwork) -> None:
    """Nothing of it is left behind."""
    with network.reach("app") as target:
        stream = target.pipe(Script('echo "$begin"; echo $$; exec cat'))
        process = Path("/proc", stream.recv(100).decode().strip())
        assert process.exists()
        stream.close()
        wait_until(lambda: not process.exists(), "the command ends")


def test_script_runs_as_another_user(network: AnyNetwork) -> None:
    """By sudo without a password; the same connection serves both."""
    need("sudo")
    with network.reach("app") as target:
        other = target.as_user(OTHER)
        told = [each.run(Script("id -un; echo err >&2; exit 3")) for each in (other, target)]
        connections = network.connections
    assert [OTHER, pwd.getpwuid(os.getuid()).pw_name] == [answer.stdout.decode().strip() for answer in told]
    assert [(b"err\n", 3)] * 2 == [(answer.stderr, answer.exit_code) for answer in told]
    assert 2 == connections


def test_command_of_another_user_is_a_stream(network: AnyNetwork) -> None:
    """Bytes pass through sudo, and half-closing works."""
    need("sudo")
    script = Script('echo "$begin"; id -un; exec cat')
    with network.reach("app") as target:
        assert b"nobody\n\x00\xff" == _talk(target.as_user(OTHER).pipe(script), b"\x00\xff")


@pytest.mark.parametrize("way", [SshTransport.run, SshTransport.pipe])
def test_sudo_that_refuses_is_named_with_its_remedy(
    network: AnyNetwork, way: Callable[[SshTransport, Script], object]
) -> None:
    """Its own words are passed on, and the line that an administrator could add."""
    need("sudo")
    with network.reach("app") as target, pytest.raises(SudoRefusedError) as caught:
        way(target.as_user("no-such-user"), CAT)
    assert "no-such-user" in caught.value.said
    assert "ALL=(no-such-user) NOPASSWD: /bin/sh -s" in caught.value.advice


def test_script_of_another_user_that_fails_is_not_sudos_fault(network: AnyNetwork) -> None:
    """A stream that does not come up as another user keeps its own reason."""
    need("sudo")
    with network.reach("app") as target, pytest.raises(NoStreamError) as caught:
        target.as_user(OTHER).pipe(Script("echo 'no agent' >&2; exit 1"))
    assert "no agent" == caught.value.said


def test_nothing_is_forwarded_for_another_user(network: AnyNetwork) -> None:
    """The sshd forwards as the login: who asks for more is told."""
    with network.reach("app") as target:
        other = target.as_user(OTHER)
        for connect in (lambda: other.connect_unix("/run/x"), lambda: other.connect_port(1)):
            with pytest.raises(OtherUserForwardError):
                connect()


def test_timeout_ends_the_script_of_another_user(network: AnyNetwork) -> None:
    """It is killed by the user it runs as, with what it has started."""
    need("sudo")
    with network.reach("app") as target:
        with pytest.raises(ScriptTimeoutError):
            target.as_user(OTHER).run(Script("(sleep 4713); while :; do sleep 4713; done"), timeout_s=2)
        alive = Script("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'sleep 471[3]'")
        wait_until(lambda: target.run(alive).stdout == b"0\n", "what the script ran ends", 10)


def test_what_is_no_users_name_is_never_sent(network: AnyNetwork) -> None:
    """Shell words in a name are refused before anything is run."""
    with network.reach("app") as target, pytest.raises(ValueError, match="not the name of a user"):
        target.as_user("x; reboot")
