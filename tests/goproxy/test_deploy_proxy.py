"""deploy-proxy on this machine and on the lab: planned, deployed, found again, used by a real go, taken back."""

import fcntl
import hashlib
import json
import os
import platform
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from remotego.adapters.ssh.network import SshNetwork
from remotego.adapters.tokens import write_trust
from remotego.adapters.toolchain import bundled_go
from remotego.core.change import EditFile, RemoveProxy, describe
from remotego.core.errors import RemotegoError
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.delve.platforms import parse_machine
from remotego.goproxy.authority import UntrustedAuthorityError
from remotego.goproxy.installed import NoProxyError, ProxyState, Wish, plan_proxy
from remotego.goproxy.server import BadProxyWishError, ServerConfig
from remotego.goproxy.standing import LessProtectedError
from remotego.host.journal import journal
from remotego.host.proxy import ProxyFailedError
from remotego.host.store import path_of, plan_push
from remotego.host.survey import survey
from remotego.ops import engine
from remotego.ops.building import PROXY, Workshop, default_root
from remotego.ops.engine import ask
from remotego.ops.proxying import PROOF, DeployedProxy, client_of_state, deploy_proxy, look_at_proxy, remove_proxy
from remotego.ops.proxytokens import Protection, forget, settle
from remotego.ops.upkeep import undo
from remotego.ops.wishes import read_wish
from tests.goproxy.goproxyd import fetch, free_port
from tests.goproxy.here import Here
from tests.goproxy.scripted import Shelf, Site, site
from tests.goproxy.test_authority import authority
from tests.goproxy.test_wishes import write_pair
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, finished, fresh_store
from tests.ops.local_transport import LocalTransport
from tests.ops.rounds import Rounds
from tests.patience import eventually

MODULES = {"example.com/words": {"v1.2.0": {"words.go": 'package words\n\nconst Hello = "hello"\n'}}}
PROGRAM = 'package main\n\nimport "example.com/words"\n\nfunc main() { println(words.Hello) }\n'
SETTINGS = Settings()


@pytest.fixture(params=["dash", "busybox"])
def local(request: pytest.FixtureRequest, tmp_path: Path, applets: str) -> LocalTransport:
    """This machine with an empty home: dash with GNU tools, busybox with its own."""
    home = tmp_path / "home"
    home.mkdir()
    return LocalTransport(home, request.param, applets) if request.param == "busybox" else LocalTransport(home)


@pytest.fixture
def here(local: LocalTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rounds]:
    """This machine as a host, and a home of the developer; what is deployed goes with the test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "developer"))
    network = Here(local)
    yield Rounds(network)
    undo(network, "here", SETTINGS, Silence(), dry=False)


@pytest.fixture
def controller(lab: Lab, tmp_path: Path) -> Controller:
    """A developer's machine."""
    return Controller(lab, tmp_path)


@pytest.fixture
def upstream() -> Iterator[Site]:
    """A proxy of the modules."""
    with site(Shelf(MODULES)) as made:
        yield made


def plain(upstream: str, **more: Any) -> Wish:
    """Wish for a proxy on loopback."""
    config = ServerConfig(listen=f"127.0.0.1:{free_port()}", upstream=upstream, sumdb="off", proxied_sumdbs=(), **more)
    return Wish(config, supervisor="plain")


def guarded(upstream: str) -> Wish:
    """Wish for one with TLS and a token."""
    return replace(plain(upstream, tls=True), names=("localhost",))


def deploy(
    network: Rounds | Network, wish: Wish, *, token: bool = False, anew: bool = False, dry: bool = False
) -> DeployedProxy:
    """Deploy on the only host."""
    protection = Protection(token, anew)
    return deploy_proxy(network, "here", SETTINGS, Silence(), wish, protection, dry=dry)


def files_of(home: Path) -> list[str]:
    """All that is in a home but what runs and goes by itself."""
    return sorted(str(path.relative_to(home)) for path in home.rglob("*"))


