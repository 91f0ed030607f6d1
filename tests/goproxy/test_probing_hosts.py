"""proxy.probe from real hosts: what is good for one that is outside is out of reach for one that is inside."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.golang.dirhash import h1
from remotego.goproxy.questions import Known
from remotego.ops.probing import Planned, Probed, Wish, error_of, probe_there
from remotego.ops.upkeep import undo
from tests.internet import world
from tests.internet.faults import portal_page
from tests.internet.internet import Internet
from tests.lab import outside
from tests.lab.lab import Lab
from tests.ops.controllers import fresh_store
from tests.ops.rounds import Rounds

PROXY, MIRROR, _ = outside.HOSTS
PATIENCE_S = 60.0
"""How fast a busy machine answers is not what is judged here."""

GOOD, HOTEL = f"https://{PROXY}", f"http://{MIRROR}"


@pytest.fixture
def internet(lab: Lab) -> Iterator[Internet]:
    """The lab's own, without a fault before and after."""
    found = lab.internet
    found.heal()
    yield found
    found.heal()


@pytest.fixture
def network(lab: Lab) -> Iterator[SshNetwork]:
    """Connections to the lab."""
    with SshNetwork(lab.ssh_config) as network:
        yield network


def wish(internet: Internet, *proxies: str) -> Wish:
    """What is known of that internet: a module of it, and the key of its database."""
    module = next(one for one in world.PUBLIC if (one.path, one.version) == (world.WORDS, "v1.2.0"))
    digest = h1([("go.mod", hashlib.sha256(module.mod.encode()).hexdigest())])
    return Wish(proxies, outside.OWNER.vkey, Known(module.path, module.version, digest), PATIENCE_S, PATIENCE_S)


def probed(network: Network, host: str, store: str, wanted: Wish) -> Probed:
    """Probe from a host."""
    found = probe_there(network, host, Settings(store=store), Silence(), wanted, dry=False)
    assert isinstance(found, Probed)
    return found


def test_a_host_outside_is_asked_in_two_rounds_and_left_as_it_was(
    lab: Lab, network: SshNetwork, internet: Internet
) -> None:
    """The first run pushes the gateway, the second finds it; the portal answers for one of two names."""
    internet.inject(portal_page(host=MIRROR))
    store, rounds, wanted = fresh_store(), Rounds(network), wish(internet, GOOD, HOTEL)
    planned = probe_there(rounds, "jump", Settings(store=store), Silence(), wanted, dry=True)
    untouched = lab.ssh("jump", f"ls -d {store} 2>/dev/null || true").strip()
    rounds.take()
    first, pushed = probed(rounds, "jump", store, wanted), rounds.take()
    second, found = probed(rounds, "jump", store, wanted), rounds.take()
    undo(network, "jump", Settings(store=store), Silence(), dry=False)
    left = lab.ssh("jump", f"ls -d {store} 2>/dev/null || true").strip()
    assert (True, "", "") == (isinstance(planned, Planned), untouched, left)
    assert (3, 2, ()) == (pushed, found, second.changes)
    for one in (first, second):
        verdicts = {candidate.proxy: candidate.verdict.code for candidate in one.candidates}
        assert {GOOD: "good", HOTEL: "web-page"} == {proxy: verdicts[proxy] for proxy in (GOOD, HOTEL)}, verdicts


def test_a_host_inside_has_no_way_to_it(lab: Lab, network: SshNetwork, internet: Internet, tmp_path: Path) -> None:
    """It is said at once and named, and nothing of the attempt arrives."""
    before, store = internet.heard(), fresh_store()
    proxy = f"http://{lab.address(outside.NAME, 'edge')}"
    found = probed(network, "app", store, wish(internet, proxy))
    undo(network, "app", Settings(store=store), Silence(), dry=False)
    (one,) = (candidate.verdict for candidate in found.candidates if candidate.proxy == proxy)
    fault = error_of("app", found)
    assert ("unreachable", 3, []) == (one.code, fault and fault.exit_code, internet.requests(before))
