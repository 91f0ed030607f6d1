"""Claims of tasks on local ports."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from remotego.adapters.claims import (
    UNUSED_S,
    Claim,
    Claimed,
    ForeignFolderError,
    StuckTaskError,
    claim,
    end_task,
    find_claim,
    forget_claim,
    is_held,
    last_problem,
    note_problem,
    one_at_a_time,
)

PORT = 23512
LIMIT_S = 30.0
HOLD = """\
import signal, sys, pathlib, threading
from remotego.adapters.claims import claim
ended = threading.Event()
signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[2] == "deaf" else lambda *_: ended.set())
with claim(pathlib.Path(sys.argv[1]), 23512, "app1"):
    print("held", flush=True)
    ended.wait(60)
"""


def task(folder: Path, kind: str = "heeds") -> subprocess.Popen[bytes]:
    """Another process that holds the claim."""
    child = subprocess.Popen([sys.executable, "-c", HOLD, folder, kind], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert b"held\n" == child.stdout.readline()
    return child


def test_a_claim_tells_who_holds_it(tmp_path: Path) -> None:
    """Its process, where it leads to, its session and its editors."""
    with claim(tmp_path, PORT, "app1") as mine:
        assert isinstance(mine, Claimed)
        mine.note(session="1f0c", clients=1)
        found = find_claim(tmp_path, PORT)
    assert Claim(os.getpid(), "app1", "1f0c", 1) == found


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, True),
        ({"clients": 1}, False),
        ({"came": False}, False),
        ({"came": False, "up_s": 999.0 - UNUSED_S}, True),
        ({"came": False, "session": "", "up_s": 0.0}, False),
        ({"choice": "other"}, False),
        ({"choice": ""}, False),
        ({"host": "app2"}, False),
    ],
    ids=["gone", "in use", "not come", "long not come", "not up", "another choice", "older version", "another host"],
)
def test_a_task_can_be_taken_over_when_its_editor_has_gone(state: dict[str, Any], expected: bool) -> None:
    """Only by who asks for the same; a second "not come yet" is none of "gone"."""
    left = Claim(1, "app1", "1f0c", 0, choice="svc", came=True, up_s=990.0)
    assert expected == replace(left, **state).is_left("app1", "svc", now_s=1000.0)


def test_a_choice_that_nobody_shares_takes_nothing_over() -> None:
    """What has no name is never the same."""
    assert False is Claim(1, "app1", "1f0c", 0, choice="", came=True).is_left("app1", "", now_s=1000.0)


def test_notes_of_several_threads_are_all_kept(tmp_path: Path) -> None:
    """An editor may come while the session is noted."""
    with claim(tmp_path, PORT, "app1") as mine, ThreadPoolExecutor() as threads:
        assert isinstance(mine, Claimed)
        news: list[dict[str, Any]] = [{"session": "1f0c"}, {"clients": 1}, {"came": True}, {"up_s": 7.0}]
        list(threads.map(lambda one: mine.note(**one), news * 20))
        found = find_claim(tmp_path, PORT)
    assert Claim(os.getpid(), "app1", "1f0c", 1, came=True, up_s=7.0) == found


def test_a_claim_goes_with_its_block(tmp_path: Path) -> None:
    """Nothing is left to find."""
    with claim(tmp_path, PORT, "app1"):
        held = is_held(tmp_path, PORT)
    assert (True, False, None) == (held, is_held(tmp_path, PORT), find_claim(tmp_path, PORT))


def test_a_port_has_one_claim(tmp_path: Path) -> None:
    """The second is told whose it is; another port is another matter."""
    with claim(tmp_path, PORT, "app1"), claim(tmp_path, PORT, "app2") as second, claim(tmp_path, 1, "app2") as other:
        seen = (second, isinstance(other, Claimed))
    assert (Claim(os.getpid(), "app1"), True) == seen


def test_a_claim_that_is_not_written_yet_is_waited_for(tmp_path: Path) -> None:
    """Two tasks may begin at once."""
    with FileLock(tmp_path / f"{PORT}.lock"), ThreadPoolExecutor() as threads:
        second = threads.submit(lambda: claim(tmp_path, PORT, "app1").__enter__())
        (tmp_path / f"{PORT}.json").write_text('{"pid": 7, "host": "app1"}')
        assert Claim(7, "app1") == second.result(LIMIT_S)


def test_a_task_that_is_asked_has_ended(tmp_path: Path) -> None:
    """When the question returns, its claim is free and its process has exited."""
    with task(tmp_path) as child:
        held = is_held(tmp_path, PORT)
        end_task(tmp_path, PORT, Claim(child.pid, "app1"), LIMIT_S)
        assert (True, False, 0) == (held, is_held(tmp_path, PORT), child.poll())


def test_a_task_that_does_not_end_is_an_error(tmp_path: Path) -> None:
    """It is not waited for without end."""
    with task(tmp_path, "deaf") as child:
        try:
            with pytest.raises(StuckTaskError):
                end_task(tmp_path, PORT, Claim(child.pid, "app1"), 0.2)
        finally:
            child.kill()


def test_only_one_command_ends_a_task(tmp_path: Path) -> None:
    """A second one waits, and not without end."""
    with one_at_a_time(tmp_path, PORT, LIMIT_S), pytest.raises(StuckTaskError), one_at_a_time(tmp_path, PORT, 0.1):
        pass


def test_a_killed_task_leaves_its_note(tmp_path: Path) -> None:
    """Nobody holds it, and what it led to can still be ended."""
    with task(tmp_path) as child:
        child.kill()
        child.wait(LIMIT_S)
        left = (is_held(tmp_path, PORT), find_claim(tmp_path, PORT))
    forget_claim(tmp_path, PORT)
    assert ((False, Claim(child.pid, "app1")), None) == (left, find_claim(tmp_path, PORT))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "host": "a", "x": 2}'])
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    """Such as one of another version."""
    (tmp_path / f"{PORT}.json").write_text(text)
    assert None is find_claim(tmp_path, PORT)


def test_claims_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Nobody else learns of hosts and sessions."""
    with claim(tmp_path / "tasks", PORT, "app1"):
        mode = (tmp_path / "tasks").stat().st_mode & 0o777
    assert 0o700 == mode


@pytest.mark.parametrize("kind", ["open", "link"])
def test_a_folder_that_others_can_write_is_refused(tmp_path: Path, kind: str) -> None:
    """Whoever writes a claim decides which process is asked to end."""
    folder = tmp_path / "tasks"
    (tmp_path / "real").mkdir()
    if kind == "open":
        folder.mkdir()
        folder.chmod(0o777)
    else:
        folder.symlink_to(tmp_path / "real")
    with pytest.raises(ForeignFolderError), claim(folder, PORT, "app1"):
        pass


def test_the_last_problem_is_remembered_until_it_is_gone(tmp_path: Path) -> None:
    """Its file is known to the next task."""
    note_problem(tmp_path / "tasks", PORT, "/w/launch.json")
    first = last_problem(tmp_path / "tasks", PORT)
    note_problem(tmp_path / "tasks", PORT, None)
    assert ("/w/launch.json", None) == (first, last_problem(tmp_path / "tasks", PORT))
