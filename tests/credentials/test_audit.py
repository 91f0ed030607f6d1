"""The log of what was lent: for its user alone, bounded, and not to be pushed out by one that asks without end."""

import json
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from remotego.adapters.ledger import LINE_BYTES, MOST_BYTES, note
from remotego.cli.audit import SHARE_BYTES, Audit
from remotego.cli.render import Printer

EVENT = {"event": "granted", "code": "granted", "url": "https://h.example/x", "chain": ["git"] * 8, "pid": 1}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A place for a log."""
    return tmp_path / "state" / "auth.jsonl"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Any]]:
    """What this machine's log has."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return lambda: lines(tmp_path / "remotego" / "auth.jsonl")


def lines(path: Path) -> list[Any]:
    """Read a log."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_log_is_for_its_user_alone_and_does_not_grow_without_end(log: Path) -> None:
    """It is 0600, whatever it was before; when it is full there is one old one."""
    note(log, {"event": "granted"})
    log.chmod(0o644)
    note(log, {"event": "granted"})
    assert (0o600, 0o700) == (stat.S_IMODE(log.stat().st_mode), stat.S_IMODE(log.parent.stat().st_mode))
    log.write_text("x" * (MOST_BYTES + 1))
    note(log, {"event": "ended"})
    assert ([{"event": "ended"}], True) == (lines(log), log.with_suffix(".old").exists())


def test_a_line_has_an_end(log: Path) -> None:
    """Whatever somebody on a host has made of a name; each text keeps its beginning, and it is JSON still."""
    note(log, {"event": "granted", "url": "\x00" * 100_000, "chain": ["\U0001f600" * 9000] * 8, "pid": 7})
    (line,) = lines(log)
    assert (True, "granted", 7) == (len(log.read_bytes()) <= LINE_BYTES + 1, line["event"], line["pid"])


def test_two_at_once_lose_nothing_when_it_is_full(log: Path) -> None:
    """The one that comes second finds the log that the first has just begun."""
    note(log, {"event": "ready"})
    log.write_text("{}\n" * (MOST_BYTES // 3 + 1))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: note(log, {"number": number}), range(16)))
    assert set(range(16)) == {line["number"] for line in lines(log)}


@pytest.mark.parametrize("odd", ["link", "fifo", "open"])
def test_a_log_that_others_could_have_put_there_is_not_written(log: Path, odd: str) -> None:
    """A link, a pipe that nobody reads, a directory that others may write."""
    log.parent.mkdir()
    match odd:
        case "link":
            log.symlink_to(log.parent / "elsewhere")
        case "fifo":
            os.mkfifo(log)
        case _:
            log.parent.chmod(0o777)
    with pytest.raises(OSError, match=r"."):
        note(log, {"event": "granted"})
    assert not (log.parent / "elsewhere").exists()


def test_one_connection_has_a_share_of_the_log(kept: Callable[[], list[Any]]) -> None:
    """Its first events stand there, what comes beyond is a number at its end, and another has a share of its own."""
    flood, quiet = Audit(Printer()), Audit(Printer())
    count = 2 * SHARE_BYTES // len(json.dumps(EVENT))
    for _ in range(count):
        flood.note("h", EVENT)
    flood.note("h", {"event": "ended", "why": "end"})
    quiet.note("h", EVENT)
    *first, more, ended, other = kept()
    assert (count, "ended", "granted") == (len(first) + more["counts"]["granted"], ended["event"], other["event"])
