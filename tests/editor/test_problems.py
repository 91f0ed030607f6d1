"""What is broken on the way is seen in the editor's Problems view, with its cause and its remedy."""

import contextlib
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.editor.browser import TEST_LIMIT_S
from tests.editor.debugging import Debugging
from tests.editor.desk import Desk
from tests.editor.problems import Problem, show_errors
from tests.editor.window import Window
from tests.journeys.scene import Scene, scene
from tests.lab.lab import Lab
from tests.ops.debuggee import UNTOUCHED

pytestmark = pytest.mark.timeout(TEST_LIMIT_S)

Broken = contextlib.AbstractContextManager[object]


def another_program_has_the_port(_: Scene, port: int) -> Broken:
    """Somebody listens where the tunnel is to end."""
    return socket.create_server(("127.0.0.1", port))


def the_jump_host_shows_another_key(one: Scene, _: int) -> Broken:
    """The developer has pinned another host's key for it."""
    known, config = one.workspace.parent / "known_hosts", one.workspace.parent / "ssh_config"
    pins = (one.lab.run_dir / "known_hosts").read_text()
    jump = f"[127.0.0.1]:{one.lab.resolved('jump', 'port')}"
    keys = dict(line.split(" ", 1) for line in pins.splitlines())
    known.write_text(pins.replace(keys[jump], keys["hardened"]))
    config.write_text(one.lab.ssh_config.read_text().replace(str(one.lab.run_dir / "known_hosts"), str(known)))
    return edited(one.workspace / "remotego.toml", str(one.lab.ssh_config), str(config))


def the_service_is_somebody_elses(one: Scene, _: int) -> Broken:
    """It runs as another user by now, and the team wants no right to be widened for that."""
    with (one.workspace / "remotego.toml").open("a") as settings:
        settings.write('ptrace = "none"\n')
    other = one.lab.pid("ticker-svc")
    return edited(one.workspace / ".vscode" / "tasks.json", f'"{one.debuggee.pid}"', f'"{other}"')


@contextlib.contextmanager
def edited(file: Path, before: str, after: str) -> Iterator[None]:
    """Have other words in a file for a while."""
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))
    yield
    file.write_text(text)


@dataclass(frozen=True, slots=True)
class Case:
    """How F5 is broken, and what the problem's code, cause and remedy are then."""

    broken: Callable[[Scene, int], Broken]
    code: str
    cause: str
    remedy: str


CASES = {
    "port-taken": Case(
        another_program_has_the_port,
        "port-taken",
        r"port \d+ of 127\.0\.0\.1 is taken by process \d+",
        "give another --local-port",
    ),
    "wrong-host-key": Case(
        the_jump_host_shows_another_key,
        "host-key-changed",
        r"the host key of jump .* has CHANGED",
        "do not go on before its administrator confirms",
    ),
    "ptrace-denied": Case(
        the_service_is_somebody_elses,
        "uid-differs",
        r"app: ticker-svc \(pid \d+\) runs as svc, and this login is dev",
        "log in as svc",
    ),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the view shows after F5."""

    case: Case
    scene: Scene
    problems: list[Problem]


@pytest.fixture(scope="module", params=CASES)
def seen(
    request: pytest.FixtureRequest, lab: Lab, desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """Generate, break, open, click, F5, ask for the errors."""
    case = CASES[request.param]
    with scene(lab, tmp_path_factory.mktemp(request.param), "debug") as one:
        port = one.launch()["port"]
        with case.broken(one, port), desk.window(one.workspace, request.param) as window:
            problems = _press_f5(one, window)
            window.photograph(request.param)
        yield Seen(case, one, problems)


def _press_f5(one: Scene, window: Window) -> list[Problem]:
    debugging = Debugging(window)
    window.open_file(one.line.path.name)
    debugging.click_breakpoint(one.line.number)
    debugging.start()
    return show_errors(window)


def test_the_view_shows_one_problem_of_ours(seen: Seen) -> None:
    """F5 is one error, by its name."""
    assert [("remotego", seen.case.code)] == [(one.source, one.code) for one in seen.problems]


def test_the_problem_says_its_cause_and_then_its_remedy(seen: Seen) -> None:
    """One line tells what is wrong and what to do."""
    cause, _, remedy = seen.problems[0].message.partition("; try: ")
    assert (True, True) == (bool(re.match(seen.case.cause, cause)), seen.case.remedy in remedy)


def test_the_problem_is_shown_at_what_f5_reads(seen: Seen) -> None:
    """A click on it leads to the files that say what F5 does."""
    assert seen.problems[0].file in ("launch.json", "tasks.json", "remotego.toml")


def test_the_service_is_untouched(seen: Seen) -> None:
    """What failed has left nothing behind."""
    assert UNTOUCHED == seen.scene.debuggee.state()
