"""Asking what decides whether a process can be debugged; nothing is changed by asking.

One script of plain sh, so that even a host where nothing was ever pushed can be diagnosed in one round trip. What it
asks of sudo is what we would start by it later, so the answer is that of the policy, not a guess at it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from importlib.resources import files

from remotego.core.fact import Fact
from remotego.core.terminal import inert
from remotego.host.ptrace import CANDIDATES, Caller, Room, State, Sudo, Sudoing, Tracee

COMM_BYTES = 15
"""How much of a program's name the kernel keeps (proc(5), /proc/pid/comm)."""

_TARGET = re.compile(r"target\.(\d+)\.(\w+)")
_ROW = re.compile(r"(?P<mode>[-a-z][-a-zA-Z]{9})\S* +\d+ +(?P<owner>\d+) [^/]*(?P<path>/.*)")
_OCTAL = re.compile(r"\\([0-7]{3})")
_SCOPE = "/proc/sys/kernel/yama/ptrace_scope"


def tracing(*, process: str | None, pid: int | None, thorough: bool) -> Fact[Mapping[int, State]]:
    """Ask for the State of every process that the user may mean, by pid.

    A process that has renamed itself is only found by its ``pid``. ``thorough`` asks sudo even where the
    kernel lets this login attach already.
    """
    words = {"pid": str(pid or ""), "comm": (process or "").encode()[:COMM_BYTES].decode("utf-8", "ignore")}
    return Fact("tracing", _script(words, thorough=thorough), _parse)


def tracing_own() -> Fact[State]:
    """Ask for the State of a process of this login's own that nobody has named: one started for it, and ended again.

    It is no child of who asks, as Yama would treat that one better.
    """
    begin = "pid=$(sleep 60 </dev/null >/dev/null 2>&1 & echo $!)\ntrap 'kill \"$pid\" 2>/dev/null' EXIT"
    return Fact("tracing of its own", f"{begin}\n{_script({'comm': ''}, thorough=False)}", _parse_one)


def _script(words: Mapping[str, str], *, thorough: bool) -> str:
    all_words = {
        **words,
        "thorough": "1" if thorough else "",
        "candidates": " ".join(CANDIDATES),
        "parents": " ".join(sorted({above for path in CANDIDATES for above in _above(path)})),
    }
    script = files(__package__).joinpath("tracing.sh").read_text(encoding="utf-8")
    return "\n".join([*(f"{name}={shlex.quote(value)}" for name, value in all_words.items()), script])


def _parse_one(text: str) -> State:
    for state in _parse(text).values():
        return state
    raise ValueError("it does not tell of the process that was started")


def _parse(text: str) -> Mapping[int, State]:
    pairs = [(key, inert(value)) for key, equals, value in (line.partition("=") for line in text.split("\n")) if equals]
    one = dict(pairs)
    if absent := {"self.Uid", "self.Gid", "self.CapPrm", "yama"} - one.keys():
        raise ValueError(f"it does not tell {', '.join(sorted(absent))}")
    many = {name: [value for key, value in pairs if key == name] for name in ("mount", "row", "tool", "mate")}
    pids = dict.fromkeys(int(found[1]) for key, _ in pairs if (found := _TARGET.fullmatch(key)))
    return {pid: _state(pid, one, many) for pid in pids if f"target.{pid}.Uid" in one}


def _state(pid: int, one: Mapping[str, str], many: Mapping[str, list[str]]) -> State:
    return State(
        yama=None if one["yama"] == "absent" else int(one["yama"]),
        selinux_denies=one.get("selinux", "").split(" ")[0] == "1",
        scope_writable="ro" not in options_of(_SCOPE, many["mount"]),
        me=_caller(one, many["mate"]),
        target=_tracee(
            pid, {key.split(".", 2)[2]: text for key, text in one.items() if key.startswith(f"target.{pid}.")}
        ),
        same_namespace=one.get("self.map", "").split() == one.get(f"target.{pid}.map", "").split(),
        rooms=tuple(_room(path, many["row"], many["mount"]) for path in CANDIDATES),
        tools=frozenset(many["tool"]),
        sudo=_sudo(one),
    )


