"""What root does for a session and takes back after it: sh for sudo, and what it tells.

Root's part, the custodian, is one script. It does its steps, says so, and waits for the end of its input, which only
the session's own processes hold open: whoever dies first, the kernel tells the custodian, and it takes its steps back.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import assert_never

from remotego.core.change import Change, RemovePrivileged, RestoreScope, Reversal
from remotego.core.errors import HostError, RefusedError
from remotego.core.terminal import inert
from remotego.host.journal import write_entry
from remotego.host.ptrace import PERSISTENT
from remotego.host.ptrace_plan import CapableCopies, LowerScope, PersistScope, capability_words
from remotego.host.scripts import assign
from remotego.host.verdict import DAC_OVERRIDE, DAC_READ_SEARCH

GO = b"go\n"
"""What the session waits for once its custodian is ready."""

REFUSED, UNDONE, LEFT = 1, 3, 4
"""How root's part ends: sudo refused it, it failed and took back what it had done, it could not take all back.

With 0 all went well; codes from 128 up are signals, and then the journal keeps the way back, too.
"""

Step = CapableCopies | LowerScope

RECORDS = "/run/remotego-ptrace"
"""Root's record of the level before and of the sessions that need a lower one; its lock, too."""

_SUDO = "sudo -n -- /bin/sh -s"

_SUDO_ASKING = (
    "sudo -k -S -p '' -- /bin/sh -c 'while IFS= read -r line; do [ \"$line\" = \"#root\" ] && exec /bin/sh -s; done'"
)
"""Where sudo did not want the password after all, it is read and thrown away, never executed."""


@dataclass(eq=False)
class RootWorkError(HostError):
    """Root could not do its part; what it had done is taken back."""

    host: str
    why: str
    what = "{host}: root's part of the session failed: {why}"
    remedy = "see `remotego ptrace --host {host}` for other policies; what had been done was taken back"


@dataclass(eq=False)
class RootLeftError(HostError):
    """Root's part did not end well, and something of it may be left."""

    host: str
    why: str
    what = "{host}: the session has ended, but root's part of it not cleanly: {why}"
    remedy = "`remotego undo --host {host}` takes back what it left: the journal there has it"


@dataclass(eq=False)
class PasswordRefusedError(RefusedError):
    """Sudo did not take the password, or allows nothing to whom it belongs."""

    host: str
    said: str
    what = "{host}: sudo refuses: {said}"
    remedy = "try again with the password of that login there; a login without a rule in sudoers needs another --ptrace"


@dataclass(frozen=True, slots=True)
class Program:
    """A program to copy, ``dlv`` or ``agent``: where it is in the store, and the bytes it must have."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RootWork:
    """What root does for one session: ``id`` names it on the host, ``digest`` is what prints a SHA-256 there."""

    id: str
    digest: str
    steps: tuple[Step, ...]
    programs: tuple[Program, ...] = ()

    @property
    def change(self) -> Change:
        """For the journal: what takes the work back when the custodian cannot."""
        return Change(
            f"rights for session {self.id}", (), tuple(_reversal(step, self.id) for step in reversed(self.steps))
        )

    def path_of(self, name: str) -> str:
        """Where the session finds a program: its copy, if there is one."""
        copies = [f"{step.place}/{self.id}/{name}" for step in self.steps if isinstance(step, CapableCopies)]
        return copies[0] if copies else next(one.path for one in self.programs if one.name == name)


@dataclass(frozen=True, slots=True)
class Told:
    """An event of root's part: it "asks" for the password, is "ready", "did" something, or has "failed"."""

    state: str
    text: str


def parse_told(line: bytes) -> Told | None:
    """Read an event of the custodian; None for any other line."""
    try:
        match json.loads(line):
            case {"event": "root", "state": "asks" | "ready" | "did" | "failed" as state, "text": str(text)}:
                return Told(state, inert(text))
            case _:
                return None
    except (ValueError, RecursionError):
        return None


def attend(session: str, work: RootWork, *, root: str, by: str, nonce: str, secret: bool) -> str:
    """Wrap a session's script so that root attends it. Its directory ``root`` is there already.

    With a ``secret`` it asks for the password first. Once the custodian is ready it waits for the line GO; what
    follows on its input is the session's. The journal has the way back before root does anything, and forgets it
    when the custodian has taken its steps back.
    """
    names = {"journal": f"{root}/journal", "nonce": nonce, "note": write_entry(work.change, by)}
    return f"""\
{assign(names)}
entry=$journal/$(date +%s)-$nonce-0.json
printf '%s\\n' "$note" > "$journal/.$nonce" && mv -f "$journal/.$nonce" "$entry" || exit 1
exec 4>&1
{{
{_feed(render_custodian(work), secret=secret)}
exec 5>&1 >&4 4>&-
IFS= read -r word && [ "$word" = go ] || exit 0
{session}
}} | {{
trap '' HUP INT TERM PIPE
exec >&4 4>&-
{_SUDO_ASKING if secret else _SUDO}
code=$?
case $code in 0|{REFUSED}|{UNDONE}) rm -f "$entry" ;; esac
[ "$code" = 0 ] || {_event("failed", "it ended with a code other than 0")}
exit "$code"
}}
"""


