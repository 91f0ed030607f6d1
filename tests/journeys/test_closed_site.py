"""From an open laptop to a closed site, to a mixed one, and back: the same service, built and debugged at each stop."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.demo.service import Line
from tests.internet import world
from tests.internet.fixtures import Internets
from tests.internet.internet import Internet, Request
from tests.internet.toolchain import Toolchain, publish_toolchain
from tests.journeys.dap.client import Breakpoint
from tests.journeys.site import UNOPTIMISED, Seen, Site, site
from tests.lab import outside
from tests.lab.failure import LabError
from tests.lab.lab import Lab

OPEN, CLOSED = "jump", "app"
PROGRAM = "teller"
BUNDLE, SDK_BUNDLE = "site.tar.zst", "sdk.tar.zst"
NEWER = "v2.2.0"
"""Of the public module ``step``, which the service has not used before."""

PROXY_PORT = 18443
BUILD_LIMIT_S = 200
EDITED = {".vscode/launch.json", ".vscode/tasks.json"}
"""Files of the workspace that gen-launch writes at each stop."""

PROFILE = """
[profile.mixed]
goproxy = ["{proxy}"]
private = ["{private}"]
sumdb = "{sumdb}"
"""


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of the journey: what the program said of its modules, what a debugger showed, what the internet heard."""

    said: str
    seen: Seen
    asked: list[Request]


@dataclass(frozen=True, slots=True)
class Homes:
    """The homes of both hosts, and the files of the workspace."""

    hosts: Mapping[str, str]
    workspace: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Journey:
    """``lines`` are where breakpoints belong, by function; ``jump`` is that host's address as the internet sees it."""

    lines: dict[str, Line]
    jump: str
    stops: Mapping[str, Stop]
    refused: str
    before: Homes
    after: Homes


pytestmark = pytest.mark.timeout(900)
"""For the one test that waits for the whole journey, on a busy machine."""