def test_dry_run_changes_nothing_and_says_all(
    here: Rounds, local: LocalTransport, tmp_path: Path, upstream: Site
) -> None:
    """Not a file on the host, nor here; no token is made."""
    wish = guarded(upstream.url)
    planned = deploy(here, wish, token=True, dry=True)
    deploy(here, wish, token=True)
    done = deploy(here, replace(wish, offline=True), token=True, dry=True)
    said = [describe(act) for change in planned.changes for act in change.do]
    expected = (1, True, f"serve https://{wish.config.listen} with a token out of {upstream.url}")
    serve = next(line for line in said if line.startswith("serve "))
    assert expected == (len(done.changes), done.state.there, serve.partition(", from ")[0])


def test_dry_run_leaves_no_trace(here: Rounds, local: LocalTransport, tmp_path: Path, upstream: Site) -> None:
    """Neither there nor here."""
    deploy(here, guarded(upstream.url), token=True, dry=True)
    assert ([], False) == (files_of(local.home), (tmp_path / "developer" / "remotego" / "proxies").exists())


def test_second_run_finds_nothing_to_do_in_one_round(here: Rounds, upstream: Site) -> None:
    """One question, no change; the token stays."""
    wish = guarded(upstream.url)
    first = deploy(here, wish, token=True)
    here.take()
    second = deploy(here, wish, token=True)
    assert ((), 1, first.state) == (second.changes, here.take(), second.state)


def test_undo_ends_it_and_leaves_nothing(here: Rounds, local: LocalTransport, upstream: Site) -> None:
    """No process, no port, no file."""
    wish = plain(upstream.url)
    done = deploy(here, wish)
    undo(Here(local), "here", SETTINGS, Silence(), dry=False)
    answers = fetch(f"http://{wish.config.listen}/healthz", 5)[0]
    assert (True, 0, []) == (done.state.server > 0, answers, files_of(local.home))


def test_real_go_builds_by_it_with_token_and_certificate(
    here: Rounds, local: LocalTransport, tmp_path: Path, upstream: Site
) -> None:
    """What the report says is all that go needs; the token is in no process and in no file there; without it: 401."""
    done = deploy(here, guarded(upstream.url), token=True)
    assert done.token_file is not None
    token = done.token_file.read_text().split()[-1]
    with_token = go_run(tmp_path / "with", {**done.client.variables, "NETRC": str(done.token_file)})
    without = go_run(tmp_path / "without", {**done.client.variables, "NETRC": "/nowhere"})
    found = processes_with(token, {done.state.keeper, done.state.server}), files_with(token, local.home)
    assert (0, "hello\n", True) == (
        with_token.returncode,
        with_token.stderr.splitlines(keepends=True)[-1],
        "401" in without.stderr,
    )
    assert (0o600, ([], [])) == (done.token_file.stat().st_mode & 0o777, found)


