"""The keeper's words, and how it behaves on each shell with a real dlv and a real service."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.delve.ending import BAD, GOOD, Ended, UncleanEndError, check_end
from remotego.delve.keeper import Asked, Event, Gone, Up, parse_event, render_ender, render_keeper
from remotego.delve.platforms import parse_machine
from remotego.delve.refusal import attach_refused
from remotego.delve.session import Plan, Record, sessions
from remotego.delve.versions import choose
from remotego.host.processes import Process, processes, select
from remotego.ops.building import Workshop
from remotego.ops.engine import ask
from tests.demo.text import in_file, in_memory
from tests.lab import binaries
from tests.lab.process import await_end
from tests.ops.local_transport import LocalExchange, LocalTransport

EVENT_S = 30.0


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (b"up 12 /r/sessions/x y/dlv.sock", Up(12, "/r/sessions/x y/dlv.sock")),
        (b"gone process", Gone("process")),
        (b"asked", Asked()),
        (b"ended clean", Ended("clean")),
        (b"ended failed could not attach\x1b[31m", Ended("failed", "could not attach")),
    ],
)
def test_event(line: bytes, event: Event) -> None:
    """Each word a keeper says."""
    assert event == parse_event(line)


@given(st.binary() | st.sampled_from([b"up", b"up x y", b"up 9", b"ended", b"", b"gone"]))
def test_any_line_is_an_event_or_refused(line: bytes) -> None:
    """A line of any form is an event or a ValueError."""
    try:
        event = parse_event(line)
    except ValueError:
        return
    assert isinstance(event, Up | Gone | Asked | Ended)


@pytest.mark.parametrize("outcome", GOOD)
def test_good_end_is_no_error(outcome: str) -> None:
    """Nothing is left to do."""
    assert check_end("app", Ended(outcome)) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize("outcome", [*BAD, "something new"])
def test_bad_end_is_an_error_with_a_remedy(outcome: str) -> None:
    """What is left, and what to do, with the facts filled in."""
    with pytest.raises(UncleanEndError) as caught:
        check_end("app", Ended(outcome, "77"))
    assert "{" not in str(caught.value) + caught.value.advice


@pytest.mark.parametrize(
    ("said", "yama", "hint"),
    [
        ("could not attach to pid 7: operation not permitted", 1, "PR_SET_PTRACER"),
        ('try writing "0" to /proc/sys/kernel/yama/ptrace_scope', 2, "ptrace_scope is 2"),
        ("could not attach to pid 7: operation not permitted", 0, "protected"),
        ("could not attach to pid 7: operation not permitted", None, "protected"),
        ("could not open debug info", 1, "dlv's own"),
    ],
)
def test_refusal_is_explained(said: str, yama: int | None, hint: str) -> None:
    """Yama is blamed only where it is on."""
    assert hint in attach_refused("app", "svc", said, yama).advice


# --- with a real dlv and a real service


@dataclass(frozen=True, slots=True)
class Scene:
    """A shell, a service and a plan to debug it."""

    host: LocalTransport
    plan: Plan
    program: Path

    @property
    def pid(self) -> int:
        """The service's number."""
        return self.plan.process.pid

    @property
    def directory(self) -> Path:
        """The session's directory."""
        return Path(self.plan.directory)

    def is_free(self) -> bool:
        """Whether nobody traces the service and its code is that of its file."""
        code = in_file(self.program)
        return "TracerPid:\t0\n" in Path(f"/proc/{self.pid}/status").read_text() and code == in_memory(self.pid, code)

    def record(self) -> Record:
        """The session as it is found."""
        (found,) = ask(self.host, sessions(self.plan.root))
        return found


@pytest.fixture(scope="module")
def dlv() -> str:
    """A dlv for this machine."""
    release = choose(None)
    return str(Workshop().delve(release.version, parse_machine(os.uname().machine), say=print).path)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A service of the lab."""
    return binaries.all_built()["debug"]


@pytest.fixture
def scene(local: LocalTransport, dlv: str, program: Path, tmp_path: Path) -> Iterator[Scene]:
    """A running service and a plan for a session with a short path."""
    root = tmp_path / "r"
    (root / "sessions").mkdir(parents=True)
    env = {"TICKER_STATE_DIR": str(tmp_path), "TICKER_LISTEN": "127.0.0.1:0", "TICKER_TRACEABLE": "1"}
    with subprocess.Popen([program], env=env, stderr=subprocess.PIPE, start_new_session=True) as service:
        try:
            assert service.stderr is not None
            service.stderr.readline()
            process: Process = select(ask(local, processes()), host="here", pid=service.pid)
            yield Scene(local, Plan("0badf00d", str(root), dlv, process, "me"), program)
        finally:
            service.kill()


@contextmanager
def kept(scene: Scene) -> Iterator[LocalExchange]:
    """A session that is up."""
    exchange = scene.host.open(render_keeper(scene.plan))
    try:
        assert isinstance(next_event(exchange), Up)
        yield exchange
    finally:
        exchange.close()


def next_event(exchange: LocalExchange) -> Event:
    """What the keeper says next."""
    line = exchange.read_line(EVENT_S)
    assert line is not None, exchange.answer(EVENT_S).stderr
    return parse_event(line)


def last_event(exchange: LocalExchange) -> Event:
    """The keeper's last word."""
    event = next_event(exchange)
    while not isinstance(event, Ended):
        event = next_event(exchange)
    return event


