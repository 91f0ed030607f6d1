"""Other ways into a session, on a real host: a program that dlv starts, one that appears, a core file."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.journeys.dap.client import DapClient
from tests.lab.lab import Lab
from tests.ops.controllers import Child, Controller, finished, fresh_store, next_event, running
from tests.ops.debuggee import UNTOUCHED, Debuggee
from tests.ops.editors import CONFIGURATION, LEASE

PROGRAM = "/opt/ticker/ticker-debug"
ENV = ("--env", "TICKER_STATE_DIR=/run/ticker", "--env", "TICKER_LISTEN=127.0.0.1:0")
DUMP = """\
ulimit -c unlimited; cd "$1" || exit
GOTRACEBACK=crash TICKER_STATE_DIR=/run/ticker /opt/ticker/ticker-debug >/dev/null 2>&1 & pid=$!
tries=50; until [ -e /run/ticker/$pid.json ] || [ $((tries -= 1)) = 0 ]; do sleep 0.1; done
kill -QUIT $pid; wait $pid; ls "$1"
"""


@contextmanager
def session(stocked: Controller, *words: str) -> Iterator[tuple[Child, Any]]:
    """A session begun by these words, and its first event."""
    common = ("debug", "--host", "app", "--local-port", "0", "--lease", LEASE, "--json")
    with running(stocked.start(*common, *words)) as child:
        yield child, next_event(child)


def await_event(child: Child, kind: str) -> Any:
    """The next event of a kind."""
    while (event := next_event(child))["event"] != kind:
        pass
    return event


def lives(lab: Lab, pid: int) -> bool:
    """Whether a process of app runs."""
    return lab.exec("app", "sh", "-c", f"[ -d /proc/{pid} ] && echo yes || echo no").strip() == "yes"


def test_program_is_started_and_ends_with_the_session(lab: Lab, stocked: Controller) -> None:
    """It waits for the editor, stops at its breakpoint, is heard, and is gone afterwards."""
    file, line = lab.breakpoint()
    with session(stocked, "--exec", PROGRAM, *ENV) as (child, ready), DapClient() as editor:
        editor.attach(ready["port"], CONFIGURATION, {file: [line]})
        editor.stopped()
        lived = lives(lab, ready["pid"])
        child.send_signal(signal.SIGINT)
        ended = await_event(child, "ended")
        done = finished(child)
    left = Debuggee(lab, 1, stocked.store or "").left()
    expected = ("exec", True, "exited", 0, False, ())
    assert expected == (ready["kind"], lived, ended["outcome"], done.exit_code, lives(lab, ready["pid"]), left)


def test_program_is_heard(stocked: Controller) -> None:
    """What it prints arrives as events."""
    with session(stocked, "--exec", PROGRAM, *ENV) as (child, ready), DapClient() as editor:
        editor.attach(ready["port"], CONFIGURATION, {})
        printed = await_event(child, "output")
        child.send_signal(signal.SIGINT)
        finished(child)
    assert ("stderr", "ticker-debug ticks\n") == (printed["stream"], printed["text"])


def test_program_that_exits_ends_the_session(stocked: Controller) -> None:
    """Its exit code is told; without a place for its state the ticker gives up at once."""
    with session(stocked, "--exec", PROGRAM, "--env", "TICKER_STATE_DIR=/nowhere") as (child, ready):
        with DapClient() as editor:
            editor.attach(ready["port"], CONFIGURATION, {})
            ended = await_event(child, "ended")
        done = finished(child)
    assert ("exited", True, 0) == (ended["outcome"], "status 1" in ended["why"], done.exit_code)


def test_directory_and_environment_are_chosen(lab: Lab, stocked: Controller) -> None:
    """As the process has them."""
    with session(stocked, "--exec", "./ticker-debug", "--cwd", "/opt/ticker", *ENV) as (child, ready):
        where = lab.exec("app", "readlink", f"/proc/{ready['pid']}/cwd").strip()
        env = lab.exec("app", "cat", f"/proc/{ready['pid']}/environ").split("\0")
        child.send_signal(signal.SIGINT)
        finished(child)
    assert ("/opt/ticker", True) == (where, "TICKER_LISTEN=127.0.0.1:0" in env)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--exec", "no-such-program"), "no-such-program"),
        (("--exec", "/etc/passwd"), "unexecutable-program"),
        (("--exec", "/bin/ls"), "not-go-program"),
        (("--exec", "ls 'x"), "no-command"),
        (("--exec", PROGRAM, "--cwd", "/nowhere"), "no-such-directory"),
        (("--exec", PROGRAM, "--env", "=x"), "bad-variable"),
        (("--exec", PROGRAM, "--core", "/x"), "many-goals"),
        (("--cwd", "/tmp"), "many-goals"),
        (("--wait-for", "svc", "--pid", "7"), "many-goals"),
        (("--wait-for", ""), "empty-goal"),
        (("--core", PROGRAM), "not-core"),
        (("--core", "/nowhere"), "no-such-core"),
    ],
)
def test_what_cannot_be_started_is_named(stocked: Controller, words: tuple[str, ...], code: str) -> None:
    """By cause, before dlv runs."""
    said = stocked.run("debug", "--host", "app", "--local-port", "0", "--json", *words).document
    assert code == said["error"]["code"]


def test_process_that_appears_is_attached_to(lab: Lab, stocked: Controller) -> None:
    """One that ran before is only mentioned."""
    with session(stocked, "--wait-for", "ticker-debug") as (child, waiting):
        pid = lab.spawn()
        ready = await_event(child, "ready")
        child.send_signal(signal.SIGINT)
        done = finished(child)
    debuggee = Debuggee(lab, pid, stocked.store or "")
    state = debuggee.state()
    lab.kill(pid)
    assert (True, pid, 0, UNTOUCHED) == (
        lab.pid("ticker-debug") in waiting["running"],
        ready["pid"],
        done.exit_code,
        state,
    ), done.stderr


def test_waiting_ends_with_the_controller(lab: Lab, stocked: Controller) -> None:
    """Nothing stays on the target that waits."""
    with session(stocked, "--wait-for", "nobody-is-called-so") as (child, _):
        child.send_signal(signal.SIGINT)
        done = finished(child)
    assert (130, ()) == (done.exit_code, Debuggee(lab, 1, stocked.store or "").left())


@pytest.fixture
def core(lab: Lab) -> Iterator[str]:
    """A core file that the kernel has written of a ticker."""
    folder = fresh_store()
    lab.exec("app", "mkdir", folder)
    names = lab.exec("app", "bash", "-c", DUMP, "bash", folder).split()
    yield f"{folder}/{names[-1]}"
    lab.exec("app", "rm", "-rf", folder)


def test_core_file_is_opened_with_its_program(lab: Lab, stocked: Controller, core: str) -> None:
    """An editor sees where it crashed; the file stays as it was."""
    before = lab.exec("app", "sha256sum", core)
    with session(stocked, "--core", core) as (child, ready), DapClient() as editor:
        editor.attach(ready["port"], CONFIGURATION | {"stopOnEntry": True}, {})
        stop = editor.stopped()
        child.send_signal(signal.SIGINT)
        done = finished(child)
    expected = ("core", None, "ticker-debug", True, 0, before)
    told = (ready["kind"], ready["pid"], ready["process"])
    assert expected == (*told, bool(stop.frames), done.exit_code, lab.exec("app", "sha256sum", core)), done.stderr
