"""goproxyd under kill -9, on a full disk, across upgrades: no wrong byte, no lost connection."""

import json
import os
import platform
import random
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go
from remotego.delve.platforms import parse_machine
from remotego.ops.building import PROXY, Workshop
from tests.golang.checksums import Server
from tests.goproxy.goproxyd import LARGE_BYTES, VERB_LIMIT_S, Place, end, fetch, files_of, free_port, shelf
from tests.goproxy.realgo import run_go
from tests.goproxy.scenery import PUBLIC
from tests.goproxy.scripted import NOT_FOUND, Answer, Request, site
from tests.patience import eventually

SOURCE = Path(__file__).parents[2] / "remotego" / "goproxyd"
LIMIT_S = 900
"""For building and running all tests in Go on a machine that does much else."""

KILLS = 25
FILES = shelf()
LARGE = files_of("example.com/large", "".join("0123456789abcdef" for _ in range(LARGE_BYTES // 16)))
LARGE_ZIP = "/example.com/large/@v/v1.0.0.zip"
ZIPS = [path for path in FILES if path.endswith(".zip")]
FULL_BYTES = 2_000_000
"""Less than the modules of the shelf need."""


@pytest.fixture(scope="session")
def goproxyd() -> Path:
    """The program, as it is pushed."""
    return Workshop().program(PROXY, parse_machine(platform.machine()), say=print).path


def answer(request: Request) -> Answer:
    """Be the upstream."""
    content = FILES.get(request.path, LARGE.get(request.path))
    return NOT_FOUND if content is None else Answer(200, content, "application/octet-stream")


@pytest.fixture
def place(goproxyd: Path, tmp_path: Path) -> Iterator[Place]:
    """A place with a real upstream; what serves from it ends with the test."""
    program = tmp_path / "goproxyd-1"
    shutil.copy(goproxyd, program)
    program.chmod(0o700)
    with site(answer) as upstream:
        made = Place(tmp_path / "proxy", program, upstream.url)
        yield made
        made.remove()


def test_its_own_tests_pass() -> None:
    """Those in Go."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    env = {"GOTOOLCHAIN": "local", "GOFLAGS": "", "CGO_ENABLED": "0", "GOWORK": "off"}
    words = [str(go), "test", f"-timeout={LIMIT_S}s", "./..."]
    done = subprocess.run(words, cwd=SOURCE, env=os.environ | env, capture_output=True, text=True, timeout=LIMIT_S)
    assert 0 == done.returncode, (done.stdout + done.stderr)[-8000:]


def await_answers(place: Place) -> None:
    """Wait until a server without a keeper answers."""
    assert eventually(lambda: place.get("/healthz")[0] == 200)


@contextmanager
def small_disk(directory: Path) -> Iterator[list[str]]:
    """Mount a disk of FULL_BYTES, seen by what runs below the words that it gives, and by nobody else."""
    directory.mkdir()
    hold = f'mount -t tmpfs -o size={FULL_BYTES} none "$1" && echo ready && cat'
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", hold, "sh", str(directory)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert b"ready\n" == holder.stdout.readline()
        yield ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt", "--"]
        holder.stdin.close()


@pytest.fixture(params=["roomy", "full"])
def disk(request: pytest.FixtureRequest, place: Place) -> Iterator[list[str]]:
    """Words that run a command where the place has room, or has none for half of the modules."""
    if request.param == "roomy":
        yield []
        return
    with small_disk(place.directory) as words:
        yield words


def test_killed_again_and_again_it_never_serves_a_wrong_byte(place: Place, disk: list[str]) -> None:
    """Killed at random moments while it fetches and stores; on a disk that has no room for half of it, too.

    After each kill the next server answers with the right bytes, or says that it cannot.
    """
    chance = random.Random(5)
    wrong = []
    for _ in range(KILLS):
        server = place.serve(*disk)
        try:
            await_answers(place)
            timer = threading.Timer(chance.uniform(0.0, 0.2), server.kill)
            timer.start()
            for path in chance.sample(sorted(FILES), len(FILES)):
                status, content = place.get(path)
                if status == 200 and content != FILES[path]:
                    wrong.append(path)
            timer.join()
        finally:
            end(server)
    last = place.serve(*disk)
    try:
        await_answers(place)
        got = {path: place.get(path) for path in FILES}
    finally:
        end(last, signal.SIGTERM)
    assert [] == wrong
    assert {path: (200, content) for path, content in FILES.items()} == got


def test_what_a_killed_one_left_is_swept(place: Place) -> None:
    """Its unfinished files go when the next one begins."""
    server = place.serve()
    await_answers(place)
    (place.directory / "tmp" / str(server.pid) / "entry-1").write_bytes(b"half")
    end(server)
    again = place.serve()
    await_answers(place)
    left = [entry.name for entry in (place.directory / "tmp").iterdir()]
    end(again)
    assert [str(again.pid)] == left


def test_slow_download_across_an_upgrade_arrives_whole(place: Place, tmp_path: Path) -> None:
    """A client that has read a little of a zip reads the rest from the server that is being replaced.

    Meanwhile connections are made without end, and none is refused.
    """
    assert 0 == place.apply().returncode
    place.get(LARGE_ZIP)
    old = place.state["server"]
    begun = Slow(place, LARGE_ZIP)
    failures: list[int] = []
    over = threading.Event()

    def knock() -> None:
        while not over.is_set():
            status, _ = place.get("/healthz")
            if status != 200:
                failures.append(status)

    knocking = threading.Thread(target=knock)
    knocking.start()
    second = tmp_path / "goproxyd-2"
    shutil.copy(place.program, second)
    second.chmod(0o700)
    place.program = second
    done = place.apply()
    state = place.state
    draining = is_running(old)
    content = begun.rest()
    over.set()
    knocking.join()
    assert (0, [], str(second), True) == (done.returncode, failures, state["program"], state["server"] != old)
    assert (True, LARGE[LARGE_ZIP]) == (draining, content)


class Slow:
    """A download of which little is read at first; what is on the way fits into no buffer."""

    def __init__(self, place: Place, path: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect(("127.0.0.1", place.port))
        self._socket.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        self._read = self._socket.recv(1024)

    def rest(self) -> bytes:
        """Read on; the body."""
        self._socket.settimeout(60)
        while data := self._socket.recv(65536):
            self._read += data
        self._socket.close()
        return self._read.partition(b"\r\n\r\n")[2]


def not_a_program(place: Place, tmp_path: Path) -> None:
    """Have a program that cannot be started."""
    broken = tmp_path / "goproxyd-broken"
    broken.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    broken.chmod(0o700)
    place.program = broken


def taken_port(place: Place, _tmp_path: Path) -> None:
    """Have it listen where the upstream does."""
    place.port = int(place.upstream.rpartition(":")[2])


@pytest.mark.parametrize("spoil", [not_a_program, taken_port])
def test_upgrade_that_does_not_serve_leaves_the_former(
    place: Place, tmp_path: Path, spoil: Callable[[Place, Path], None]
) -> None:
    """It goes on, by the former program and configuration, and the error says why."""
    place.apply()
    program, port, before = place.program, place.port, place.state
    spoil(place, tmp_path)
    order = place.order()
    place.program, place.port = program, port
    failed = place.apply(config=order["config"], program=order["program"])
    after = place.state
    same = [(before[name], after[name]) for name in ("config", "program", "keeper", "health")]
    assert (1, True) == (failed.returncode, "what served before serves again" in failed.stderr), failed.stderr
    assert [(one, one) for one, _ in same] == same
    assert 200 == place.get(ZIPS[0])[0]


def test_first_one_that_does_not_serve_leaves_nothing(place: Place, tmp_path: Path) -> None:
    """Not even its directory."""
    port = place.port
    taken_port(place, tmp_path)
    failed = place.apply()
    place.port = port
    assert (1, False) == (failed.returncode, place.directory.exists())


def test_change_that_nobody_hears_of_is_taken_back(place: Place) -> None:
    """Whoever asked for it takes a connection that breaks meanwhile for a failure."""
    reading, writing = os.pipe()
    os.close(reading)
    words = [str(place.program), "apply", str(place.directory)]
    done = subprocess.run(
        words, input=json.dumps(place.order()).encode(), stdout=writing, stderr=subprocess.PIPE, timeout=VERB_LIMIT_S
    )
    os.close(writing)
    answers = fetch(f"{place.url}/healthz", 5)[0]
    assert (1, False, 0) == (done.returncode, place.directory.exists(), answers), done.stderr.decode()


@pytest.mark.parametrize(
    "left", [["config.json"], ["install.lock", "trust"], ["cache", ".program.new", "config.json.new"]]
)
def test_half_a_place_can_be_removed(place: Place, left: list[str]) -> None:
    """As it is where an apply was killed."""
    place.directory.mkdir()
    for name in left:
        (place.directory / name).touch()
    done = place.call("remove")
    assert (0, False) == (done.returncode, place.directory.exists()), done.stderr


def test_place_with_something_else_in_it_is_not_removed(place: Place) -> None:
    """What is there is named."""
    place.directory.mkdir()
    (place.directory / "thesis.tex").touch()
    done = place.call("remove")
    assert (1, True, True) == (done.returncode, '"thesis.tex"' in done.stderr, place.directory.exists())


@pytest.mark.parametrize("who", ["server", "keeper"])
def test_killed_process_is_replaced(place: Place, who: str) -> None:
    """The keeper starts another server, a server another keeper, and both serve what is in the cache."""
    place.apply()
    place.get(ZIPS[0])
    before = place.state
    os.kill(before[who], signal.SIGKILL)
    assert eventually(
        lambda: (now := place.state)[who] not in (0, before[who]) and not now["health"] and now["server"] > 0
    )
    assert (200, FILES[ZIPS[0]]) == place.get(ZIPS[0])


def test_server_goes_on_until_another_keeper_can_be_started(place: Place, tmp_path: Path) -> None:
    """What keeps it from starting, here its program, may be mended meanwhile."""
    place.apply()
    before = place.state
    tried, link = tmp_path / "tried", place.directory / "program"
    broken = tmp_path / "broken"
    broken.write_text(f"#!/bin/sh\ntouch {tried}\nexit 1\n")
    broken.chmod(0o700)
    lead(link, broken)
    os.kill(before["keeper"], signal.SIGKILL)
    assert eventually(tried.exists)
    meanwhile = place.get("/healthz")
    lead(link, place.program)
    again = eventually(lambda: place.state["keeper"] not in (0, before["keeper"]))
    ended = eventually(lambda: not is_running(before["server"]))
    assert (200, f"ok online {before['server']}\n".encode(), True, True) == (*meanwhile, again, ended)
    assert 200 == place.get("/healthz")[0]


def lead(link: Path, program: Path) -> None:
    """Have a link lead to a program, from one moment to the next."""
    fresh = link.with_name(".program.new")
    fresh.symlink_to(program)
    fresh.replace(link)


def test_go_verifies_by_it_where_nobody_reaches_the_database(goproxyd: Path, tmp_path: Path, database: Server) -> None:
    """Neither go nor the proxy, but through the upstream that passes it on; and so does the proxy for itself."""
    with site(lambda _: NOT_FOUND) as lacking:
        sumdb = {"sumdb": database.signer.vkey, "proxied_sumdbs": [database.signer.name]}
        place = Place(tmp_path / "proxy", goproxyd, f"{lacking.url},{database.url}", config=sumdb)
        try:
            assert 0 == place.apply().returncode
            (tmp_path / "go.mod").write_text("module m\n\ngo 1.24\n")
            env = {"GOPROXY": place.url, "GOSUMDB": database.signer.vkey}
            done = run_go("get", f"{PUBLIC}@v1.0.0", folder=tmp_path, env=env)
        finally:
            place.remove()
    sums = [line.partition(" h1:")[0] for line in (tmp_path / "go.sum").read_text().splitlines()]
    assert (0, [f"{PUBLIC} v1.0.0", f"{PUBLIC} v1.0.0/go.mod"]) == (done.returncode, sums), done.stderr


def test_nothing_is_refused_while_a_killed_server_is_replaced(place: Place) -> None:
    """Who connects in between waits."""
    place.apply()
    os.kill(place.state["server"], signal.SIGKILL)
    assert 200 == place.get("/healthz")[0]


def test_removal_ends_all_and_leaves_nothing(place: Place) -> None:
    """No process, no file, no port."""
    place.apply()
    state = place.state
    place.remove()
    alive = [pid for pid in (state["keeper"], state["server"]) if is_running(pid)]
    assert ([], False, 0) == (alive, place.directory.exists(), fetch(f"{place.url}/healthz", 5)[0])


@pytest.mark.parametrize("turn", range(5))
def test_removal_ends_a_server_whose_keeper_has_just_been_killed(place: Place, turn: int) -> None:
    """It would start another keeper at that very moment."""
    place.apply()
    state = place.state
    os.kill(state["keeper"], signal.SIGKILL)
    place.remove()
    ended = eventually(lambda: not is_running(state["server"]))
    assert (turn, True, 0, False) == (turn, ended, fetch(f"{place.url}/healthz", 5)[0], place.directory.exists())


def is_running(pid: int) -> bool:
    """Whether a process is there that is not dead and waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_another_port_is_served_and_the_former_is_not(place: Place) -> None:
    """A change of the address is an upgrade like any other."""
    place.apply()
    former, place.port = place.port, free_port()
    done = place.apply()
    assert (0, 200, 0) == (done.returncode, place.get("/healthz")[0], fetch(f"http://127.0.0.1:{former}/healthz", 5)[0])
