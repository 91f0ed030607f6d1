"""The transport on the lab: every login shell, dropbear, hosts with forwarding off, machines that hang."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.adapters.ssh.errors import (
    ConnectionLostError,
    ForwardingForbiddenError,
    NoShellError,
    ScriptTimeoutError,
    SocketClosedError,
)
from remotego.core.transport import Answer, Payload, Script
from tests.adapters.contract.conftest import AnyNetwork, Connect
from tests.adapters.sshd import wait_until
from tests.lab.lab import Lab

SHELLS = ["bash", "dash", "ash", "zsh", "fish", "tcsh"]
ALIASES = [*(f"app-{shell}" for shell in SHELLS), "tiny"]
TEXT = """cat <<'EOF'
$HOME `id` !! "'" \\n ü %s $(false)
EOF
printf '%s' "$0"; echo err >&2; exit 7"""
NOTICED_S = 15.0


@pytest.fixture(scope="module")
def network(connect: Connect, lab: Lab) -> Iterator[AnyNetwork]:
    """Connect by the lab's ssh_config, once for the module."""
    with connect(lab.ssh_config) as opened:
        yield opened


@pytest.mark.parametrize("alias", ALIASES)
def test_script_runs_alike_under_every_login_shell(network: AnyNetwork, alias: str) -> None:
    """Whatever the login shell and the noise of its rc files, the answer is the script's own."""
    with network.reach(alias) as target:
        answer = target.run(Script(TEXT))
    expected = Answer('$HOME `id` !! "\'" \\n ü %s $(false)\n/bin/sh'.encode(), b"err\n", 7)
    assert (expected.stdout, 7) == (answer.stdout, answer.exit_code)
    assert answer.stderr.endswith(b"err\n")


@pytest.mark.parametrize("alias", ALIASES)
def test_payload_arrives_under_every_login_shell(network: AnyNetwork, alias: str, tmp_path: Path) -> None:
    """Two megabytes of any bytes pass unchanged."""
    data = bytes(range(256)) * 8192
    path = tmp_path / "payload"
    path.write_bytes(data)
    with network.reach(alias) as target:
        answer = target.run(Script(f"payload {len(data)}", (Payload(path, len(data)),)))
    assert data == answer.stdout


@pytest.mark.parametrize("alias", ALIASES)
def test_exchange_is_talked_to_under_every_login_shell(network: AnyNetwork, alias: str) -> None:
    """Lines come out while bytes go in."""
    with network.reach(alias) as target:
        exchange = target.open(Script("echo ready; while read line; do echo got $line; done; echo over; exit 3"))
        first = exchange.read_line(10)
        exchange.send(b"one\n")
        second = exchange.read_line(10)
        exchange.close()
    assert (b"ready", b"got one") == (first, second)


@pytest.mark.parametrize("alias", ["app-dash", "tiny"])
def test_timeout_ends_the_script(network: AnyNetwork, alias: str) -> None:
    """After a timeout nothing of the script runs on, on OpenSSH and on dropbear."""
    with network.reach(alias) as target:
        with pytest.raises(ScriptTimeoutError):
            target.run(Script("(sleep 4711); while :; do sleep 4711; done"), timeout_s=2)
        alive = Script("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'sleep 471[1]'")
        wait_until(lambda: target.run(alive).stdout == b"0\n", "what the script ran ends")


@pytest.mark.parametrize("alias", ["app-nologin", "app-rbash"])
def test_account_without_a_usable_shell_is_named(network: AnyNetwork, alias: str) -> None:
    """nologin and rbash run nothing for us; the error has the account and its words."""
    with network.reach(alias) as target, pytest.raises(NoShellError) as caught:
        target.run(Script("echo hi"))
    assert alias.removeprefix("app-") == caught.value.account
    assert caught.value.said != "(nothing)"


def test_large_output_through_the_jump_is_fast(network: AnyNetwork) -> None:
    """Twenty megabytes in two seconds, encrypted end to end through the jump host."""
    with network.reach("app") as target:
        started_s = time.monotonic()
        answer = target.run(Script("head -c 20971520 /dev/zero"))
        took_s = time.monotonic() - started_s
    assert 20 << 20 == len(answer.stdout)
    assert took_s < 2.0, f"{took_s:.2f} s"


@pytest.mark.parametrize("alias", ["hardened", "tiny"])
def test_socket_on_a_host_that_forbids_it_is_refused(network: AnyNetwork, alias: str) -> None:
    """Forwarding switched off, and dropbear which has none, lead to the same named refusal."""
    with network.reach(alias) as target:
        sockets = target.run(Script("sed -n 's/^.* \\(\\/.*\\)$/\\1/p' /proc/net/unix | head -n 1")).stdout
        path = sockets.decode().strip() or "/run/none"
        with pytest.raises((ForwardingForbiddenError, SocketClosedError)) as caught:
            target.connect_unix(path)
    if alias == "tiny":
        assert isinstance(caught.value, ForwardingForbiddenError)


@pytest.mark.parametrize("hangs", ["app", "jump"])
def test_machine_that_hangs_is_noticed_and_named(connect: Connect, lab: Lab, hangs: str) -> None:
    """A paused container is a machine that hangs: noticed within 15 s, and the right one is named."""
    with connect(lab.ssh_config) as own, own.reach("app") as target:
        exchange = target.open(Script("echo up; read never"))
        exchange.read_line(10)
        lab.engine.docker("pause", lab.containers[hangs])
        try:
            started_s = time.monotonic()
            with pytest.raises(ConnectionLostError) as caught:
                exchange.answer(60)
            took_s = time.monotonic() - started_s
        finally:
            lab.engine.docker("unpause", lab.containers[hangs])
    assert caught.value.hop.startswith(f"{hangs} (")
    assert took_s < NOTICED_S