def as_root(text: str, *, secret: bool) -> str:
    """Render a script that has root run another; with a ``secret`` it asks for the password first."""
    return f"exec 4>&1\n{{\n{_feed(text, secret=secret)}\n}} | {_SUDO_ASKING if secret else _SUDO}"


def render_check() -> str:
    """Ask whether sudo takes a password. One attempt, apart: a wrong one must not eat what comes after it."""
    return f"{_event('asks', '')}\nIFS= read -r secret; printf '%s\\n' \"$secret\" | sudo -k -S -p '' -- /bin/sh -c :"


def render_custodian(work: RootWork) -> str:
    """Render root's part of a session."""
    does = [line for step in work.steps for line in _do(step, work)]
    undoes = [_undo(step) for step in reversed(work.steps)]
    return "\n".join(
        [
            *("{", _functions(work.id, work.digest)),
            *("undo_all() {", "code=0", *(f"{line} || code=1" for line in undoes), "return $code", "}"),
            f"{{ {' && '.join(does)}; }} || {{ undo_all && exit {UNDONE}; exit {LEFT}; }}",
            "event ready ''",
            "cat >/dev/null",
            f"undo_all || exit {LEFT}",
            *("exit 0", "}", ""),
        ]
    )


def render_persist(step: PersistScope, work_id: str) -> str:
    """Render what root does to keep the level at 0 for good."""
    return "\n".join(["{", _functions(work_id, ":"), f"persist_scope {step.before}", "exit", "}", ""])


def persisting(step: PersistScope) -> Change:
    """For the journal: what takes that back."""
    return Change(f"keep kernel.yama.ptrace_scope at 0 (it was {step.before})", (), (RemovePrivileged(PERSISTENT),))


def render_root_undo(acts: Sequence[Reversal]) -> str | None:
    """Render what root has to take back of checked reversals, None if nothing."""
    lines: list[str] = []
    for act in acts:
        match act:
            case RestoreScope(session):
                lines.append(f"id={shlex.quote(session)} && restore_scope || code=1")
            case RemovePrivileged(path) if path == PERSISTENT:
                lines.append("forget_persistent || code=1")
            case RemovePrivileged(path):
                place, _, session = path.rpartition("/")
                lines.append(f"id={shlex.quote(session)} && remove_room {shlex.quote(place)} || code=1")
            case _:
                continue
    if not lines:
        return None
    return "\n".join(["{", _functions("", ":"), "code=0", *lines, "exit $code", "}", ""])


def undo_as_root(acts: Sequence[Reversal], *, secret: bool) -> str | None:
    """Have root take back what is root's of checked reversals, None if nothing is; sudo is left alone where nothing of
    it is there any more, so that it does not take rights to find that out.
    """
    text = render_root_undo(acts)
    if text is None:
        return None
    places = [RECORDS, *(act.path for act in acts if isinstance(act, RemovePrivileged))]
    there = " || ".join(f"[ -e {shlex.quote(path)} ]" for path in places)
    return f"{there} || exit 0\n{as_root(text, secret=secret)}"


def reasons(stderr: bytes) -> str:
    """What root's script says of a failure, else the last of what sudo says."""
    lines = [line.strip() for line in inert(stderr).split("\n") if line.strip()]
    ours = [line.removeprefix("#root ") for line in lines if line.startswith("#root ")]
    return "; ".join(ours or lines[-3:]) or "it does not say why"


def _do(step: Step, work: RootWork) -> list[str]:
    match step:
        case LowerScope(before):
            return [f"lower_scope {before}"]
        case CapableCopies(place, _, gid, capabilities):
            where = f"{shlex.quote(place)} {gid}"
            copies = [
                f"add_copy {where} {shlex.join((one.name, one.path, one.sha256, _capabilities(one, capabilities)))}"
                for one in work.programs
            ]
            return [f"make_room {where}", *copies]
        case _:
            assert_never(step)


def _capabilities(program: Program, mask: int) -> str:
    """Let the agent write code back, too, into a process whose files are not ours."""
    more = DAC_OVERRIDE if program.name == "agent" and mask & DAC_READ_SEARCH else 0
    return capability_words(mask | more)


def _undo(step: Step) -> str:
    match step:
        case LowerScope():
            return "restore_scope"
        case CapableCopies(place):
            return f"remove_room {shlex.quote(place)}"
        case _:
            assert_never(step)


def _reversal(step: Step, session: str) -> Reversal:
    match step:
        case LowerScope(before):
            return RestoreScope(session, before)
        case CapableCopies(place):
            return RemovePrivileged(f"{place}/{session}")
        case _:
            assert_never(step)


def _feed(text: str, *, secret: bool) -> str:
    """Print root's script, and before it the password that sudo reads, which never leaves the shell's memory."""
    asks = f"""\
{_event("asks", "")} >&4
IFS= read -r secret && printf '%s\\n' "$secret" || exit 0
secret=
printf '#root\\n'
"""
    return f"{asks * secret}printf '%s' {shlex.quote(text)}"


def _event(state: str, text: str) -> str:
    line = json.dumps({"event": "root", "state": state, "text": text})
    return f"printf '%s\\n' {shlex.quote(line)}"


def _functions(session: str, digest: str) -> str:
    words = {"state": RECORDS, "persistent": PERSISTENT, "id": session, "digest": digest}
    return assign(words) + "\n" + files(__package__).joinpath("rootwork.sh").read_text(encoding="utf-8")
