"""--reverse on this machine: two at once, offline, planned, refused. The lab has it behind a jump host."""

import json
import platform
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.delve.platforms import parse_machine
from remotego.goproxy.installed import Wish
from remotego.goproxy.server import BadProxyWishError, ServerConfig
from remotego.ops.building import PROXY, Workshop, default_root
from remotego.ops.reversing import RemotePortTakenError, Reversed, place_for, reverse_proxy
from tests.goproxy.goproxyd import UNREACHABLE, fetch, free_port
from tests.goproxy.here import Here
from tests.goproxy.scripted import Shelf, site
from tests.ops.local_transport import LocalTransport
from tests.patience import eventually

MODULES = {"example.com/words": {"v1.2.0": {"words.go": "package words\n"}}}
OTHER = "/example.com/other/@v/list"
LIST = "/example.com/words/@v/list"


class EnoughError(Exception):
    """Ends a proxy that would be held."""


@pytest.fixture
def local(tmp_path: Path) -> LocalTransport:
    """This machine as a host, with an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    return LocalTransport(home)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache directory of the developer's with nothing of a proxy in it, but what was built."""
    Workshop().program(PROXY, parse_machine(platform.machine()), say=print)
    ours = tmp_path / "cache" / "remotego"
    ours.mkdir(parents=True)
    (ours / "artifacts").symlink_to(default_root())
    monkeypatch.setenv("XDG_CACHE_HOME", str(ours.parent))


def wish(upstream: str, **more: Any) -> Wish:
    """Wish for one."""
    config = ServerConfig(listen=f"127.0.0.1:{free_port()}", upstream=upstream, sumdb="off", proxied_sumdbs=())
    return replace(Wish(config), **more)


def asked(local: LocalTransport, wanted: Wish, *paths: str) -> list[int]:
    """Ask a proxy for paths while it is held; the statuses."""
    found: list[int] = []

    def tell(_: Reversed) -> None:
        found.extend(fetch(f"http://{wanted.config.listen}{path}")[0] for path in paths)
        raise EnoughError

    with pytest.raises(EnoughError):
        reverse_proxy(Here(local), "here", Settings(), Silence(), wanted, dry=False, tell=tell, stop=Event())
    return found


@pytest.mark.usefixtures("built")
def test_offline_it_serves_what_another_has_fetched(local: LocalTransport) -> None:
    """All share one cache; what is not in it is asked of nobody."""
    with site(Shelf(MODULES)) as upstream:
        online = asked(local, wish(upstream.url), LIST)
        before = len(upstream.asked)
        offline = asked(local, wish(upstream.url, offline=True), LIST, OTHER)
        after = len(upstream.asked)
    assert ([200], [200, 503], before) == (online, offline, after)


@pytest.mark.usefixtures("built")
def test_taken_port_is_called_that(local: LocalTransport) -> None:
    """Whatever else is printed there, and with what can be done about it."""
    with site(Shelf(MODULES)) as upstream:
        usual = wish(upstream.url)
        taken = replace(usual, config=replace(usual.config, listen=upstream.url.removeprefix("http://")))
        with pytest.raises(RemotePortTakenError) as refused:
            asked(local, taken)
    assert (taken.config.listen, True) == (refused.value.listen, "--listen" in refused.value.advice)


@pytest.mark.usefixtures("built")
def test_two_at_once_have_configurations_of_their_own() -> None:
    """By what they are to do; the port of the host is not one of these."""
    one, other = place_for(wish("https://one.example")), place_for(wish("https://other.example"))
    again = place_for(wish("https://one.example"))
    upstreams = [json.loads((place / "config.json").read_text())["upstream"] for place in (one, other)]
    assert (["https://one.example", "https://other.example"], one) == (upstreams, again)


@pytest.mark.usefixtures("built")
def test_an_end_that_is_asked_for_is_one_in_order(local: LocalTransport) -> None:
    """It is served until then, and not after; nothing is raised."""
    wanted, stop, found = wish("off"), Event(), list[int]()

    def tell(_: Reversed) -> None:
        found.append(fetch(f"http://{wanted.config.listen}{OTHER}")[0])
        stop.set()

    reverse_proxy(Here(local), "here", Settings(), Silence(), wanted, dry=False, tell=tell, stop=stop)
    assert ([404], True) == (
        found,
        eventually(lambda: fetch(f"http://{wanted.config.listen}{OTHER}")[0] == UNREACHABLE),
    )


def test_dry_run_builds_nothing(local: LocalTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it leave anything here or there; it says what it would build."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    told: list[Reversed] = []
    reverse_proxy(Here(local), "here", Settings(), Silence(), wish("off"), dry=True, tell=told.append, stop=Event())
    built = [path.name for path in (tmp_path / "cache").rglob("*") if path.name.startswith("goproxyd")]
    assert ([True], [], []) == ([one.must_build for one in told], built, list(local.home.iterdir()))


@pytest.mark.parametrize(
    ("flag", "more"),
    [
        ("--supervisor", {"supervisor": "plain"}),
        ("--reverse", {"config": ServerConfig(tls=True)}),
        ("--listen", {"config": ServerConfig(listen="0.0.0.0:8081")}),
    ],
)
def test_what_means_nothing_here_is_refused(local: LocalTransport, flag: str, more: dict[str, Any]) -> None:
    """Before anybody is reached."""
    with pytest.raises(BadProxyWishError) as refused:
        reverse_proxy(
            Here(local), "here", Settings(), Silence(), wish("off", **more), dry=True, tell=print, stop=Event()
        )
    assert (flag, []) == (refused.value.flag, list(local.home.iterdir()))
