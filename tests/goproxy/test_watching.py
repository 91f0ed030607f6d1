"""proxy.watch: one GOPROXY from beginning to end, whoever serves behind it."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from remotego.adapters.files import schema
from remotego.adapters.toolchain import bundled_go
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.golang.dirhash import h1
from remotego.golang.sumdb.database import parse_gosumdb
from remotego.goproxy.switching import Upstream
from remotego.ops.dissent import disagreeing
from remotego.ops.watching import Inbox, Judged, Moved, News, Turned, watch
from remotego.ops.watchplan import Plan, Wish
from tests.golang.checksums import signer
from tests.goproxy.gateway import gateway
from tests.goproxy.scripted import Answer, Request, Shelf, Site, site
from tests.goproxy.upstreams import SIGNER, lookup, shelf
from tests.lab.fixtures import need
from tests.ops.controllers import REMOTEGO, Child, finished, next_event, running
from tests.patience import eventually

__all__ = ["gateway"]

BEFORE = "# mine\nGOFLAGS=-modcacherw\nGOPROXY=https://before.example,off\n"
MODULES = Shelf({"m.example/mod": {"v1.0.0": {"m.go": "package m\n"}}})
LIMIT_S = 120
VALID = Draft202012Validator(schema("proxy-watch"))
IN_A_NETWORK_OF_ITS_OWN = (
    "unshare",
    "--user",
    "--map-root-user",
    "--net",
    "sh",
    "-c",
    'ip link set lo up; exec "$@"',
    "-",
)


@dataclass
class Proxy:
    """A proxy in order, until it ``fails``."""

    fails: bool = False
    place: Site = field(default_factory=Site)

    def __call__(self, request: Request) -> Answer:
        """Answer."""
        if self.fails:
            return Answer(fault="reset")
        found = MODULES(request)
        return found if found.status == 200 else shelf()(request.path)

    @contextmanager
    def serving(self) -> Iterator["Proxy"]:
        """Serve at ``place``."""
        with site(self) as self.place:
            yield self

    @property
    def url(self) -> str:
        """Where it is."""
        return self.place.url


@dataclass(frozen=True, slots=True)
class Desk:
    """A developer's machine with a go file of its own."""

    folder: Path

    @property
    def go_file(self) -> Path:
        """What ``go env -w`` writes into."""
        return self.folder / "goenv"

    def env(self, **more: str) -> dict[str, str]:
        """Its environment; no GOPROXY is exported there."""
        bare = ("GOPROXY", "GOENV", "GOFLAGS")
        clean = {k: v for k, v in os.environ.items() if not k.startswith("REMOTEGO_") and k not in bare}
        clean = {name: value for name, value in clean.items() if not name.lower().endswith("_proxy")}
        own = {"GOENV": str(self.go_file), "GOSUMDB": SIGNER.vkey, "REMOTEGO_GO": str(bundled_go())}
        places = {"XDG_STATE_HOME": str(self.folder / "state"), "XDG_CONFIG_HOME": str(self.folder / "config")}
        return {**clean, **own, **places, **more}

    def watch(self, *words: str, before: tuple[str, ...] = ()) -> Child:
        """Start a watch."""
        return subprocess.Popen(
            [*before, *REMOTEGO, "proxy.watch", "--json", "--listen", "0", *words],
            cwd=self.folder,
            env=self.env(PYTHONFAULTHANDLER="1"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def download(self, name: str) -> str:
        """Have go fetch a module, by what its own file says; give the GOPROXY it went by."""
        folder = self.folder / name
        folder.mkdir()
        (folder / "go.mod").write_text("module main.example\n\ngo 1.21\n\nrequire m.example/mod v1.0.0\n")
        env = self.env(GOMODCACHE=str(folder / "cache"), GOTOOLCHAIN="local", GONOSUMDB="*")
        go = str(bundled_go())
        subprocess.run([go, "mod", "download"], cwd=folder, env=env, check=True, capture_output=True, timeout=LIMIT_S)
        asked = subprocess.run([go, "env", "GOPROXY"], cwd=folder, env=env, check=True, capture_output=True, text=True)
        return asked.stdout.strip()


@pytest.fixture
def desk(gateway: Path, tmp_path: Path) -> Desk:
    """A machine where GOPROXY has a value in go's own file already."""
    made = Desk(tmp_path)
    made.go_file.write_text(BEFORE)
    return made


def until(child: Child, kind: str) -> list[dict[str, Any]]:
    """Read events up to the next one of a kind."""
    found: list[dict[str, Any]] = []
    while not found or found[-1]["event"] != kind:
        found.append(next_event(child))
        VALID.validate(found[-1])
    return found


def test_go_keeps_one_goproxy_while_the_proxy_behind_it_changes(desk: Desk) -> None:
    """The company's own serves first; when it fails, another one does, and at the end all is as before."""
    with Proxy().serving() as own, Proxy().serving() as public:
        words = ("--own", own.url, "--proxy", public.url, "--write")
        with running(desk.watch(*words)) as child:
            up, *_ = until(child, "up")
            first = until(child, "turned")[-1]
            one = desk.download("one")
            served = len(own.place.asked), [p for p in public.place.paths if p.startswith("/m.example")]
            own.fails = True
            _fail_three_times(up["url"])
            second = until(child, "turned")[-1]
            two = desk.download("two")
            child.send_signal(signal.SIGINT)
            done = finished(child)
    assert (own.url, public.url) == (first["current"], second["current"])
    assert ([up["url"]] * 2, []) == ([one, two], served[1])
    assert "/m.example/mod/@v/v1.0.0.zip" in public.place.paths
    assert (0, BEFORE) == (done.exit_code, desk.go_file.read_text()), done


def _fail_three_times(url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(3):
        with suppress(urllib.error.HTTPError):
            opener.open(f"{url}/m.example/mod/@v/v1.0.0.mod", timeout=LIMIT_S)


@dataclass
class Forger(Proxy):
    """A proxy in order but for its checksum database, which is somebody else's until it is told ``honest``."""

    honest: bool = False

    def __call__(self, request: Request) -> Answer:
        """Answer."""
        forged = Answer(body=lookup(1_000_000, signer("sums.example.com", seed=8)))
        return shelf(**({} if self.honest else {"lookup": forged}))(request.path)

    def lookups(self) -> int:
        """How often it was asked for a sum."""
        return sum("/lookup/" in path for path in self.place.paths)


def test_a_proxy_with_a_forged_database_is_never_taken_for_a_good_one(gateway: Path, tmp_path: Path) -> None:
    """Each probe asks for what it failed on: it serves only once that is right."""
    settings, inbox, news = Settings(go=str(bundled_go()), workspace=str(tmp_path)), Inbox(), list[News]()
    with Forger().serving() as forger:
        plan = Plan("", (Upstream(forger.url),), "", parse_gosumdb(SIGNER.vkey))
        words = (plan, settings, Wish(port=0), inbox, Silence(), news.append)
        watching = threading.Thread(target=watch, args=words)
        watching.start()
        try:
            assert eventually(lambda: forger.lookups() >= 2, LIMIT_S), "a regular probe asks for no sum"
            forger.honest = True
            inbox.words.put(Moved("by the test, so that all are asked at once"))
            assert eventually(lambda: any(isinstance(one, Turned) for one in news), LIMIT_S)
        finally:
            inbox.ask("the test is over")
            watching.join(LIMIT_S)
    found = [
        one.current if isinstance(one, Turned) else one.verdicts[forger.url].code
        for one in news
        if isinstance(one, Judged | Turned)
    ]
    assert ["wrong-bytes", "good", forger.url] == list(dict.fromkeys(found)), "the network may change here, too"


def test_what_a_killed_watch_has_written_goes_with_the_next(desk: Desk) -> None:
    """It could not take it back itself; the value before is not forgotten."""
    with Proxy().serving() as public:
        with running(desk.watch("--proxy", public.url, "--write")) as child:
            url = until(child, "up")[-1]["url"]
            child.kill()
            child.wait(LIMIT_S)
        left = desk.go_file.read_text()
        with running(desk.watch("--proxy", public.url, "--write")) as child:
            until(child, "up")
            child.send_signal(signal.SIGTERM)
            done = finished(child)
    assert (BEFORE.replace("https://before.example,off", url), 0, BEFORE) == (
        left,
        done.exit_code,
        desk.go_file.read_text(),
    )


def test_a_watch_that_writes_nothing_takes_back_what_a_killed_one_has_left(desk: Desk) -> None:
    """And says so, before it serves."""
    with Proxy().serving() as public:
        with running(desk.watch("--proxy", public.url, "--write")) as child:
            until(child, "up")
            child.kill()
            child.wait(LIMIT_S)
        with running(desk.watch("--proxy", public.url)) as child:
            told = [(one["event"], one.get("file")) for one in until(child, "up")]
            back = desk.go_file.read_text()
    assert ([("restored", str(desk.go_file)), ("up", None)], BEFORE) == (told, back)


def test_the_file_of_a_watch_that_lives_is_left_to_it(desk: Desk) -> None:
    """A second that wants to write is refused, and told who does; one that does not serves, and leaves it alone."""
    with Proxy().serving() as public, running(desk.watch("--proxy", public.url, "--write")) as first:
        url = until(first, "up")[-1]["url"]
        with running(desk.watch("--proxy", public.url, "--write")) as second:
            refused = finished(second)
        with running(desk.watch("--proxy", public.url)) as third:
            kinds = [one["event"] for one in until(third, "up")]
            third.send_signal(signal.SIGINT)
            finished(third)
        led = desk.go_file.read_text()
        first.send_signal(signal.SIGINT)
        finished(first)
    assert (4, True, True) == (refused.exit_code, f"process {first.pid}" in refused.stdout, url in refused.stdout), (
        refused
    )
    assert (["up"], BEFORE.replace("https://before.example,off", url), BEFORE) == (
        kinds,
        led,
        desk.go_file.read_text(),
    )


def test_a_proxy_without_the_usual_module_serves_by_another_known_one(desk: Desk) -> None:
    """As a company's with nothing but its own modules; the database is off for those."""
    digest = h1([("go.mod", hashlib.sha256(b"module m.example/mod\n").hexdigest())])
    without_database = ("env", "GOSUMDB=off")
    with site(MODULES) as own:
        words = ("--own", own.url, "--known", f"m.example/mod@v1.0.0={digest}")
        with running(desk.watch(*words, before=without_database)) as child:
            *_, turned = until(child, "turned")
    assert own.url == turned["current"]


def test_processes_that_hold_another_value_are_named(desk: Desk) -> None:
    """A shell that was started with GOPROXY, and settings.json, each by what it is; others are not."""
    (desk.folder / ".vscode").mkdir()
    (desk.folder / ".vscode" / "settings.json").write_text('{"go.toolsEnvVars": {"GOPROXY": "https://old.example"}}\n')
    shell = subprocess.Popen(
        ["sh", "-c", "read line; exit 0"],
        stdin=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "GOPROXY": "https://ann:secret@shell.example"},
    )
    try:
        found = disagreeing("http://127.0.0.1:1", str(desk.folder))
        with Proxy().serving() as public, running(desk.watch("--proxy", public.url)) as child:
            told = [one for one in until(child, "turned") if one["event"] == "disagreeing"]
    finally:
        shell.communicate()
    ours = [one for one in found if one.pid in (shell.pid, None)]
    assert [("sh", "shell.example"), (".vscode/settings.json", "old.example")] == [
        (one.what, one.value.rpartition("/")[2].rpartition("@")[2]) for one in ours
    ]
    assert ("sh", "https://***@shell.example") in [(one["what"], one["value"]) for one in told]


def test_a_change_of_the_network_has_all_asked_anew(desk: Desk) -> None:
    """An address that a real kernel gives to an interface."""
    need("ip")
    with running(desk.watch("--proxy", "http://127.0.0.1:9", before=IN_A_NETWORK_OF_ITS_OWN)) as child:
        up = until(child, "up")[-1]
        until(child, "judged")
        inside = ["nsenter", "--target", str(child.pid), "--user", "--net", "--preserve-credentials"]
        subprocess.run([*inside, "ip", "address", "add", "10.9.9.1/32", "dev", "lo"], check=True, timeout=LIMIT_S)
        moved = until(child, "moved")[-1]
        judged = until(child, "judged")[-1]
    assert ("netlink", "addresses", ["refused"]) == (
        up["source"],
        moved["how"],
        [one["verdict"] for one in judged["proxies"]],
    )


LOOKING = """
import socket, subprocess, queue, sys
if sys.argv[1] == "blind":
    del socket.AF_NETLINK
from remotego.adapters.networkchange import NetworkWatch
def ip(words):
    subprocess.run(["ip", *words.split()], check=True)
ip("address add 10.9.9.1/32 dev lo")
told = queue.Queue()
watch = NetworkWatch(told.put)
watch.start()
for words in sys.argv[2:]:
    ip(words)
print(watch.source, "|", told.get(timeout=60))
watch.end()
"""
NOISE = (
    "link set lo mtu 1400",
    "route add 198.51.100.0/24 dev lo",
    "address change 10.9.9.1/32 dev lo valid_lft 900 preferred_lft 900",
    "-6 address add fe80::9/64 dev lo",
)
"""What comes with containers, and with a lease that is renewed."""


@pytest.mark.parametrize(
    ("sight", "source"), [("told", "netlink"), ("blind", "a look every 5 s")], ids=["netlink", "without netlink"]
)
def test_only_what_can_matter_is_a_change_of_the_network(sight: str, source: str) -> None:
    """Told by the kernel, or looked for as on systems without netlink: the first that counts is the route."""
    need("ip")
    words = (*IN_A_NETWORK_OF_ITS_OWN, sys.executable, "-c", LOOKING, sight, *NOISE, "route add default dev lo")
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S)
    assert f"{source} | default routes" == done.stdout.strip(), done.stderr


def test_a_dry_run_shows_and_starts_nothing(desk: Desk) -> None:
    """The proxies, and the line of go's own file that would change."""
    done = subprocess.run(
        [*REMOTEGO, "--dry", "proxy.watch", "--json", "--write", "--proxy", "https://proxy.golang.org"],
        cwd=desk.folder,
        env=desk.env(),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    shown = json.loads(done.stdout)
    VALID.validate(shown)
    assert ("+GOPROXY=http://127.0.0.1:23460", BEFORE) == (shown["diff"][-1], desk.go_file.read_text())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--own", "foo"), "--own foo: no proxy"),
        (("--proxy", "file:///x"), "--proxy file:///x: no proxy"),
        (("--proxy", "http://127.0.0.1:23460"), "--proxy http://127.0.0.1:23460: no proxy"),
    ],
)
def test_what_cannot_stand_behind_it_is_named(desk: Desk, words: tuple[str, ...], said: str) -> None:
    """A word, files, and the router itself."""
    done = told(desk, *words)
    assert (2, True) == (done.returncode, said in done.stderr), done


def test_that_go_has_no_file_is_no_lack_of_go(desk: Desk) -> None:
    """GOENV=off is the user's own wish."""
    done = told(desk, "--write", "--proxy", "https://proxy.golang.org", GOENV="off")
    assert (2, True) == (done.returncode, "go's own file here: GOENV=off" in done.stderr), done


def told(desk: Desk, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Ask for a watch that cannot be."""
    watch = [*REMOTEGO, "proxy.watch", *words]
    return subprocess.run(watch, cwd=desk.folder, env=desk.env(**env), capture_output=True, text=True, timeout=LIMIT_S)


def test_without_any_proxy_it_says_what_to_name(desk: Desk) -> None:
    """A request that is wrong by itself."""
    done = told(desk)
    assert (2, True) == (done.returncode, "give --own URL" in done.stderr)