@pytest.fixture(scope="module")
def journey(lab: Lab, internets: Internets, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """All of it, once."""
    folder = tmp_path_factory.mktemp("journey")
    with internets.start(folder / "company", internets.private, "sum.corp.example") as company, site(lab, folder) as at:
        toolchain = publish_toolchain(lab.run_dir / outside.NAME / "modules")
        way = Way(at, lab.internet, company, toolchain)
        lab.internet.heal()
        with ExitStack() as ending:
            ending.callback(way.clear)
            ending.callback(at.developer.run, "undo", "--host", CLOSED, "--host", OPEN)
            yield way.travel()


@dataclass(frozen=True, slots=True)
class Way:
    """The journey as it goes."""

    at: Site
    internet: Internet
    company: Internet
    toolchain: Toolchain

    def travel(self) -> Journey:
        """Go all the way and back."""
        at = self.at
        homes = {host: at.home(host) for host in (OPEN, CLOSED)}
        # remotego's own programs are built from the network that this machine has, not from the one of the journey.
        at.beside(GOENV="off").run("deploy-dlv", "--host", OPEN, "--host", CLOSED)
        stops = {"open": self._open()}
        before = Homes(homes, self._workspace())
        self._enter()
        stops["closed"] = self._closed()
        stops["mixed"], refused = self._mixed()
        self._leave()
        after = Homes({host: at.home(host) for host in homes}, self._workspace())
        stops["back"] = self._open()
        return Journey(at.lines(), at.lab.address(OPEN, "edge"), stops, refused, before, after)

    def clear(self) -> None:
        """Have nothing of the journey on the hosts, however far it came."""
        for host in (CLOSED, OPEN):
            self.at.lab.exec(host, "rm", "-rf", self._folder)

    @property
    def _folder(self) -> str:
        return f"{self.at.store}-teller"

    @property
    def _note(self) -> Path:
        """Where the developer has written down which bundle it is."""
        return self.at.workspace.parent / "digest"

    def _workspace(self) -> dict[str, bytes]:
        return {name: data for name, data in self.at.own_files().items() if name not in EDITED}

    def _open(self) -> Stop:
        """Built on the laptop, with the company's proxy and the internet, and run on a host that has both."""
        before, proxies = self.internet.heard(), f"{self.company.url},{self.internet.url}"
        self.at.prefer_go(GOPROXY=proxies, GOSUMDB=self.internet.sumdb, GONOSUMDB=world.PRIVATE_PATTERN)
        self.at.gopher.forget()
        self.at.go("mod", "tidy")
        self.at.go("build", UNOPTIMISED, "-o", PROGRAM, ".")
        self.at.put(OPEN, self._folder, self.at.workspace / PROGRAM)
        return self._stop(OPEN, before)

    def _enter(self) -> None:
        """All that the closed site needs, in two files, the SDK apart."""
        version, developer = self.toolchain.sdk.version, self.at.developer
        made = developer.ask("bundle.create", "--sdk", "none", "-o", f"../{BUNDLE}")
        self._note.write_text(made["bundle"]["digest"])
        developer.run("bundle.create", "--sdk", version, "-o", f"../{SDK_BUNDLE}")
        self.at.beside(XDG_CACHE_HOME=str(self.at.workspace.parent / "cache")).run(
            "sdk.install", version, "--host", CLOSED, "--offline", f"../{SDK_BUNDLE}"
        )
        developer.run("bundle.apply", f"../{BUNDLE}", "--host", CLOSED, "--digest", self._note.read_text())

    def _closed(self) -> Stop:
        """Built on the host from what the bundle brought: it asks nobody."""
        before = self.internet.heard()
        sources = [path for path in self.at.workspace.iterdir() if path.suffix in (".go", ".mod", ".sum")]
        self.at.put(CLOSED, self._folder, *sources)
        self._build_there()
        return self._stop(CLOSED, before)

    def _mixed(self) -> tuple[Stop, str]:
        """The jump host has the internet: a proxy there serves the closed site, for whoever has the token."""
        before = self.internet.heard()
        client = self._proxy()
        mine, trust = self.at.workspace / "remotego.toml", Path(client["variables"]["SSL_CERT_DIR"].split(":")[0])
        profile = PROFILE.format(proxy=client["url"], private=world.PRIVATE_PATTERN, sumdb=self.internet.sumdb)
        unturned = mine.read_text()
        mine.write_text(unturned + profile)
        self.at.developer.run("profile.use", "mixed", "--host", CLOSED, "--yes")
        self.at.put(CLOSED, f"{self._folder}/trust", *trust.iterdir())
        allowed = ("--host", CLOSED, "--allow", client["url"], "--source", "netrc")
        self._forget_there()
        with self.at.beside(NETRC=client["netrc"]).holding("auth.connect", *allowed):
            self._go_there(f"get {world.STEP}@{NEWER}")
            self._build_there()
        stop = self._stop(CLOSED, before)
        refused = self._refused_there()
        self.at.developer.run("profile.use", "none", "--host", CLOSED, "--yes")
        mine.write_text(unturned)
        return stop, refused

    def _proxy(self) -> Mapping[str, Any]:
        """Have the private modules on the jump host, and a proxy for them and for the world."""
        words = ("--host", OPEN, "--keep-env", "--digest", self._note.read_text())
        applied = self.at.developer.ask("bundle.apply", f"../{BUNDLE}", *words)
        listen = f"{self.at.lab.address(OPEN, 'inner')}:{PROXY_PORT}"
        upstream, seed = f"https://{outside.HOSTS[0]}", f"{applied['hosts'][0]['paths'][0]}/cache/download"
        words = ("--host", OPEN, "--listen", listen, "--name", OPEN, "--token", "--upstream", upstream, "--seed", seed)
        checks = ("--sumdb", self.internet.sumdb, "--nosumdb", world.PRIVATE_PATTERN)
        done = self.at.beside(GOENV="off").ask("deploy-proxy", *words, *checks)
        return dict(done["hosts"][0]["client"])

    def _leave(self) -> None:
        # What go has counted for itself is not ours, and would keep the directories that are.
        self.at.lab.exec(CLOSED, "rm", "-rf", "/home/dev/.config/go/telemetry")
        self.at.developer.run("undo", "--host", CLOSED, "--host", OPEN)
        self.clear()

    def _build_there(self) -> None:
        self._go_there(f"build {UNOPTIMISED!r} -o {PROGRAM} .")

    def _forget_there(self) -> None:
        self._go_there("clean -modcache")

    def _refused_there(self) -> str:
        """What go says there once nobody is connected any more."""
        self._forget_there()
        with pytest.raises(LabError) as caught:
            self._go_there("mod download")
        return str(caught.value)

    def _go_there(self, words: str) -> str:
        """Run go on the closed host as somebody at a terminal would, in a module cache that is the journey's own."""
        go = f"{self.at.store}/sdk/{self.toolchain.sdk.version}/bin/go"
        own = "GOPATH=$PWD/go GOCACHE=$PWD/cache GOFLAGS=-modcacherw CGO_ENABLED=0"
        trusted = f"SSL_CERT_DIR={self._folder}/trust"
        return self.at.lab.ssh(CLOSED, f"cd {self._folder} && {own} {trusted} {go} {words}", timeout_s=BUILD_LIMIT_S)

    def _stop(self, host: str, before: int) -> Stop:
        program = f"{self._folder}/{PROGRAM}"
        said = self.at.lab.exec(host, program, "once")
        with self.at.running(host, program) as pid:
            return Stop(said, self.at.debugged(host, pid), self.internet.requests(before))


EVERYWHERE = pytest.mark.parametrize("where", ["open", "closed", "mixed", "back"])


@EVERYWHERE
def test_the_program_is_of_private_and_public_modules(journey: Journey, where: str) -> None:
    """As its go.mod wants them there; the mixed site has moved on to what no bundle has brought."""
    step = NEWER if where == "mixed" else "v2.1.0"
    assert f"clock v1.4.0 step {step} words v1.2.0\n" == journey.stops[where].said


@EVERYWHERE
def test_breakpoints_bind_in_the_program_and_in_the_private_module(journey: Journey, where: str) -> None:
    """By the paths that the editor here has, and the process stops at both."""
    seen = journey.stops[where].seen
    assert [Breakpoint(True, line.number, "") for line in journey.lines.values()] == seen.bound
    assert (journey.lines, '"one"') == (seen.places, seen.step)


@EVERYWHERE
def test_the_service_runs_on_by_itself(journey: Journey, where: str) -> None:
    """Nobody traces it when the editor has left."""
    assert (0, True) == (journey.stops[where].seen.tracer, journey.stops[where].seen.ticks_on)


@EVERYWHERE
def test_the_internet_never_hears_of_private_modules(journey: Journey, where: str) -> None:
    """Neither as a proxy nor as a checksum database."""
    assert [] == [request for request in journey.stops[where].asked if world.PRIVATE_PATTERN in request.path]


def test_nothing_of_the_closed_site_reaches_the_internet(journey: Journey) -> None:
    """Building, running and debugging there asks nobody outside."""
    assert [] == journey.stops["closed"].asked


def test_only_the_proxy_asks_the_internet_for_the_mixed_site(journey: Journey) -> None:
    """It fetches what the bundle has not brought, from its own address."""
    assert {journey.jump} == {request.from_ for request in journey.stops["mixed"].asked}


def test_access_ends_with_the_connection(journey: Journey) -> None:
    """Without the developer's token the proxy gives nothing."""
    assert "401 Unauthorized" in journey.refused


def test_everything_is_turned_back(journey: Journey) -> None:
    """Every name, mode and byte of both homes, and the workspace."""
    pairs = {host: (text, journey.after.hosts[host]) for host, text in journey.before.hosts.items()}
    changed = {host: sorted(set(was.splitlines()) ^ set(now.splitlines())) for host, (was, now) in pairs.items()}
    assert {OPEN: [], CLOSED: []} == changed
    assert journey.before.workspace == journey.after.workspace
