"""The router with real go, real sockets and upstreams that fail: what a command sees behind a constant GOPROXY."""

import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from socket import create_connection, create_server, socket
from typing import Any

import pytest

from remotego.adapters.router import Router, RouterDownError
from remotego.adapters.toolchain import bundled_go
from tests.goproxy.gateway import gateway
from tests.goproxy.scripted import NOT_FOUND, PAGE, Answer, Shelf, refusing, site
from tests.patience import eventually

__all__ = ["gateway"]

LIMIT_S = 120
MODULES = 12
TURN_S = 0.005
BIG_BYTES = 96 << 20
MOST_KB = 48 << 10


Events = list[dict[str, Any] | None]


@contextmanager
def routed(
    gateway: Path,
    *upstreams: str,
    ours: bool = False,
    private: str = "",
    stall_s: float = 60,
    heard: Events | None = None,
) -> Iterator[Router]:
    """A router whose first upstream serves; what it tells comes into ``heard``."""
    order = {
        "port": 0,
        "upstreams": [{"url": url, "ours": ours} for url in upstreams],
        "private": private,
        "current": upstreams[0],
        "header_s": 20,
        "stall_s": stall_s,
    }
    events: Events = [] if heard is None else heard
    router = Router(gateway, order, events.append)
    try:
        yield router
    finally:
        router.close()


def ask(router: Router, path: str, **headers: str) -> tuple[int, bytes]:
    """Ask for a path; give status and body."""
    request = urllib.request.Request(f"http://127.0.0.1:{router.port}{path}", headers=headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=LIMIT_S) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_go_command_sees_one_upstream_while_it_is_turned_all_the_time(gateway: Path, tmp_path: Path) -> None:
    """Many requests of one command, hundreds of switches meanwhile: each command is served by one alone."""
    shelves = Shelf({f"m{n}.example/mod": {"v1.0.0": {"m.go": "package m\n"}} for n in range(MODULES)})
    with site(shelves) as one, site(shelves) as two, routed(gateway, one.url, two.url) as router:
        turning = threading.Event()
        turner = threading.Thread(target=_turn, args=(router, (one.url, two.url), turning))
        turner.start()
        served = []
        try:
            for number in range(6):
                before = len(one.asked), len(two.asked)
                _download(router, tmp_path / str(number))
                served.append((len(one.asked) - before[0], len(two.asked) - before[1]))
        finally:
            turning.set()
            turner.join()
    assert [0] * 6 == [min(both) for both in served], served
    assert all(max(both) >= 3 * MODULES for both in served), served


HIDDEN = '#!/bin/sh\nexec unshare --user --map-root-user --pid --fork --mount-proc {} "$@"\n'
"""Has the router see no process but itself, as where there is no /proc."""


def test_where_processes_cannot_be_told_connections_keep_together(gateway: Path, tmp_path: Path) -> None:
    """As long as any of a command's is open, all are served by one."""
    blind = tmp_path / "blind"
    blind.write_text(HIDDEN.format(gateway))
    blind.chmod(0o755)
    shelves = Shelf({f"m{n}.example/mod": {"v1.0.0": {"m.go": "package m\n"}} for n in range(MODULES)})
    with site(shelves) as one, site(shelves) as two, routed(blind, one.url, two.url) as router:
        turning = threading.Event()
        turner = threading.Thread(target=_turn, args=(router, (one.url, two.url), turning))
        turner.start()
        try:
            _download(router, tmp_path / "go")
        finally:
            turning.set()
            turner.join()
    assert 0 == min(len(one.asked), len(two.asked)), (len(one.asked), len(two.asked))


def test_the_next_command_is_served_by_the_new_one(gateway: Path, tmp_path: Path) -> None:
    """What is bound to a command ends with it."""
    shelves = Shelf({f"m{n}.example/mod": {"v1.0.0": {"m.go": "package m\n"}} for n in range(MODULES)})
    with site(shelves) as one, site(shelves) as two, routed(gateway, one.url, two.url) as router:
        _download(router, tmp_path / "before")
        seen = len(one.asked)
        router.turn(two.url)
        _download(router, tmp_path / "after")
    assert (seen, seen) == (len(one.asked), len(two.asked))


def _turn(router: Router, urls: tuple[str, str], until: threading.Event) -> None:
    number = 0
    while not until.wait(TURN_S):
        number += 1
        router.turn(urls[number % 2])


