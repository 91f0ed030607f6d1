"""The condition of a login and its machine: all that deploying and debugging depend on, in one question.

Unlike ``survey`` it refuses nothing: what is wrong is for a doctor to say. Nothing in our directory is believed, only
listed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from remotego.core.fact import Fact
from remotego.core.health import Place
from remotego.core.terminal import inert
from remotego.host.homefiles import SERVERS
from remotego.host.root import root_word
from remotego.host.survey import Survey
from remotego.host.tracing import options_of

START_S = 10
"""How long a start-up file may take."""

_ROW = re.compile(r"(?P<mode>[-a-z][-a-zA-Z]{9})\S* +\d+ +(?P<owner>\d+) [^/]*(?P<path>/.*)")
_LIMIT = re.compile(r"(?P<name>Max [a-z ]+?)  +(?P<soft>\d+|unlimited) +(?P<hard>\d+|unlimited)")
_TRACEE = re.compile(r"/proc/(\d+)/status:TracerPid:\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds of the target's clock when the script began and when it ended."""

    begun: int
    ended: int


@dataclass(frozen=True, slots=True)
class Space:
    """What is free on a file system and what there is in all, in kB or in inodes."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Dlv:
    """A debugger that runs: its ``parent``, pid and name, its user, its command line, and whom it holds (0: nobody)."""

    pid: int
    parent: int
    parent_name: str
    uid: int
    command: str
    tracee: int


@dataclass(frozen=True, slots=True)
class Watched:
    """A process that a watchdog kills when it has been silent for ``limit_s`` seconds."""

    pid: int
    name: str
    limit_s: float


@dataclass(frozen=True, slots=True)
class Condition:
    """What was found.

    ``root`` is our directory, ``place`` the nearest one at or above it that is there; ``rows`` are those of our
    directory that are there, itself first. ``limits`` are soft limits by the kernel's names, None for unlimited.
    ``noise`` is what start-up files print into a command. ``others`` are more directories of ours. ``programs`` are
    those that editors' settings name and that exist.
    """

    clock: Clock
    system: str
    machine: str
    kernel: str
    uid: int
    name: str
    home: str
    shell: str
    port: int | None
    root: str
    place: str
    digest: str
    tools: frozenset[str]
    missing: tuple[str, ...]
    writable: frozenset[str]
    rows: tuple[Place, ...]
    options: frozenset[str]
    space: Space | None
    inodes: Space | None
    others: tuple[str, ...]
    home_row: Place | None
    home_writable: bool
    ssh_files: tuple[Place, ...]
    limits: Mapping[str, int | None]
    host_keys: tuple[str, ...]
    noise: str | None
    dlvs: tuple[Dlv, ...]
    watched: tuple[Watched, ...]
    programs: frozenset[str]

    @property
    def survey(self) -> Survey:
        """What the engine has to know to make the directory ours alone; nothing in it is believed."""
        return Survey(
            machine=self.machine,
            uid=self.uid,
            home=self.home,
            root=self.root,
            digest=self.digest,
            gzip="gzip" in self.tools,
            missing=tuple(sorted(self.missing, key=len)),
            stored=frozenset(),
        )


def condition(store: str | None = None) -> Fact[Condition]:
    """Ask for a Condition. ``store`` overrides where we keep things on the target."""
    script = files(__package__).joinpath("condition.sh").read_text(encoding="utf-8")
    head = f"root={root_word(store)}\nservers={shlex.quote(' '.join(SERVERS))}\nlimit_s={START_S}"
    return Fact("condition", f"{head}\n{script}", _parse)


def _parse(text: str) -> Condition:
    pairs = [(key, inert(value)) for key, equals, value in (line.partition("=") for line in text.split("\n")) if equals]
    one = dict(pairs)
    if absent := {"clock", "clock-end", "system", "uid", "home", "root", "place"} - one.keys():
        raise ValueError(f"it does not tell {', '.join(sorted(absent))}")
    many = {
        name: [value for key, value in pairs if key == name]
        for name in (
            *("tool", "missing", "writable", "row", "mount", "other", "ssh-row", "limit", "host-key", "dlv", "tracee"),
            *("thread", "watched", "program"),
        )
    }
    uid = int(one["uid"])
    return Condition(
        clock=Clock(int(one["clock"]), int(one["clock-end"])),
        system=one["system"],
        machine=one.get("machine", ""),
        kernel=one.get("kernel", ""),
        uid=uid,
        name=one.get("name", ""),
        home=one["home"],
        shell=one.get("shell", ""),
        port=int(one["port"]) if one.get("port", "").isdecimal() else None,
        root=one["root"],
        place=one["place"],
        digest=one.get("digest", ""),
        tools=frozenset(many["tool"]),
        missing=tuple(many["missing"]),
        writable=frozenset(many["writable"]),
        rows=_places(many["row"], uid),
        options=options_of(one["place"], many["mount"]),
        space=_space(one.get("df-k")),
        inodes=_space(one.get("df-i")),
        others=tuple(dict.fromkeys(many["other"])),
        home_row=next(iter(_places([one["home-row"]], uid)), None) if "home-row" in one else None,
        home_writable="home-writable" in one,
        ssh_files=_places(many["ssh-row"], uid),
        limits=_limits(many["limit"]),
        host_keys=tuple(many["host-key"]),
        noise=one["noise"].strip() if "noise" in one else None,
        dlvs=_dlvs(many["dlv"], many["tracee"], many["thread"]),
        watched=tuple(filter(None, map(_watched, many["watched"]))),
        programs=frozenset(many["program"]),
    )


def _places(rows: Sequence[str], uid: int) -> tuple[Place, ...]:
    found = (_ROW.fullmatch(row) for row in rows)
    return tuple(Place(row["path"], bits(row["mode"]), mine=_is_mine(row, uid)) for row in found if row)


def _is_mine(row: re.Match[str], uid: int) -> bool:
    """A link is nobody's: it may lead anywhere."""
    return int(row["owner"]) == uid and not row["mode"].startswith("l")


