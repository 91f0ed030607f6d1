"""The same proxies as an open host and a closed one see them, while a captive portal holds one of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.golang.modulezip import mod_h1
from tests.internet import world
from tests.internet.faults import portal_page
from tests.internet.internet import Internet
from tests.lab import outside
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, fresh_store

KNOWN = world.PUBLIC[0]
PROXY, MIRROR = (f"https://{host}" for host in outside.HOSTS[:2])


@pytest.fixture
def hotel(lab: Lab) -> Iterator[Internet]:
    """The lab's internet, where the mirror alone gives the portal's page."""
    found = lab.internet
    found.inject(portal_page(host=outside.HOSTS[1]))
    yield found
    found.heal()


@pytest.fixture
def controller(lab: Lab, tmp_path: Path) -> Iterator[Controller]:
    """A developer's machine; what it leaves on the hosts is taken back."""
    made = Controller(lab, tmp_path, fresh_store())
    yield made
    made.run("undo", "--host", "jump", "--host", "app")


def probed(controller: Controller, internet: Internet, host: str, *proxies: str) -> dict[str, tuple[str, bool]]:
    """What each of these proxies is there, and whether it is of use; the login may name others."""
    known = f"{KNOWN.path}@{KNOWN.version}={mod_h1(KNOWN.mod.encode())}"
    words = ("--host", host, "--known", known, "--sumdb", internet.sumdb, "--timeout", "60", "--json")
    done = controller.run("proxy.probe", *words, *(f"--proxy={url}" for url in proxies))
    (found,) = done.document["hosts"]
    named = (one for one in found["candidates"] if one["proxy"] in proxies)
    return {one["proxy"]: (one["verdict"], one["usable"]) for one in named}


def test_an_open_host_tells_a_proxy_from_a_portal(hotel: Internet, controller: Controller) -> None:
    """The portal's page is known for one whatever its status says."""
    found = probed(controller, hotel, "jump", PROXY, MIRROR)
    assert ({PROXY, MIRROR}, True, ("web-page", False)) == (set(found), found[PROXY][1], found[MIRROR])


def test_a_closed_host_finds_no_way_there(lab: Lab, hotel: Internet, controller: Controller) -> None:
    """And nothing of it arrives."""
    before, address = hotel.heard(), f"http://{lab.address(outside.NAME, 'edge')}"
    found = probed(controller, hotel, "app", address)
    assert ({address: ("unreachable", False)}, []) == (found, hotel.requests(before))
