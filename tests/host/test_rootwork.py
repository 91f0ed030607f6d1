"""What root does for a session: what is rendered and what is heard."""

import json
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.change import RemoveFile, RemovePrivileged, RestoreScope
from remotego.host.ptrace import CANDIDATES, PERSISTENT
from remotego.host.ptrace_plan import CapableCopies, LowerScope
from remotego.host.rootwork import (
    Program,
    RootWork,
    Told,
    as_root,
    attend,
    parse_told,
    reasons,
    render_custodian,
    render_root_undo,
    undo_as_root,
)
from remotego.host.verdict import DAC_READ_SEARCH, KILL, SYS_PTRACE

SESSION = "0f1e2d3c"
PROGRAMS = (Program("dlv", "/h/r/store/dlv-a'b", "aa"), Program("agent", "/h/r/store/agent-b", "bb"))
COPIES = CapableCopies(CANDIDATES[1], "dev", 1000, SYS_PTRACE | DAC_READ_SEARCH | KILL)
WORK = RootWork(SESSION, "sha256sum", (COPIES, LowerScope(1)), PROGRAMS)


def test_the_journal_has_the_way_back_in_reverse() -> None:
    """What was done last is taken back first."""
    undo = (RestoreScope(SESSION, 1), RemovePrivileged(f"{CANDIDATES[1]}/{SESSION}"))
    assert ((), undo) == ((change := WORK.change).do, change.undo)


def test_a_session_runs_roots_copies_where_there_are_some() -> None:
    """Else what is in the store."""
    plain = RootWork(SESSION, "sha256sum", (LowerScope(1),), PROGRAMS)
    assert (f"{CANDIDATES[1]}/{SESSION}/dlv", "/h/r/store/agent-b") == (WORK.path_of("dlv"), plain.path_of("agent"))


def test_the_agent_may_write_code_back() -> None:
    """dlv does so by ptrace; the agent needs a file for it, which may be another user's."""
    lines = [shlex.split(line) for line in render_custodian(WORK).splitlines() if line.startswith("{ make_room")]
    caps = [word for word in lines[0] if word.endswith("=ep")]
    three = "cap_dac_read_search,cap_kill,cap_sys_ptrace=ep"
    assert [three, f"cap_dac_override,{three}"] == caps


@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_what_is_rendered_is_sh(shell: str, secret: bool) -> None:
    """Both shells read all of it."""
    scripts = (
        attend("echo session", WORK, root="/h/r", by="me@here", nonce="ab", secret=secret),
        as_root(render_custodian(WORK), secret=secret),
        render_root_undo(WORK.change.undo) or "",
    )
    for script in scripts:
        done = subprocess.run([shell, "-n"], input=script.encode(), capture_output=True, check=False)
        assert (0, b"") == (done.returncode, done.stderr)


def test_the_password_is_read_and_never_written() -> None:
    """Only the shell that asks for it ever names it."""
    script = attend("echo session", WORK, root="/h/r", by="me", nonce="ab", secret=True)
    assert ["IFS= read -r secret && printf '%s\\n' \"$secret\" || exit 0", "secret="] == [
        line for line in script.splitlines() if "secret" in line
    ]


def test_undo_by_root_follows_the_entry() -> None:
    """Levels, rooms and the file for sysctl; what is not root's is left out."""
    acts = (RemoveFile("/h/r/store/x"), *WORK.change.undo, RemovePrivileged(PERSISTENT))
    lines = (render_root_undo(acts) or "").splitlines()
    assert [
        f"id={SESSION} && restore_scope || code=1",
        f"id={SESSION} && remove_room {CANDIDATES[1]} || code=1",
        "forget_persistent || code=1",
    ] == [line for line in lines if line.endswith("|| code=1")]


def test_nothing_to_do_for_root() -> None:
    """Then sudo is not asked for anything."""
    assert None is undo_as_root((RemoveFile("/h/r/store/x"),), secret=False)


def test_sudo_is_left_alone_where_nothing_is_left() -> None:
    """A login that has lost its rights can still undo a journal whose copies are gone with a reboot."""
    gone = RemovePrivileged(f"{CANDIDATES[0]}/{SESSION}")
    script = undo_as_root((gone,), secret=False) or ""
    done = subprocess.run(["sh", "-s"], input=script.replace("sudo", "exit 9;").encode(), check=False)
    assert 0 == done.returncode


@given(st.sampled_from(["asks", "ready", "did", "failed"]), st.text())
def test_events_are_read(state: str, text: str) -> None:
    """With their words made harmless."""
    told = parse_told(json.dumps({"event": "root", "state": state, "text": text}).encode())
    assert told is not None
    assert (state, True) == (told.state, "\x1b" not in told.text)


@given(st.binary() | st.sampled_from([b'{"event":"root"}', b'{"event":"root","state":"x","text":""}', b"[" * 10**5]))
def test_other_lines_are_none_of_roots(line: bytes) -> None:
    """A guard's events come on the same way."""
    assert parse_told(line) is None


def test_roots_reasons_come_before_sudos_words() -> None:
    """And without them the last of what was said."""
    said = b"sudo: unable to resolve host\n#root it is full\n#root twice\n"
    assert ["it is full; twice", "sudo: a password is required"] == [
        reasons(said),
        reasons(b"sudo: a password is required\n"),
    ]


def test_told_is_plain_data() -> None:
    """As the script prints it."""
    assert Told("did", "x") == parse_told(b'{"event":"root","state":"did","text":"x"}')
