"""Asking what decides whether a process can be debugged."""

import contextlib
import os
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.errors import RemotegoError
from remotego.host.ptrace import Room, State
from remotego.host.tracing import options_of, tracing
from remotego.ops.engine import ask
from tests.ops.local_transport import LocalTransport

TOLD = """\
self.map=0 0 4294967295
self.Uid=1000 1000 1000 1000
self.Gid=1000\t1000\t1000\t1000
self.CapPrm=0000000000000000
self.CapBnd=000001ffffffffff
self.NoNewPrivs=0
self.Seccomp=0
yama=1
tool=setcap
mount=tmpfs / tmpfs rw,relatime 0 0
mount=tmpfs /opt tmpfs rw,nosuid 0 0
row=drwxr-xr-x 1 0 0 4096 Jan 1 00:00 /
row=drwxr-xr-x 1 0 0 4096 Jan 1 00:00 /opt
row=drwxr-xr-x 1 0 0 4096 Jan 1 00:00 /usr
row=drwxrwsr-x 1 0 50 4096 Jan 1 00:00 /usr/local
row=drwxr-xr-x 1 0 0 4096 Jan 1 00:00 /usr/local/lib
row=drwxr-xr-x 1 0 0 4096 Jan 1 00:00 /var
row=drwxr-xr-x 1 0 0 4096 Jan 1 00:00 /var/lib
name=dev
group=users:x:100:other
mate=dev
mate=third
target.7.Uid=1002 1002 1002 1002
target.7.Gid=1002 1002 1002 1002
target.7.CapPrm=0000000000000400
target.7.TracerPid=0
target.7.owner=1002
target.7.map=0 0 4294967295
target.7.account=svc:x:1002:1002::/home/svc:/bin/sh
sudo.user=works
user.gid=1002
user.home=1
sudo.root=no sudo: a password is required
"""


@pytest.fixture
def sleeper() -> Iterator[int]:
    """A process of this user."""
    with subprocess.Popen(["/usr/bin/sleep", "60"]) as child:
        yield child.pid
        child.kill()


def parsed(text: str = TOLD) -> State:
    """The state of process 7."""
    return tracing(process=None, pid=7, thorough=True).parse(text)[7]


def test_a_process_of_this_machine(local: LocalTransport, sleeper: int) -> None:
    """The real shells of targets tell whose it is, and that the kernel lets us attach."""
    state = ask(local, tracing(process=None, pid=sleeper, thorough=False))[sleeper]
    ours = (os.getuid(),) * 3
    assert (ours, ours, True, True, 0) == (
        state.me.uids,
        state.target.uids,
        state.target.opened,
        state.target.program,
        state.target.tracer,
    )


def test_a_process_is_found_by_the_kernels_name(local: LocalTransport, sleeper: int) -> None:
    """One round trip is enough where it has not renamed itself."""
    assert sleeper in ask(local, tracing(process="sleep", pid=None, thorough=False))


def test_nobody_is_found_for_an_unknown_name(local: LocalTransport) -> None:
    """That is an empty answer, not an error."""
    assert {} == ask(local, tracing(process="no-such-thing-here", pid=None, thorough=False))


def test_sudo_is_left_alone_where_it_is_not_needed(local: LocalTransport, sleeper: int) -> None:
    """An ordinary session writes nothing to the log of sudo."""
    assert "unasked" == ask(local, tracing(process=None, pid=sleeper, thorough=False))[sleeper].sudo.root.answer


def test_a_thorough_question_asks_sudo(local: LocalTransport, sleeper: int) -> None:
    """It answers, whatever it says here."""
    state = ask(local, tracing(process=None, pid=sleeper, thorough=True))[sleeper]
    assert state.sudo.root.answer in ("works", "password", "refuses", "absent")


def test_places_are_judged_by_owner_and_mount() -> None:
    """What a group may change is no place for capabilities, nor is a file system without them."""
    rooms = (
        Room("/usr/local/lib/remotego", owned=False),
        Room("/opt/remotego", owned=True, hindrances=("nosuid",)),
        Room("/var/lib/remotego", owned=True),
    )
    assert rooms == parsed().rooms


def test_mates_of_the_group_are_members_and_accounts() -> None:
    """Named in the group, or with it as their primary one; not ourselves."""
    assert ("users", ("other", "third")) == ((me := parsed().me).group, me.group_mates)


def test_sudo_that_wants_a_password() -> None:
    """It is told from one that refuses, by its own words."""
    refuses = TOLD.replace("no sudo: a password is required", "no Sorry, user dev may not run sudo on app.")
    assert ["password", "refuses"] == [parsed(text).sudo.root.answer for text in (TOLD, refuses)]


def test_the_last_mount_of_the_longest_path_counts() -> None:
    """As the kernel looks a path up."""
    mounts = [
        "a / x rw 0 0",
        "b /opt x ro 0 0",
        "c /optional x noexec 0 0",
        r"d /a\040b x nosuid 0 0",
        "e /opt x rw,nodev 0 0",
    ]
    found = [sorted(options_of(path, mounts)) for path in ("/opt/remotego", "/var", "/a b/c")]
    assert [["nodev", "rw"], ["rw"], ["nosuid"]] == found


@given(
    st.lists(st.sampled_from([*TOLD.splitlines(), "target.7.Uid=x", "yama=", "row=?", "mount=", "target.x.Uid=1", "="]))
)
def test_any_answer_is_read_or_refused(lines: list[str]) -> None:
    """Nothing but ValueError comes out of half an answer."""
    with contextlib.suppress(ValueError, RemotegoError):
        tracing(process=None, pid=7, thorough=True).parse("\n".join(lines))
