"""The ladder of ways to a session, on sshds that forbid one rung or another, in the lab."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from remotego.adapters.forward import Forward
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.settings import Layer, Settings, compose
from remotego.core.transport import Script, Transport
from remotego.host.survey import survey
from remotego.ops.agent import bring
from remotego.ops.bridge import Bridge
from remotego.ops.channel import AUTO, Channel, Ends, NoChannelError, climb
from remotego.ops.engine import ask
from remotego.ops.upkeep import undo
from tests.lab.lab import Lab
from tests.lab.variants import Variant, behind, echo, variants
from tests.ops.controllers import fresh_store

SIZE_BYTES = 4 << 20
RUNGS = [
    ((), "streamlocal"),
    (("AllowStreamLocalForwarding=local",), "streamlocal"),
    (("AllowTcpForwarding=no",), "relay"),
    (("AllowStreamLocalForwarding=no",), "relay"),
    (("AllowStreamLocalForwarding=remote",), "relay"),
    (("DisableForwarding=yes",), "relay"),
    (("PermitOpen=127.0.0.1:4040",), "relay"),
]
ONE_SESSION = ("MaxSessions=1", "AllowStreamLocalForwarding=no")


def round_trip(host: Transport, channel: Channel) -> bool:
    """Whether random megabytes come back as they were, through the local end that an editor attaches to."""
    data = os.urandom(SIZE_BYTES)
    with Forward() as forward, ThreadPoolExecutor(1) as pool:
        forward.serve(lambda: channel.connect(host))
        with socket.create_connection(("127.0.0.1", forward.port), timeout=30) as editor:
            sending = pool.submit(lambda: (editor.sendall(data), editor.shutdown(socket.SHUT_WR)))
            received = b"".join(iter(lambda: editor.recv(1 << 16), b""))
            sending.result(30)
    return data == received


@contextmanager
def with_agent(host: Transport, network: SshNetwork, store: str) -> Iterator[str]:
    """The path of an agent in a store of its own there."""
    have = ask(host, survey(store))
    agent = bring(host, have, Settings(store=store), Silence())
    try:
        yield agent.path
    finally:
        undo(network, host.name, Settings(store=store), Silence(), dry=False)


def store_on(alias: str) -> str:
    """A store that the account can make there: dropbear's host has little more than /tmp."""
    return f"/tmp/rg-{secrets.token_hex(4)}" if alias == "tiny" else fresh_store()


@pytest.mark.parametrize(("options", "rung"), RUNGS)
def test_first_rung_that_works_is_taken(lab: Lab, tmp_path: Path, options: tuple[str, ...], rung: str) -> None:
    """As the settings of sshd have it; bytes pass unchanged both ways."""
    with variants(lab, tmp_path, Variant("app", "rung", options)) as config, ExitStack() as stack:
        there = stack.enter_context(echo(lab))
        network = stack.enter_context(SshNetwork(config))
        host = stack.enter_context(network.reach("app-rung"))
        agent = stack.enter_context(with_agent(host, network, fresh_store()))
        channel = climb(host, Ends(there.socket, agent))
        assert (rung, True) == (channel.rung, round_trip(host, channel))


@pytest.mark.parametrize(
    ("alias", "host", "rung"),
    [
        ("hardened", "hardened", "relay"),
        ("inner-hardened", "hardened", "relay"),
        ("tiny", "tiny", "relay"),
        ("app-fish", "app", "streamlocal"),
    ],
)
def test_other_hosts_have_their_rungs(lab: Lab, alias: str, host: str, rung: str) -> None:
    """A hardened host, the same behind a jump host, dropbear, and a login shell that is none of POSIX."""
    with ExitStack() as stack:
        there = stack.enter_context(echo(lab, host, user="sh-fish" if alias == "app-fish" else "dev"))
        network = stack.enter_context(SshNetwork(lab.ssh_config))
        target = stack.enter_context(network.reach(alias))
        agent = stack.enter_context(with_agent(target, network, store_on(alias)))
        channel = climb(target, Ends(there.socket, agent))
        assert (rung, True) == (channel.rung, round_trip(target, channel))


@pytest.mark.parametrize("alias", ["app-bash", "app-dash", "app-ash", "app-zsh", "app-fish", "app-tcsh", "tiny"])
def test_relay_works_under_every_login_shell(lab: Lab, alias: str) -> None:
    """What start-up files print is no part of the stream."""
    user = alias.replace("app-", "sh-") if alias != "tiny" else "dev"
    with ExitStack() as stack:
        there = stack.enter_context(echo(lab, "tiny" if alias == "tiny" else "app", user=user))
        network = stack.enter_context(SshNetwork(lab.ssh_config))
        target = stack.enter_context(network.reach(alias))
        agent = stack.enter_context(with_agent(target, network, store_on(alias)))
        assert round_trip(target, climb(target, Ends(there.socket, agent), "relay"))


