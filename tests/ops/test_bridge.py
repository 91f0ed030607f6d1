"""Jump hosts that forbid forwarding and run commands, in the lab."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from remotego.adapters.multiplex.network import OpensshNetwork
from remotego.adapters.ssh.distrust import HostUnknownError
from remotego.adapters.ssh.errors import BridgeError, JumpRefusedError
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.settings import Layer, Settings, compose
from remotego.core.transport import Payload, Script
from remotego.ops.bridge import Bridge
from remotego.ops.upkeep import undo
from tests.lab.lab import Lab
from tests.lab.variants import Variant, behind, variants
from tests.ops.controllers import Controller, fresh_store

NO_TCP = ("AllowTcpForwarding=no",)
WHO = Script("hostname")
LEFT = "ls -d {store} 2>/dev/null || true"

Reach = Callable[..., SshNetwork]


@pytest.fixture(params=[SshNetwork, OpensshNetwork], ids=["fabric", "openssh"])
def bridged(
    request: pytest.FixtureRequest, lab: Lab, tmp_path: Path
) -> Iterator[Callable[..., tuple[SshNetwork, list[str], str]]]:
    """Networks that bridge, with what they tell and the store they use; all of it is taken back."""
    with ExitStack() as stack:

        @contextmanager
        def make(config: Path, *jumps: str, dry: bool) -> Iterator[tuple[SshNetwork, list[str], str]]:
            store, told = fresh_store(), list[str]()
            settings = compose([Layer("test", {"store": store})])
            with request.param(config, tell=told.append, bridge=Bridge(settings, Silence(), dry=dry)) as network:
                yield network, told, store
                for jump in jumps:
                    undo(network, jump, settings, Silence(), dry=False)

        yield lambda config, *jumps, dry=False: stack.enter_context(make(config, *jumps, dry=dry))


def _config(lab: Lab, folder: Path, *blocks: str) -> Path:
    config = folder / "ssh_config"
    config.write_text("\n".join([*blocks, lab.ssh_config.read_text()]))
    return config


def test_jump_host_that_forbids_forwarding_is_crossed(lab: Lab, tmp_path: Path, bridged: Reach) -> None:
    """The target is reached by its name there, and megabytes pass both ways."""
    network, told, _ = bridged(_config(lab, tmp_path, behind(lab, "beyond", "hardened")), "hardened")
    data = os.urandom(4 << 20)
    payload = tmp_path / "payload"
    payload.write_bytes(data)
    with network.reach("beyond") as target:
        assert b"app\n" == target.run(WHO).stdout
        echoed = target.run(Script(f"payload {len(data)}", (Payload(payload, len(data)),))).stdout
    assert hashlib.sha256(data).digest() == hashlib.sha256(echoed).digest()
    assert ["hardened"] == [note.partition(" ")[0] for note in told]


def test_undo_takes_the_bridge_back(lab: Lab, tmp_path: Path, bridged: Reach) -> None:
    """What was pushed to the jump host is journalled there."""
    network, _, store = bridged(_config(lab, tmp_path, behind(lab, "beyond", "hardened")))
    with network.reach("beyond"):
        before = lab.exec("hardened", "ls", f"{store}/store")
    undo(network, "hardened", Settings(store=store), Silence(), dry=False)
    assert before.startswith("agent-")
    assert "" == lab.exec("hardened", "sh", "-c", LEFT.format(store=store))


def test_address_needs_no_name(lab: Lab, tmp_path: Path, bridged: Reach) -> None:
    """A host known by its address is reached without anybody's resolver."""
    block = behind(lab, "beyond", "hardened", address=lab.address("app", "inner"), known_as="app")
    network, _, _ = bridged(_config(lab, tmp_path, block), "hardened")
    with network.reach("beyond") as target:
        assert b"app\n" == target.run(WHO).stdout


@pytest.mark.parametrize("first", ["forwards", "forbids"])
@pytest.mark.parametrize("second", ["forwards", "forbids"])
def test_two_jump_hosts_in_a_row(lab: Lab, tmp_path: Path, bridged: Reach, first: str, second: str) -> None:
    """Whichever of them forbids forwarding, the target behind both is reached, and only that one is changed."""
    outer = Variant("jump", "outer", NO_TCP if first == "forbids" else ())
    inner = Variant("app", "inner", NO_TCP if second == "forbids" else (), via=outer.alias)
    hops = (outer.alias, inner.alias)
    beyond = behind(lab, "beyond", *hops, address="hardened")
    with variants(lab, tmp_path, outer, inner, blocks=(beyond,)) as config:
        forbidding = [hop for hop, does in zip(hops, (first, second), strict=True) if does == "forbids"]
        network, told, _ = bridged(config, *forbidding)
        with network.reach("beyond") as target:
            assert b"hardened\n" == target.run(WHO).stdout
        assert forbidding == [note.partition(" ")[0] for note in told]


def test_key_of_the_target_is_checked_through_the_bridge(lab: Lab, tmp_path: Path, bridged: Reach) -> None:
    """The bridge carries ciphertext: a jump host that leads elsewhere is found out."""
    block = behind(lab, "beyond", "hardened", known_as="stranger")
    network, _, _ = bridged(_config(lab, tmp_path, block), "hardened")
    with pytest.raises(HostUnknownError), network.reach("beyond"):
        pass


def test_nobody_behind_the_bridge_is_told(lab: Lab, tmp_path: Path, bridged: Reach) -> None:
    """A port where nobody listens, and a name nobody knows: the agent's or the resolver's own words."""
    closed = behind(lab, "closed", "hardened") + "    Port 9\n"
    unknown = behind(lab, "unknown", "hardened", address="no-such-host", known_as="app")
    network, _, _ = bridged(_config(lab, tmp_path, closed, unknown), "hardened")
    for name, word in (("closed", "refused"), ("unknown", "no-such-host")):
        with pytest.raises(BridgeError) as caught, network.reach(name):
            pass
        assert word in str(caught.value)


def test_dry_run_changes_no_jump_host(lab: Lab, tmp_path: Path, bridged: Reach) -> None:
    """It is refused as without a bridge, and the remedy says what would help."""
    network, _, store = bridged(_config(lab, tmp_path, behind(lab, "beyond", "hardened")), dry=True)
    with pytest.raises(JumpRefusedError) as caught, network.reach("beyond"):
        pass
    assert "without --dry" in caught.value.advice
    assert "" == lab.exec("hardened", "sh", "-c", LEFT.format(store=store))


def test_verbs_cross_jump_hosts(lab: Lab, tmp_path: Path) -> None:
    """A deploy behind a jump host that forbids forwarding says how it got there; undo of both leaves nothing."""
    controller = Controller(lab, tmp_path, fresh_store())
    config = _config(lab, tmp_path, behind(lab, "beyond", "hardened"))
    env = {"REMOTEGO_SSH_CONFIG": str(config)}
    done = controller.run("ps", "--host", "beyond", "--json", **env)
    assert (0, "agent") == (done.exit_code, done.document["hosts"][0]["source"])
    assert "`undo --host hardened` removes it" in done.stderr
    for host in ("beyond", "hardened"):
        assert 0 == controller.run("undo", "--host", host, **env).exit_code
    left = [lab.exec(host, "sh", "-c", LEFT.format(store=controller.store)) for host in ("app", "hardened")]
    assert ["", ""] == left