def _download(router: Router, folder: Path) -> None:
    """Have go fetch all modules into a cache of its own."""
    folder.mkdir()
    requires = "".join(f"require m{n}.example/mod v1.0.0\n" for n in range(MODULES))
    (folder / "go.mod").write_text(f"module main.example\n\ngo 1.21\n\n{requires}")
    go = bundled_go()
    env = {
        "GOPROXY": f"http://127.0.0.1:{router.port}",
        "GOSUMDB": "off",
        "GOFLAGS": "-modcacherw -mod=mod",
        "GOMODCACHE": str(folder / "cache"),
        "GOENV": "off",
        "GOTOOLCHAIN": "local",
    }
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    subprocess.run(
        [str(go), "mod", "download"], cwd=folder, env={**clean, **env}, check=True, capture_output=True, timeout=LIMIT_S
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(body=b"right"), 200),
        (NOT_FOUND, 404),
        (Answer(410), 410),
        (Answer(401), 401),
        (Answer(403), 403),
        (Answer(429), 429),
        (Answer(500), 500),
        (Answer(503), 503),
        (PAGE, 502),
        (Answer(302, to="http://127.0.0.1:1/login"), 502),
        (Answer(fault="reset"), 502),
    ],
)
def test_only_the_upstream_itself_says_that_a_module_does_not_exist(
    gateway: Path, answer: Answer, expected: int
) -> None:
    """Its 404 and 410 are passed on, and what goes wrong with it is never one of them."""
    with site(lambda _: answer) as upstream, routed(gateway, upstream.url) as router:
        assert expected == ask(router, "/m.example/@v/v1.0.0.mod")[0]


def test_a_refused_connection_is_a_bad_gateway(gateway: Path) -> None:
    """And the words that go shows name the upstream."""
    with refusing() as closed, routed(gateway, closed) as router:
        status, said = ask(router, "/m.example/@v/v1.0.0.mod")
    assert (502, True) == (status, closed.encode() in said)


def test_with_nobody_it_answers_at_once(gateway: Path) -> None:
    """As long as no proxy works: go need not wait to hear it."""
    with refusing() as closed, routed(gateway, closed) as router:
        router.turn(None)
        assert _becomes(lambda: ask(router, "/m.example/@v/v1.0.0.mod")[0], 503)


def _becomes(look: Callable[[], int], expected: int) -> bool:
    return eventually(lambda: look() == expected)


