"""Who reaches the lab's internet, and who does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.internet import world
from tests.internet.faults import portal_page, status
from tests.internet.gopher import gopher
from tests.internet.internet import Internet
from tests.lab import outside
from tests.lab.failure import LabError
from tests.lab.lab import Lab

OPEN, CLOSED = ("jump", "hardened", "frail-jump"), ("app", "frail")
LATEST = f"{world.WORDS}/@v/v1.2.0.info"
ASK = f"""exec 3<>"/dev/tcp/$1/80" && printf 'GET /{LATEST} HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n' "$1" >&3 && cat <&3"""


@pytest.fixture
def internet(lab: Lab) -> Iterator[Internet]:
    """The lab's own, without a fault before and after."""
    found = lab.internet
    found.heal()
    yield found
    found.heal()


def fetch(lab: Lab, host: str, site: str) -> str:
    """Get a module's description there from an address or a name of the internet; LabError without a connection."""
    return lab.exec(host, "timeout", "10", "bash", "-c", ASK, "bash", site)


@pytest.mark.parametrize("host", OPEN)
def test_the_hosts_of_the_edge_reach_it(lab: Lab, internet: Internet, host: str) -> None:
    """By each of its names, and the journal has all of them."""
    before = internet.heard()
    answers = {site: '"v1.2.0"' in fetch(lab, host, site) for site in outside.HOSTS}
    asked = [request.host for request in internet.requests(before)]
    assert (dict.fromkeys(outside.HOSTS, True), list(outside.HOSTS)) == (answers, asked)


def test_the_smallest_host_reaches_it(lab: Lab, internet: Internet) -> None:
    """By its address: busybox has no resolver."""
    address = lab.address(outside.NAME, "edge")
    assert '"v1.2.0"' in lab.exec("tiny", "wget", "-q", "-O", "-", f"http://{address}/{LATEST}")


@pytest.mark.parametrize("host", CLOSED)
def test_the_hosts_of_the_inner_network_do_not(lab: Lab, internet: Internet, host: str) -> None:
    """There is no route to its address, and nothing of the attempt arrives."""
    before = internet.heard()
    with pytest.raises(LabError, match=r"No route to host|Network is unreachable"):
        fetch(lab, host, lab.address(outside.NAME, "edge"))
    assert [] == internet.requests(before)


def test_a_real_go_of_the_controller_uses_it(internet: Internet, tmp_path: Path) -> None:
    """The laptop is on the open side; over TLS too."""
    plain = gopher(tmp_path / "plain", internet).go("mod", "download", f"{world.STEP}@v2.1.0")
    secured = gopher(tmp_path / "tls", internet, GOPROXY=internet.tls_url, SSL_CERT_FILE=str(internet.ca))
    done = secured.go("mod", "download", f"{world.STEP}@v2.1.0")
    assert ((0, ""), (0, "")) == ((plain.returncode, plain.stderr), (done.returncode, done.stderr))


def test_a_fault_holds_for_one_name_of_it(lab: Lab, internet: Internet) -> None:
    """One of two proxies fails, as seen from a host."""
    internet.inject(status(503, host=outside.HOSTS[0]))
    answers = [fetch(lab, "jump", site).splitlines()[0] for site in outside.HOSTS]
    assert ["HTTP/1.0 503 Service Unavailable", "HTTP/1.0 200 OK", "HTTP/1.0 200 OK"] == answers


def test_a_captive_portal_answers_for_everything(lab: Lab, internet: Internet) -> None:
    """Every name gives its page."""
    internet.inject(portal_page())
    assert [True] * len(outside.HOSTS) == ["Welcome to the hotel" in fetch(lab, "jump", site) for site in outside.HOSTS]