def _caller(one: Mapping[str, str], mates: list[str]) -> Caller:
    group, _, rest = one.get("group", "").partition(":")
    members = {name for name in rest.rpartition(":")[2].strip().split(",") if name} | set(mates)
    return Caller(
        name=one.get("name", ""),
        uids=_ids(one["self.Uid"]),
        gids=_ids(one["self.Gid"]),
        permitted=int(one["self.CapPrm"], 16),
        bounding=int(one.get("self.CapBnd", "0"), 16),
        no_new_privs=one.get("self.NoNewPrivs") == "1",
        seccomp=int(one.get("self.Seccomp", "0")),
        group=group,
        group_mates=tuple(sorted(members - {one.get("name", "")})),
    )


def _tracee(pid: int, told: Mapping[str, str]) -> Tracee:
    account = told.get("account", "").split(":")
    uids = _ids(told["Uid"])
    return Tracee(
        pid=pid,
        user=account[0] or f"#{uids[1]}",
        uids=uids,
        gids=_ids(told["Gid"]),
        permitted=int(told.get("CapPrm", "0"), 16),
        memory_owner=int(told["owner"]) if told.get("owner", "").isdecimal() else None,
        tracer=int(told.get("TracerPid", "0")),
        opened="opened" in told,
        program="program" in told,
        label=told.get("label", "").strip(),
    )


def _sudo(one: Mapping[str, str]) -> Sudo:
    return Sudo(
        root=_sudoing(one.get("sudo.root")),
        user=_sudoing(one.get("sudo.user")),
        gid=int(one["user.gid"]) if one.get("user.gid", "").isdecimal() else None,
        permitted=int(one.get("user.CapPrm", "0"), 16),
        home="user.home" in one,
        opened="user.opened" in one,
        program="user.program" in one,
    )


def _sudoing(said: str | None) -> Sudoing:
    """Read sudo's words (sudo(8), sudoers(5) in the C locale); without a rule it asks for a password as well."""
    match said:
        case None:
            return Sudoing("unasked")
        case "works" | "absent":
            return Sudoing(said)
        case _:
            words = said.removeprefix("no").strip()
            asks = "a password is required" in words
            return Sudoing("password" if asks else "refuses", words)


def _room(path: str, rows: Iterable[str], mounts: Iterable[str]) -> Room:
    """Judge a place for copies with capabilities: itself and all above it are root's alone, and run as they say."""
    found = {row["path"]: row for text in rows if (row := _ROW.fullmatch(text))}
    known = [found[one] for one in (*_above(path), path) if one in found]
    owned = all(
        row["mode"][0] == "d" and row["owner"] == "0" and "w" not in (row["mode"][5], row["mode"][8]) for row in known
    )
    return Room(path, owned=owned and len(known) >= len(_above(path)), hindrances=_hindrances(path, mounts))


def _hindrances(path: str, mounts: Iterable[str]) -> tuple[str, ...]:
    options = options_of(path, mounts)
    return tuple(name for name in ("nosuid", "noexec", "ro") if name in options)


def options_of(path: str, mounts: Iterable[str]) -> frozenset[str]:
    """Give the mount options that hold at a path, from lines as in /proc/self/mounts; the last mount wins."""
    best, options = "", ""
    for line in mounts:
        fields = line.split(" ")
        if len(fields) < 4:
            continue
        point = _OCTAL.sub(lambda code: chr(int(code[1], 8)), fields[1]).rstrip("/")
        if (path == point or path.startswith(f"{point}/")) and len(point) >= len(best):
            best, options = point, fields[3]
    return frozenset(options.split(","))


def _above(path: str) -> tuple[str, ...]:
    """Name the directories above a path, the outermost first."""
    parts = path.split("/")[1:-1]
    return tuple("/" + "/".join(parts[:depth]) for depth in range(len(parts) + 1))


def _ids(text: str) -> tuple[int, int, int]:
    """Read the real, effective and saved id of a status line."""
    real, effective, saved = (int(word) for word in text.split()[:3])
    return real, effective, saved