def go_run(folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program that needs a module, with an empty module cache."""
    folder.mkdir()
    (folder / "main.go").write_text(PROGRAM)
    (folder / "go.mod").write_text("module m\n\ngo 1.21\n\nrequire example.com/words v1.2.0\n")
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    own = {
        "GOMODCACHE": str(folder / "cache"),
        "GOFLAGS": "-mod=mod -modcacherw",
        "GOENV": "off",
        "GOTOOLCHAIN": "local",
    }
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "")
    words = [str(go), "run", "."]
    return subprocess.run(
        words, cwd=folder, env=os.environ | proxies | own | env, capture_output=True, text=True, timeout=120
    )


def processes_with(text: str, pids: set[int]) -> list[int]:
    """Processes that have a text among their arguments or variables."""
    files = [(pid, Path(f"/proc/{pid}/{name}")) for pid in pids for name in ("cmdline", "environ")]
    return [pid for pid, file in files if text.encode() in file.read_bytes()]


def files_with(text: str, folder: Path) -> list[str]:
    """Files that have a text."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def go_gets_it(folder: Path, done: DeployedProxy) -> bool:
    """Whether a real go builds with what the report says, and with nothing else."""
    return go_run(folder, {**done.client.variables, "NETRC": str(done.token_file)}).returncode == 0


def test_token_is_found_at_the_new_address_after_a_move(here: Rounds, tmp_path: Path, upstream: Site) -> None:
    """The same token; go looks for it by host and port."""
    first = deploy(here, guarded(upstream.url), token=True)
    assert first.token_file is not None
    token = first.token_file.read_text().split()[-1]
    moved = deploy(here, guarded(upstream.url), token=True)
    assert (True, token) == (go_gets_it(tmp_path / "moved", moved), first.token_file.read_text().split()[-1])


def test_token_in_force_stays_where_a_new_one_is_not_taken(here: Rounds, tmp_path: Path, upstream: Site) -> None:
    """A change that fails leaves what clients have."""
    first = deploy(here, guarded(upstream.url), token=True)
    taken = guarded(upstream.url)
    taken = replace(taken, config=replace(taken.config, listen=upstream.url.removeprefix("http://")))
    with pytest.raises(ProxyFailedError):
        deploy(here, taken, token=True, anew=True)
    assert go_gets_it(tmp_path / "still", first)


def test_new_token_is_not_lost_where_we_are_cut_off(here: Rounds, tmp_path: Path, upstream: Site) -> None:
    """The host takes it already, and what is in force here is the one before: the next run finds it."""
    wish = guarded(upstream.url)
    before = deploy(here, wish, token=True).token_file
    assert before is not None
    former = before.read_text()
    deploy(here, wish, token=True, anew=True)
    before.rename(before.with_name("netrc.new"))
    before.write_text(former)
    again = deploy(here, wish, token=True)
    left = sorted(path.name for path in before.parent.iterdir())
    assert ((), True, ["netrc", "trust"]) == (again.changes, go_gets_it(tmp_path / "again", again), left)


def test_certificate_of_ones_own_gives_the_address_for_clients(here: Rounds, tmp_path: Path) -> None:
    """When it is deployed and when it is looked at; it may listen on every address."""
    cert, key = write_pair(tmp_path / "own")
    config = ServerConfig(listen=f"0.0.0.0:{free_port()}", tls=True, upstream="off", sumdb="off", proxied_sumdbs=())
    wish = read_wish(config, names=(), cert=cert, key=key, offline=False, supervisor="plain")
    done = deploy(here, wish, token=True)
    looked = look_at_proxy(here, "here", SETTINGS, Silence())
    url = f"https://jump1.corp:{config.listen.rpartition(':')[2]}"
    assert (url, url, "") == (done.client.url, client_of_state(looked).url, looked.health)


def test_authority_that_is_not_bound_to_its_host_is_refused(
    here: Rounds, local: LocalTransport, tmp_path: Path, upstream: Site
) -> None:
    """A host that lies about it gets nowhere: what is trusted here stays as it was."""
    wish = guarded(upstream.url)
    first = deploy(here, wish)
    trusted = tmp_path / "developer"
    before = {path: path.read_text() for path in trusted.rglob("ca.crt")}
    program = Path(first.state.program)
    program.rename(program.with_suffix(".real"))
    evil = json.dumps(authority(()))[1:-1].replace("\\", "\\\\")
    program.write_text(f'#!/bin/sh\n"$0.real" "$@" | sed \'s#"ca":"[^"]*"#"ca":"{evil}"#\'\n')
    program.chmod(0o700)
    with pytest.raises(UntrustedAuthorityError, match="any name"):
        deploy(here, wish)
    program.with_suffix(".real").rename(program)
    assert (1, before) == (len(before), {path: path.read_text() for path in trusted.rglob("ca.crt")})


def test_change_of_settings_replaces_it_and_has_no_second_way_back(here: Rounds, upstream: Site) -> None:
    """The journal's entry of the first takes back both."""
    wish = plain(upstream.url)
    before = deploy(here, wish).state
    after = deploy(here, replace(wish, offline=True))
    status = fetch(f"http://{wish.config.listen}/example.com/words/@v/list")[0]
    expected = (before.keeper, True, True, 503, [()])
    seen = after.state.keeper, after.state.server != before.server, after.state.offline, status
    assert expected == (*seen, [change.undo for change in after.changes])


def test_killed_one_is_mended_by_another_run(here: Rounds, upstream: Site) -> None:
    """Keeper and server killed at once: nobody is left to start another, so the next run does."""
    wish = plain(upstream.url)
    before = deploy(here, wish).state
    os.kill(before.server, 19)  # stopped, it cannot start another keeper
    os.kill(before.keeper, 9)
    os.kill(before.server, 9)
    after = deploy(here, wish)
    assert ("", True) == (after.state.health, after.state.server not in (0, before.server))


def test_taken_port_is_named_and_nothing_stays(here: Rounds, local: LocalTransport, upstream: Site) -> None:
    """The place goes, and so does the journal's entry."""
    wish = plain(upstream.url)
    taken = replace(wish, config=replace(wish.config, listen=upstream.url.removeprefix("http://")))
    with pytest.raises(ProxyFailedError, match="address already in use"):
        deploy(here, taken)
    with pytest.raises(NoProxyError):
        look_at_proxy(here, "here", SETTINGS, Silence())
    assert not place_of(local).exists()


def place_of(local: LocalTransport) -> Path:
    """Where its proxy is."""
    return local.home / ".local/share/remotego/proxy"


def test_change_that_fails_after_the_proxy_has_begun_ends_it(
    here: Rounds, local: LocalTransport, upstream: Site
) -> None:
    """As at a connection that breaks then: no undo would know of it, so nothing of it stays."""
    wish = plain(upstream.url)
    artifact = Workshop().program(PROXY, parse_machine(platform.machine()), say=print)
    have = ask(local, survey())
    serve = plan_proxy(wish, path_of(artifact, have), ProxyState(str(place_of(local))))[0]
    refused = EditFile(str(local.home / "absent"), 0, 0, "", was=64 * "0", now=64 * "0")
    with pytest.raises(RemotegoError, match="absent"):
        engine.apply(
            local, [*plan_push(artifact, have, prove=PROOF), replace(serve, do=(*serve.do, refused))], have, Silence()
        )
    answers = fetch(f"http://{wish.config.listen}/healthz", 5)[0]
    assert (0, False, 0) == (answers, place_of(local).exists(), ways_back(local))


def ways_back(local: LocalTransport) -> int:
    """How many entries of the journal would remove a proxy."""
    return sum(any(isinstance(act, RemoveProxy) for act in entry.undo) for entry in ask(local, journal()))


def test_what_another_controller_has_begun_is_not_ended(here: Rounds, local: LocalTransport, upstream: Site) -> None:
    """Two at once find no proxy; the second to come fails, and the first one's proxy goes on."""
    first = plain(upstream.url)
    place = deploy(here, first).state.place
    have = ask(local, survey())
    with (Path(place) / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        late = plan_proxy(plain(upstream.url), str((Path(place) / "program").readlink()), ProxyState(place))
        with pytest.raises(ProxyFailedError, match="somebody else"):
            engine.apply(local, late, have, Silence())
    assert (200, 1) == (fetch(f"http://{first.config.listen}/healthz")[0], ways_back(local))


@pytest.mark.parametrize("left", [(), ("program",), ("program", "config.json", "install.json")])
def test_half_a_place_is_no_obstacle_to_an_undo(
    here: Rounds, local: LocalTransport, upstream: Site, left: tuple[str, ...]
) -> None:
    """As an apply that was killed leaves it: without the link to the program, or all but empty."""
    wish = plain(upstream.url)
    deploy(here, wish)
    for name in left:
        (place_of(local) / name).unlink()
    undo(Here(local), "here", SETTINGS, Silence(), dry=False)
    answers = fetch(f"http://{wish.config.listen}/healthz", 5)[0]
    assert (0, []) == (answers, files_of(local.home))


def test_removal_is_forgotten_by_the_journal(here: Rounds, local: LocalTransport, upstream: Site) -> None:
    """A second removal finds nothing to do, and an undo has no proxy to end."""
    deploy(here, plain(upstream.url))
    removed = remove_proxy(here, "here", SETTINGS, Silence(), dry=False)
    again = remove_proxy(here, "here", SETTINGS, Silence(), dry=False)
    entries = undo(Here(local), "here", SETTINGS, Silence(), dry=False).entries
    reasons = [entry.reason for entry in entries if "proxy serve" in entry.reason]
    assert (1, 0, []) == (len(removed.changes), len(again.changes), reasons)


@pytest.mark.parametrize("dry", [True, False])
@pytest.mark.parametrize("names", [(), ("localhost",)])
def test_forgotten_flags_do_not_take_the_protection_away(
    here: Rounds, upstream: Site, names: tuple[str, ...], dry: bool
) -> None:
    """Neither TLS nor the token; the error names the flags, and nothing has changed."""
    wish = guarded(upstream.url)
    before = deploy(here, wish, token=True).state
    less = replace(wish, names=names, config=replace(wish.config, tls=bool(names)))
    with pytest.raises(LessProtectedError) as refused:
        deploy(here, less, dry=dry)
    after = look_at_proxy(here, "here", SETTINGS, Silence())
    assert (True, before.config) == ("--name localhost --token" in refused.value.advice, after.config)


def test_protection_goes_when_that_is_said(here: Rounds, upstream: Site) -> None:
    """By --plain."""
    deploy(here, guarded(upstream.url), token=True)
    less = plain(upstream.url)
    done = deploy_proxy(here, "here", SETTINGS, Silence(), less, Protection(plain=True), dry=False)
    assert ({"tls": False, "tokens": []}, "") == (
        {name: done.state.config[name] for name in ("tls", "tokens")},
        done.state.health,
    )


@pytest.mark.parametrize("way", ["proxy.remove", "undo"])
def test_token_and_trust_here_go_with_the_proxy(here: Rounds, tmp_path: Path, upstream: Site, way: str) -> None:
    """What its clients had here; nothing of it is trusted any longer."""
    deploy(here, guarded(upstream.url), token=True)
    kept = files_of(tmp_path / "developer" / "remotego" / "proxies")
    end = remove_proxy if way == "proxy.remove" else undo
    end(here, "here", SETTINGS, Silence(), dry=False)  # type: ignore[operator]  # both end it, each with more to say
    assert (4, []) == (len(kept), files_of(tmp_path / "developer" / "remotego" / "proxies"))


def test_what_is_kept_of_another_proxy_of_the_host_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its token is not among those of the one that has gone, nor is its certificate that one's."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settle("here", "https://localhost:1", "token of another")
    write_trust("here", "another")
    before = files_of(tmp_path)
    forget("here", ProxyState("/place", there=True, config={"tokens": ["ab" * 32]}, ca="one"))
    assert before == files_of(tmp_path)


BAD = {
    "open": ServerConfig(listen="0.0.0.0:8081"),
    "no token outside": ServerConfig(listen="10.0.0.1:8081", tls=True),
    "a name": ServerConfig(listen="localhost:8081"),
    "no port": ServerConfig(listen="127.0.0.1"),
    "direct": ServerConfig(upstream="https://proxy.golang.org,direct"),
    "password": ServerConfig(upstream="https://me:hunter2@proxy.example"),
    "password without a scheme": ServerConfig(upstream="me:hunter2@proxy.example"),
    "query": ServerConfig(upstream="https://proxy.example?token=hunter2"),
    "no sumdb": ServerConfig(sumdb="a b"),
    "database without a key": ServerConfig(sumdb="foo"),
    "database with another's hash": ServerConfig(sumdb="foo+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"),
    "password of a database": ServerConfig(sumdb="https://me:hunter2@sums.example"),
    "half a pattern": ServerConfig(nosumdb="["),
    "no pattern": ServerConfig(nosumdb="a b"),
    "seed without a place": ServerConfig(seeds=("relative",)),
    "seed that is not there": ServerConfig(seeds=("/nonexistent",)),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_wish_is_refused_before_anything_is_sent(here: Rounds, local: LocalTransport, name: str) -> None:
    """And the password in it is not repeated."""
    with pytest.raises(BadProxyWishError) as refused:
        deploy(here, Wish(BAD[name], "plain"))
    assert ([], False) == (files_of(local.home), "hunter2" in str(refused.value))


@pytest.mark.parametrize("host", ["app", "tiny"])
def test_host_of_the_lab_by_the_verbs(lab: Lab, controller: Controller, host: str) -> None:
    """Behind a jump host, and with busybox and dropbear alone: served, found again, looked at, taken back."""
    place = "/home/dev" if host == "tiny" else "/var/tmp"
    mine = replace(controller, store=f"{place}/.{Path(fresh_store()).name}")
    before = lab.exec(host, "find", place, user="root")
    words = ("--host", host, "--listen", f"127.0.0.1:{free_port()}", "--upstream", "off", "--json")
    first, second = mine.run("deploy-proxy", *words), mine.run("deploy-proxy", *words)
    looked = mine.run("proxy.status", "--host", host, "--json")
    text = mine.run("proxy.status", "--host", host).stdout
    undone = mine.run("undo", "--host", host)
    statuses = [one.document["hosts"][0]["status"] for one in (first, second, looked)]
    expected = (["serving", "nothing to do", "serving"], True, 0, before)
    healthy = looked.document["hosts"][0]["proxy"]["healthy"]
    assert expected == (statuses, healthy, undone.exit_code, lab.exec(host, "find", place, user="root"))
    again = f"remotego deploy-proxy --host {host} {' '.join(words[2:6])}"
    assert (True, True) == (f"GOPROXY=http://{words[3]}" in text, again in text)


def test_second_run_is_one_execution(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One connection a hop, one script, over SSH."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings, wish = Settings(store=fresh_store()), plain("off")
    with SshNetwork(lab.ssh_config) as network:
        deploy_proxy(network, "app", settings, Silence(), wish, Protection(), dry=False)
    with SshNetwork(lab.ssh_config) as fresh:
        again = deploy_proxy(fresh, "app", settings, Silence(), wish, Protection(), dry=False)
        seen = (again.changes, fresh.connections, fresh.executions)
        undo(fresh, "app", settings, Silence(), dry=False)
    assert ((), 2, 1) == seen


ZIP = "/example.com/words/@v/v1.2.0.zip"
GET = """exec 3<>/dev/tcp/127.0.0.1/{port} || exit 0
printf 'GET %s HTTP/1.0\\r\\n\\r\\n' {path} >&3; LC_ALL=C sed '1,/^\\r$/d' <&3 | sha256sum"""


def cache_of_its_own(folder: Path) -> Path:
    """Make a cache directory with nothing of a proxy in it, and with what has been built: that takes minutes anew."""
    Workshop().program(PROXY, parse_machine(platform.machine()), say=print)
    ours = folder / "cache" / "remotego"
    ours.mkdir(parents=True)
    (ours / "artifacts").symlink_to(default_root())
    return ours.parent


@pytest.mark.parametrize("transport", ["fabric", "openssh"])
def test_reverse_serves_a_host_without_a_network(
    lab: Lab, controller: Controller, upstream: Site, tmp_path: Path, transport: str
) -> None:
    """Through the jump host: app gets a whole zip from here while the command runs, and nothing when it has ended."""
    variables = {"XDG_CACHE_HOME": str(cache_of_its_own(tmp_path)), "REMOTEGO_TRANSPORT": transport}
    mine, port = replace(controller, store=fresh_store(), variables=variables), free_port()
    words = ("--listen", f"127.0.0.1:{port}", "--upstream", upstream.url, "--sumdb", "off", "--json")
    ask = ("bash", "-c", GET.format(port=port, path=ZIP))
    running = mine.start("deploy-proxy", "--host", "app", "--reverse", *words)
    try:
        assert running.stdout is not None
        up = b"".join(takewhile(lambda line: line != b"}\n", running.stdout))
        got = lab.exec("app", *ask)
    finally:
        running.send_signal(signal.SIGINT)
        ended = finished(running)
    gone = eventually(lambda: lab.exec("app", *ask) == "")
    undone = mine.run("undo", "--host", "app")
    whole = hashlib.sha256(Shelf(MODULES).give(ZIP).body).hexdigest()
    assert (True, whole, True, 0, 0) == (
        b'"serving"' in up,
        got.partition(" ")[0],
        gone,
        ended.exit_code,
        undone.exit_code,
    )