def test_end_on_request(scene: Scene) -> None:
    """The word end makes the keeper detach and clean up."""
    with kept(scene) as exchange:
        exchange.send(b"end\n")
        ended = last_event(exchange)
    assert (Ended("clean"), True, False) == (ended, scene.is_free(), scene.directory.exists())


def test_end_of_input(scene: Scene) -> None:
    """So does the end of its input."""
    with kept(scene) as exchange:
        exchange.shell.hang_up()
        ended = last_event(exchange)
    assert (Ended("clean"), True, False) == (ended, scene.is_free(), scene.directory.exists())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_to_the_keeper(scene: Scene, number: signal.Signals) -> None:
    """And a signal, as when the machine is shut down."""
    with kept(scene) as exchange:
        os.kill(scene.record().keeper[0], number)
        ended = last_event(exchange)
    assert (Ended("clean"), True, False) == (ended, scene.is_free(), scene.directory.exists())


def test_hang_up_does_not_end_it(scene: Scene) -> None:
    """SIGHUP to the whole group leaves the session as it is."""
    with kept(scene) as exchange:
        exchange.shell.signal(signal.SIGHUP)
        state = scene.record().state
        exchange.send(b"end\n")
        ended = last_event(exchange)
    assert ("held", Ended("clean"), True) == (state, ended, scene.is_free())


def test_request_from_elsewhere_is_passed_on(scene: Scene) -> None:
    """A stop file makes the keeper tell whoever holds it."""
    with kept(scene) as exchange:
        (scene.directory / "stop").touch()
        asked = next_event(exchange)
        exchange.send(b"end\n")
        ended = last_event(exchange)
    assert (Asked(), Ended("clean")) == (asked, ended)


def test_ender_ends_an_orphan(scene: Scene) -> None:
    """When the shells are killed, dlv lives on in a session of its own until somebody ends it."""
    with kept(scene) as exchange:
        exchange.shell.signal(signal.SIGKILL)
        exchange.shell.process.wait(EVENT_S)
        record = scene.record()
        answer = scene.host.run(render_ender(record))
    ended = parse_event(answer.stdout.splitlines()[-1])
    assert ("orphaned", Ended("clean"), True, False) == (
        record.state,
        ended,
        scene.is_free(),
        scene.directory.exists(),
    )


def test_watcher_takes_over_from_a_killed_keeper(scene: Scene) -> None:
    """The second pair of eyes frees the process."""
    with kept(scene):
        record = scene.record()
        os.kill(record.keeper[0], signal.SIGKILL)
        gone = await_end(record.dlv[0], EVENT_S)
    assert (True, True) == (gone, scene.is_free())


def test_process_that_ends_is_told(scene: Scene) -> None:
    """The keeper says which of the two has gone, and ends with it."""
    with kept(scene) as exchange:
        os.kill(scene.pid, signal.SIGKILL)
        gone = next_event(exchange)
        exchange.send(b"end\n")
        ended = last_event(exchange)
    assert (Gone("process"), Ended("exited"), False) == (gone, ended, scene.directory.exists())


def test_killed_dlv_is_told_with_its_code(scene: Scene) -> None:
    """A dlv that ends by itself is no clean end."""
    with kept(scene) as exchange:
        os.kill(scene.record().dlv[0], signal.SIGKILL)
        gone = next_event(exchange)
        exchange.send(b"end\n")
        ended = last_event(exchange)
    assert isinstance(ended, Ended)
    assert (Gone("dlv"), "crashed", True) == (gone, ended.outcome, ended.detail.startswith("137:"))


def test_dlv_leaves_no_traces_outside(scene: Scene) -> None:
    """Its configuration and telemetry stay in the session's directory while it lasts."""
    with kept(scene) as exchange:
        inside = sorted(path.name for path in scene.directory.iterdir())
        exchange.send(b"end\n")
        last_event(exchange)
    assert ([], True) == (list(scene.host.home.iterdir()), {"config", "dlv.sock", "session.json"} <= set(inside))


def test_session_is_private(scene: Scene) -> None:
    """Nobody else can reach the socket."""
    with kept(scene) as exchange:
        mode = scene.directory.stat().st_mode & 0o777
        exchange.send(b"end\n")
        last_event(exchange)
    assert 0o700 == mode


def test_client_is_told_from_what_delve_leaves_open(scene: Scene) -> None:
    """A bare connection, whose other end Delve keeps for ever, does not hold the session; a live client does."""
    with kept(scene) as exchange:
        scene.host.connect_unix(scene.plan.socket).close()
        client = scene.host.connect_unix(scene.plan.socket)
        exchange.send(b"end\n")
        watched = last_event(exchange)
        client.close()
        answer = scene.host.run(render_ender(scene.record()))
    ended = parse_event(answer.stdout.splitlines()[-1])
    assert (Ended("watched"), Ended("clean"), True) == (watched, ended, scene.is_free())