def bits(mode: str) -> int:
    """Read permission bits as ``ls`` writes them."""
    value = 0
    for place, letter in enumerate(mode[1:10]):
        value |= (letter not in "-ST") << (8 - place)
    specials = zip((mode[3], mode[6], mode[9]), (0o4000, 0o2000, 0o1000), strict=True)
    return value | sum(bit for letter, bit in specials if letter in "sStT")


def _space(line: str | None) -> Space | None:
    """Read a line of ``df -P``: device, total, used, free, share, place; a total of 0 or - tells nothing."""
    columns = (line or "").split()
    numbers = [int(word) for word in columns[1:4] if word.isdecimal()]
    return Space(numbers[2], numbers[0]) if len(numbers) == 3 and numbers[0] else None


def _limits(lines: Sequence[str]) -> Mapping[str, int | None]:
    found = (_LIMIT.match(line) for line in lines)
    return {row["name"]: None if row["soft"] == "unlimited" else int(row["soft"]) for row in found if row}


def _dlvs(lines: Sequence[str], held: Sequence[str], threads: Sequence[str]) -> tuple[Dlv, ...]:
    """Read debuggers. The kernel names the thread that traces, not its process (proc(5), TracerPid)."""
    owner = {thread: pid for pid, _, thread in (line.partition(" ") for line in threads)}
    found = [row for line in held if (row := _TRACEE.match(line)) and owner.get(row[2], "").isdecimal()]
    tracees = {int(owner[row[2]]): int(row[1]) for row in found}
    rows = (line.split("\t", 3) for line in lines if "** telemetry **" not in line)
    return tuple(dlv for row in rows if (dlv := _dlv(row, tracees)))


def _dlv(row: Sequence[str], tracees: Mapping[int, int]) -> Dlv | None:
    ids = row[1].split() if len(row) == 4 else []
    if len(ids) != 2 or not all(word.isdecimal() for word in (row[0], *ids)):
        return None
    pid = int(row[0])
    return Dlv(pid, int(ids[0]), row[2].strip(), int(ids[1]), row[3].strip(), tracees.get(pid, 0))


def _watched(line: str) -> Watched | None:
    pid, _, rest = line.partition("\t")
    name, _, span = rest.rpartition("\t")
    return Watched(int(pid), name, int(span) / 1e6) if pid.isdecimal() and span.isdecimal() else None