def test_port_is_the_last_rung(lab: Lab, tmp_path: Path) -> None:
    """Where neither sockets nor a second session are to be had, dlv's own port is reached."""
    with variants(lab, tmp_path, Variant("app", "one", ONE_SESSION)) as config, ExitStack() as stack:
        there = stack.enter_context(echo(lab))
        network = stack.enter_context(SshNetwork(config))
        host = stack.enter_context(network.reach("app-one"))
        guard = host.open(Script("echo up; read never"))
        stack.callback(guard.close)
        guard.read_line(10)
        with pytest.raises(NoChannelError) as caught:
            climb(host, Ends(there.socket, "/nowhere/agent"))
        channel = climb(host, Ends(there.socket, "/nowhere/agent", there.port), AUTO, caught.value)
        assert (True, "tcp", True) == (caught.value.untried, channel.rung, round_trip(host, channel))


def test_no_rung_at_all_names_all_three(lab: Lab, tmp_path: Path) -> None:
    """What each said, and the settings that would open one."""
    options = ("MaxSessions=1", "DisableForwarding=yes")
    with variants(lab, tmp_path, Variant("app", "none", options)) as config, ExitStack() as stack:
        there = stack.enter_context(echo(lab))
        network = stack.enter_context(SshNetwork(config))
        host = stack.enter_context(network.reach("app-none"))
        guard = host.open(Script("echo up; read never"))
        stack.callback(guard.close)
        guard.read_line(10)
        with pytest.raises(NoChannelError) as first:
            climb(host, Ends(there.socket, "/nowhere/agent"))
        with pytest.raises(NoChannelError) as last:
            climb(host, Ends(there.socket, "/nowhere/agent", there.port), AUTO, first.value)
    assert not last.value.untried
    for word in ("streamlocal: ", "relay: ", "tcp: "):
        assert word in str(last.value)
    for word in ("AllowStreamLocalForwarding yes", "MaxSessions 3", "PermitOpen any", "DisableForwarding"):
        assert word in last.value.advice


@pytest.mark.parametrize("wanted", ["streamlocal", "relay"])
def test_rung_that_is_asked_for_is_taken_or_refused(lab: Lab, tmp_path: Path, wanted: str) -> None:
    """No other one is tried."""
    forbidding = Variant("app", "rung", ("AllowStreamLocalForwarding=no",))
    with variants(lab, tmp_path, forbidding) as config, ExitStack() as stack:
        there = stack.enter_context(echo(lab))
        network = stack.enter_context(SshNetwork(config))
        host = stack.enter_context(network.reach("app-rung"))
        agent = stack.enter_context(with_agent(host, network, fresh_store()))
        if wanted == "relay":
            assert "relay" == climb(host, Ends(there.socket, agent), wanted).rung
            return
        with pytest.raises(NoChannelError) as caught:
            climb(host, Ends(there.socket, agent), wanted)
    assert (False, False) == (caught.value.untried, "relay: " in str(caught.value))


@pytest.mark.parametrize(
    ("last", "rung"),
    [((), "streamlocal"), (("AllowStreamLocalForwarding=no",), "relay"), (("PermitOpen=none",), "relay")],
)
def test_ladder_stands_behind_two_jump_hosts(lab: Lab, tmp_path: Path, last: tuple[str, ...], rung: str) -> None:
    """Also where one of them forbids forwarding itself."""
    target = Variant("app", "far", last, via="jump,again-hardened")
    again = behind(lab, "again-hardened", "jump", address="hardened")
    store = fresh_store()
    settings = compose([Layer("test", {"store": store})])
    with variants(lab, tmp_path, target, blocks=(again,)) as config, ExitStack() as stack:
        there = stack.enter_context(echo(lab))
        network = stack.enter_context(SshNetwork(config, bridge=Bridge(settings, Silence(), dry=False)))
        host = stack.enter_context(network.reach("app-far"))
        stack.callback(undo, network, "again-hardened", settings, Silence(), dry=False)
        agent = stack.enter_context(with_agent(host, network, fresh_store()))
        channel = climb(host, Ends(there.socket, agent))
        assert (rung, True) == (channel.rung, round_trip(host, channel))
