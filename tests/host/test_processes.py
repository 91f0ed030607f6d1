"""Processes on a target."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.errors import RemotegoError
from remotego.host.processes import Process, ProcessTable, processes
from remotego.ops.engine import ask
from tests.ops.local_transport import LocalTransport

FIELDS = "S 1 2 3 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 {start} 0 0"
LINES = st.sampled_from(
    ["yama 1", "yama absent", "yama x", "stat 0 0 1 (a) " + FIELDS.format(start=9), "exe 1 /bin/a", "exe 1", "stat  "]
)


def svc(pid: int = 10, **changed: object) -> Process:
    """A process of the login 1000 that nobody traces."""
    facts = {"pid": pid, "start": 5, "name": "svc", "state": "S", "uid": 1000, "tracer": 0, "exe": "/opt/svc"}
    return Process(**{**facts, **changed})  # type: ignore[arg-type]


def by_pid(table: ProcessTable, pid: int) -> Process:
    """The process of that number."""
    return next(one for one in table.processes if one.pid == pid)


@contextmanager
def running(program: str) -> Iterator[int]:
    """A process that runs ``program``, a copy of sleep; its pid, once it does."""
    shutil.copy("/usr/bin/sleep", program)
    with subprocess.Popen([program, "60"]) as child:
        try:
            yield child.pid
        finally:
            child.kill()


def test_own_process_is_found(local: LocalTransport) -> None:
    """This test's process is listed as /proc shows it."""
    found = by_pid(ask(local, processes()), os.getpid())
    start = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    exe = str(Path("/proc/self/exe").readlink())
    assert (start, os.getuid(), exe) == (found.start, found.uid, found.exe)


@pytest.mark.parametrize("name", ["two\nlines", "brackets) S 1", "tab\there", "back\\slash", "a -> b", "star *"])
def test_odd_names_do_not_break_lines(local: LocalTransport, tmp_path: Path, name: str) -> None:
    """A process whose name has newlines or brackets in it is still listed, with its start time."""
    with running(str(tmp_path / name)) as pid:
        table = ask(local, processes())
        start = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    assert [start] == [one.start for one in table.processes if one.pid == pid]


def test_forged_executable_is_not_believed(local: LocalTransport, tmp_path: Path) -> None:
    """A file name cannot pass another process off as a service."""
    me = os.getpid()
    real = str(Path("/proc/self/exe").readlink())
    forged = tmp_path / f"x\nlrwxrwxrwx 1 root root 0 Nov 23 08:13 /proc/{me}"
    (forged / "exe -> " / "opt").mkdir(parents=True)
    with running(str(forged / "exe -> " / "opt" / "svc")):
        table = ask(local, processes())
    assert by_pid(table, me).exe in (real, None)


def test_own_children_are_told_from_each_other(tmp_path: Path) -> None:
    """Several processes of one name are listed with their pids."""
    with running(str(tmp_path / "twice")) as one, running(str(tmp_path / "twice2")) as two:
        table = ask(LocalTransport(tmp_path), processes())
        labels = [by_pid(table, pid).label for pid in (one, two)]
    assert ["twice", "twice2"] == labels


def test_replaced_executable_keeps_its_name() -> None:
    """The kernel marks a binary that was replaced; people do not call it that."""
    assert "svc" == svc(exe="/opt/svc (deleted)").label


@given(st.text() | st.lists(LINES | st.text(max_size=20), max_size=8).map("\n".join))
def test_any_answer_is_read_or_refused(text: str) -> None:
    """An answer of any form gives a table, a ValueError or an error for the user."""
    try:
        found = processes().parse(text)
    except (ValueError, RemotegoError):
        return
    assert isinstance(found, ProcessTable)
