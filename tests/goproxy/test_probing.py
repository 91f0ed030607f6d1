"""proxy.probe against real servers: each kind of bad proxy is told from the others."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

from remotego.adapters.toolchain import bundled_go
from tests.cli.test_verbs import command
from tests.golang.checksums import Servers, checksum_servers, signer
from tests.goproxy.scripted import Answer, internet, refusing, site
from tests.goproxy.upstreams import HOSTS, MOD, SIGNER, world

__all__ = ["checksum_servers"]

OFFLINE = ("unshare", "--user", "--map-root-user", "--net")


@dataclass(frozen=True, slots=True)
class World:
    """A machine: where its commands run, and its environment."""

    folder: Path
    env: Mapping[str, str]
    words: tuple[str, ...] = ()

    def probe(self, *proxies: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the verb on some proxies."""
        words = [word for proxy in proxies for word in ("--proxy", proxy)]
        return command("proxy.probe", "--json", *words, *self.words, cwd=self.folder, **{**self.env, **env})

    def verdicts(self, *proxies: str, **env: str) -> dict[str, Any]:
        """Give the candidates by their URL."""
        (place,) = json.loads(self.probe(*proxies, **env).stdout)["hosts"]
        return {one["proxy"]: one for one in place["candidates"]}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A machine whose way to all hosts is the scripted internet's HTTP proxy."""
    folder = tmp_path_factory.mktemp("machine")
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    with internet(world, folder) as net:
        own = {"GOPROXY": "off", "GOSUMDB": SIGNER.vkey, "GOENV": "off", "REMOTEGO_GO": str(go)}
        yield World(folder, {**net.env, **own})


@pytest.fixture(scope="module")
def seen(machine: World) -> dict[str, Any]:
    """All hosts of the scripted internet, probed at once."""
    return machine.verdicts(*(f"https://{name}.example" for name in HOSTS))


@pytest.mark.parametrize("name", HOSTS)
def test_each_kind_is_told_from_the_others(seen: dict[str, Any], name: str) -> None:
    """By what it answers, over TLS and through the HTTP proxy of the machine."""
    found = seen[f"https://{name}.example"]
    assert HOSTS[name][0] == found["verdict"], found


def test_the_steps_are_timed_apart(seen: dict[str, Any]) -> None:
    """Connection, TLS and first byte each took some time; the HTTP proxy on the way is named."""
    found = seen["https://good.example"]
    steps = [name for name in ("connect_s", "tls_s", "first_byte_s", "total_s") if found["times"][name] > 0]
    assert (["connect_s", "tls_s", "first_byte_s", "total_s"], True) == (steps, found["via"].startswith("http://127."))


def test_a_certificate_that_is_not_trusted_is_named(machine: World) -> None:
    """Without the authority's certificate nothing else is wrong."""
    found = machine.verdicts("https://good.example", SSL_CERT_FILE="/dev/null")
    assert "wrong-certificate" == found["https://good.example"]["verdict"]


def test_a_port_that_refuses_and_one_that_is_silent_differ(machine: World) -> None:
    """A refused connection is told at once, silence after the time one request has."""
    with refusing() as closed, create_server(("127.0.0.1", 0)) as mute:
        silent = f"http://127.0.0.1:{mute.getsockname()[1]}"
        found = replace(machine, words=("--timeout", "1")).verdicts(closed, silent)
    assert ["refused", "silent"] == [found[closed]["verdict"], found[silent]["verdict"]]


def test_x_mods_own_server_is_good(machine: World, checksum_servers: Servers, tmp_path: Path) -> None:
    """The real checksum database's record and note pass, and a tree of files by file:// has no database."""
    place = tmp_path / "rsc.io" / "quote" / "@v"
    place.mkdir(parents=True)
    (place / "v1.5.2.mod").write_bytes(MOD)
    with checksum_servers.start(tmp_path, signer()) as server:
        found = machine.verdicts(server.url, tmp_path.as_uri(), GOSUMDB=server.signer.vkey)
    assert ["good", "no-sumdb"] == [found[server.url]["verdict"], found[tmp_path.as_uri()]["verdict"]]


def test_the_proxies_in_force_are_candidates(machine: World) -> None:
    """GOPROXY and the profiles name proxies too; direct and off are none."""
    profile = '[profile.intranet]\ngoproxy = ["https://nosums.example"]\n'
    (machine.folder / "remotego.toml").write_text(profile)
    try:
        found = machine.verdicts(GOPROXY="https://good.example,direct")
    finally:
        (machine.folder / "remotego.toml").unlink()
    expected = {"https://nosums.example": ["profile.intranet"], "https://good.example": ["GOPROXY"]}
    assert expected == {url: one["origins"] for url, one in found.items()}


def test_none_of_use_is_exit_code_3(machine: World) -> None:
    """The error names each and its verdict."""
    done = machine.probe("https://page.example", "https://bare.example")
    assert (3, ["web-page", "lacks"]) == (
        done.returncode,
        [one["verdict"] for one in json.loads(done.stdout)["hosts"][0]["candidates"]],
    )


def test_a_login_in_a_url_is_neither_used_nor_shown(machine: World) -> None:
    """A GOPROXY may have one; go itself reads it there, we only need the host."""
    done = machine.probe("https://good.example", GOPROXY="https://ann:hunter2@bare.example")
    assert (0, False) == (done.returncode, "hunter2" in done.stdout + done.stderr)


def test_without_any_network_it_says_so_at_once(machine: World) -> None:
    """In a network namespace of its own there is no address: no proxy is waited for."""
    words = [*OFFLINE, sys.executable, "-m", "remotego", "proxy.probe", "--proxy", "https://good.example"]
    clean = {name: value for name, value in machine.env.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        words,
        cwd=machine.folder,
        env={**_basics(), **clean, "GOPROXY": "off"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (3, True) == (done.returncode, "it has no network" in done.stderr), done


def _basics() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "XDG_CACHE_HOME", "LANG")}


def test_a_plain_portal_is_told_over_http_too(machine: World) -> None:
    """A redirect to http is not followed, wherever it comes from."""
    with site(lambda _: Answer(302, to="http://127.0.0.1:9/login")) as portal:
        found = machine.verdicts(portal.url)
    assert "captive-portal" == found[portal.url]["verdict"]