def test_an_answer_that_breaks_off_is_not_taken_for_whole(gateway: Path) -> None:
    """The client sees that bytes are missing."""
    with (
        sending(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nonly this") as url,
        routed(gateway, url) as router,
        pytest.raises(HTTPException),
    ):
        ask(router, "/m.example/@v/v1.0.0.zip")


def test_an_answer_that_stalls_is_given_up(gateway: Path) -> None:
    """No request lasts for ever, and it is told that it was the upstream."""
    heard: Events = []
    with (
        sending(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nonly this", linger=True) as url,
        routed(gateway, url, stall_s=0.5, heard=heard) as router,
    ):
        with pytest.raises(HTTPException):
            ask(router, "/m.example/@v/v1.0.0.zip")
        assert eventually(lambda: bool(heard))
    assert [{"answer": {"upstream": url, "status": 0, "error": "no more bytes within 500ms"}}] == heard


def test_a_large_file_is_not_held_in_memory(gateway: Path) -> None:
    """96 MB pass through a process that stays below 48."""
    head = f"HTTP/1.0 200 OK\r\nContent-Length: {BIG_BYTES}\r\n\r\n".encode()
    with sending(head + bytes(BIG_BYTES)) as url, routed(gateway, url) as router:
        status, body = ask(router, "/m.example/@v/v1.0.0.zip")
        used = Path(f"/proc/{router.pid}/status").read_text().partition("VmHWM:")[2].split()[0]
    assert (200, BIG_BYTES, True) == (status, len(body), int(used) < MOST_KB), used


@contextmanager
def sending(data: bytes, *, linger: bool = False) -> Iterator[str]:
    """A server that sends these bytes to each connection, whatever it is asked."""
    ended = threading.Event()
    with create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1 << 16)
                    connection.sendall(data)
                    if linger:
                        ended.wait(LIMIT_S)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()


@dataclass
class Fountain:
    """Serves ``/endless`` without end, and all else at once; ``left`` tells that whoever drank has gone."""

    url: str = ""
    left: threading.Event = field(default_factory=threading.Event)

    def serve(self, connection: socket) -> None:
        """Answer one request."""
        with connection:
            path = connection.recv(1 << 16).split()[1]
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
            try:
                while path == b"/endless":
                    connection.sendall(bytes(1 << 16))
            except OSError:
                self.left.set()


@contextmanager
def fountain() -> Iterator[Fountain]:
    """One on loopback."""
    made = Fountain()
    with create_server(("127.0.0.1", 0)) as listener:
        made.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=made.serve, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield made


def drink(router: Router) -> socket:
    """Begin to read what has no end."""
    client = create_connection(("127.0.0.1", router.port), timeout=LIMIT_S)
    client.sendall(f"GET /endless HTTP/1.1\r\nHost: 127.0.0.1:{router.port}\r\n\r\n".encode())
    assert client.recv(1 << 10)
    return client


def hang_up(client: socket) -> None:
    """As a go command that is stopped: unread bytes have the kernel send a reset."""
    client.close()


def take_no_more(client: socket) -> None:
    """As a go command that is suspended: the connection stays, and nobody reads."""


def wake(client: socket) -> None:
    """Read what is left, if it is still there."""
    with suppress(OSError):
        while client.recv(1 << 16):
            pass


@pytest.mark.parametrize("done_by", [hang_up, take_no_more])
def test_what_a_client_does_is_no_failure_of_the_upstream(gateway: Path, done_by: Callable[[socket], None]) -> None:
    """That a client has gone or stands still is not told; the next answer is."""
    heard: Events = []
    with fountain() as upstream, routed(gateway, upstream.url, stall_s=2, heard=heard) as router:
        with drink(router) as client:
            done_by(client)
            assert upstream.left.wait(LIMIT_S)
            wake(client)
        ask(router, "/m.example/@v/list")
        assert eventually(lambda: bool(heard))
    assert [{"answer": {"upstream": upstream.url, "status": 200}}] == heard


def test_an_answer_that_breaks_off_is_told_as_none(gateway: Path) -> None:
    """That one is the upstream's: its status does not count."""
    heard: Events = []
    with (
        sending(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nonly this") as url,
        routed(gateway, url, heard=heard) as router,
    ):
        with pytest.raises(HTTPException):
            ask(router, "/m.example/@v/v1.0.0.zip")
        assert eventually(lambda: bool(heard))
    assert [{"answer": {"upstream": url, "status": 0, "error": "unexpected EOF"}}] == heard


PRIVATE = (
    "/corp.example/secret/@v/list",
    "/corp.example/!secret/x/@latest",
    "/sumdb/s.example/lookup/corp.example/y@v1.0.0",
)


@pytest.mark.parametrize("path", PRIVATE)
def test_a_private_name_is_never_told_to_a_public_proxy(gateway: Path, path: str) -> None:
    """Of a module's files nor of a lookup; what is not private still passes."""
    with (
        site(lambda _: Answer()) as public,
        routed(gateway, public.url, private="corp.example,*.corp.example") as router,
    ):
        statuses = [ask(router, one)[0] for one in (path, "/other.example/m/@v/list")]
    assert ([403, 200], ["/other.example/m/@v/list"]) == (statuses, public.paths)


def test_ones_own_proxy_is_asked_for_private_modules(gateway: Path) -> None:
    """That is what it is for."""
    with site(lambda _: Answer()) as own, routed(gateway, own.url, ours=True, private="corp.example") as router:
        assert 200 == ask(router, PRIVATE[0])[0]


def test_a_foreign_name_is_refused(gateway: Path) -> None:
    """A web page cannot have a name of its own lead here."""
    with site(lambda _: Answer()) as upstream, routed(gateway, upstream.url) as router:
        assert (403, []) == (ask(router, "/m.example/@v/list", Host="evil.example:80")[0], upstream.paths)


@pytest.mark.skipif(os.getuid() != 0, reason="NOT HERE: only root can act as another user")
def test_another_user_is_refused(gateway: Path) -> None:
    """The kernel tells whose connection it is."""
    words = "import sys,urllib.request,urllib.error\ntry: print(urllib.request.urlopen(sys.argv[1]).status)\n"
    words += "except urllib.error.HTTPError as e: print(e.code)"
    with site(lambda _: Answer()) as upstream, routed(gateway, upstream.url) as router:
        url = f"http://127.0.0.1:{router.port}/m.example/@v/list"
        done = subprocess.run(
            ["/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable, "-c", words, url],
            user=65534, env={}, cwd="/", capture_output=True, text=True, timeout=LIMIT_S,
        )  # fmt: skip
    assert ("403", []) == (done.stdout.strip(), upstream.paths), done.stderr


def test_a_port_that_is_taken_is_named(gateway: Path) -> None:
    """It does not start, and says why."""
    with create_server(("127.0.0.1", 0)) as taken:
        order = {"port": taken.getsockname()[1], "upstreams": [], "header_s": 1, "stall_s": 1}
        with pytest.raises(RouterDownError, match="address already in use"):
            Router(gateway, order, lambda _: None)


def test_it_ends_with_whoever_has_started_it(gateway: Path) -> None:
    """A watch that is killed leaves no router behind."""
    with refusing() as closed, routed(gateway, closed) as router:
        assert router.process.stdin is not None
        router.process.stdin.close()
        assert 0 == router.process.wait(LIMIT_S)
