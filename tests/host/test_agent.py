"""Asking the agent, on real shells, and reading what it says."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.artifact import Artifact
from remotego.delve.platforms import MACHINES
from remotego.host.agent import Absent, Unusable, inventory
from remotego.host.inventory import Inventory, Socket
from remotego.ops.building import Workshop
from remotego.ops.engine import UnansweredError, ask
from tests.ops.local_transport import LocalTransport

SELF = {"self": {"yama": 1}}
PROCESS: Mapping[str, Any] = {
    "pid": 7,
    "start": 9,
    "command": "svc",
    "exe": "/opt/svc",
    "argv": ["/opt/svc"],
    "state": "S",
    "threads": 4,
    "user": "dev",
    "uid": 1000,
    "gid": 1000,
    "tracer": 0,
    "tracer_pid": 0,
    "no_new_privs": False,
    "seccomp": 0,
    "ports": [{"address": "::", "port": 80}],
    "program": {"go": "go1.27.3", "pie": False, "stripped": True, "symbols": False, "race": None},
    "attach": {"can": True, "certain": True},
}


def done(listed: int) -> dict[str, Any]:
    """The line that ends a list of so many processes."""
    return {"done": {"listed": listed, "looked": 90, "cpu_s": 0.01, "wall_s": 0.01}}


def answer(*lines: Any, code: int = 0) -> str:
    """What the script prints when the agent says these lines."""
    return "".join(f"{json.dumps(line)}\n" for line in lines) + f"\nexit {code}\n"


def parse(text: str) -> object:
    """Read an answer."""
    return inventory({}, everything=False).parse(text)


@pytest.fixture(scope="session")
def agent() -> Artifact:
    """The agent for this machine."""
    return Workshop().agent(MACHINES[subprocess.check_output(["uname", "-m"], text=True).strip()], say=print)


@pytest.fixture
def stored(agent: Artifact, local: LocalTransport) -> Path:
    """The agent in the store of a local home."""
    path = local.home / ".local" / "share" / "remotego" / "store" / agent.name
    path.parent.mkdir(parents=True)
    shutil.copy(agent.path, path)
    return path


@contextmanager
def waiting(agent: Artifact) -> Iterator[int]:
    """A Go process: an agent that waits for its order; its pid."""
    with subprocess.Popen([agent.path, "guard"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        yield process.pid
        process.kill()


def known(agent: Artifact) -> dict[str, Artifact]:
    """The agent under every name of this machine's kernel."""
    return dict.fromkeys(MACHINES, agent)


@pytest.mark.usefixtures("stored")
def test_go_process_is_listed(agent: Artifact, local: LocalTransport) -> None:
    """By what its binary says, from every shell."""
    with waiting(agent) as pid:
        found = ask(local, inventory(known(agent), everything=False))
    assert isinstance(found, Inventory)
    listed = [one.program.module for one in found.processes if one.pid == pid and one.program]
    assert ["remotego/agent"] == listed


def test_no_agent_for_the_machine_is_absent(local: LocalTransport) -> None:
    """Nothing we know of fits."""
    assert Absent() == ask(local, inventory({}, everything=False))


def test_agent_that_is_not_stored_is_absent(agent: Artifact, local: LocalTransport) -> None:
    """It fits, and is not there."""
    assert Absent() == ask(local, inventory(known(agent), everything=False))


@pytest.mark.usefixtures("stored")
def test_agent_of_another_size_is_absent(agent: Artifact, local: LocalTransport) -> None:
    """A damaged one is not run."""
    other = replace(agent, size_bytes=agent.size_bytes + 1)
    assert Absent() == ask(local, inventory(known(other), everything=False))


def test_agent_that_may_not_run_says_so(agent: Artifact, local: LocalTransport, stored: Path) -> None:
    """126 is the shell's word for it."""
    stored.chmod(0o600)
    found = ask(local, inventory(known(agent), everything=False))
    assert isinstance(found, Unusable)
    assert (126, True) == (found.exit_code, "ermission denied" in found.said)


@pytest.mark.parametrize("name", ["store", "agent"])
def test_agent_that_others_could_have_changed_is_not_run(
    agent: Artifact, local: LocalTransport, stored: Path, name: str
) -> None:
    """Write rights for others on the file, or on where it lies, are enough not to trust it."""
    {"store": stored.parent, "agent": stored}[name].chmod(0o777)
    found = ask(local, inventory(known(agent), everything=False))
    assert Unusable(126, "others could have changed it, so it was not run") == found


def test_agent_behind_a_link_is_not_run(agent: Artifact, local: LocalTransport, stored: Path) -> None:
    """A link may lead to what is another's."""
    real = stored.rename(stored.parent.parent / "real")
    stored.parent.rmdir()
    (stored.parent).mkdir()
    stored.symlink_to(real)
    found = ask(local, inventory(known(replace(agent, size_bytes=len(str(real)))), everything=False))
    assert Unusable(126, "others could have changed it, so it was not run") == found


def test_store_with_spaces_and_stars_is_found(agent: Artifact, local: LocalTransport) -> None:
    """Its name is a word, whatever is in it."""
    store = local.home / "a * b" / "it's"
    (store / "store").mkdir(parents=True)
    shutil.copy(agent.path, store / "store" / agent.name)
    assert isinstance(ask(local, inventory(known(agent), str(store), everything=True)), Inventory)


def test_list_is_read() -> None:
    """Process, ports and verdict."""
    found = parse(answer(SELF, {"process": PROCESS}, done(1)))
    assert isinstance(found, Inventory)
    one = found.processes[0]
    expected = (1, 7, "svc", (Socket("::", 80),), True, None)
    program = one.program
    assert program is not None
    assert expected == (found.yama, one.pid, one.label, one.ports, one.attach.can, program.race)


def test_list_without_its_end_is_refused() -> None:
    """A cut list is no list."""
    with pytest.raises(ValueError, match="not complete"):
        parse(answer(SELF, {"process": PROCESS}))


def test_list_that_lost_a_process_is_refused() -> None:
    """The agent counts them."""
    with pytest.raises(ValueError, match="counted 2 processes and told of 1"):
        parse(answer(SELF, {"process": PROCESS}, done(2)))


def test_answer_without_an_exit_code_is_refused() -> None:
    """The script was cut off."""
    with pytest.raises(ValueError, match="how the agent ended"):
        parse(json.dumps(SELF))


def test_failed_agent_is_unusable_whatever_it_listed() -> None:
    """Its last words are kept, without what a terminal would obey."""
    assert Unusable(137, "Killed") == parse("\x1b[2JKilled\n\nexit 137\n")


@pytest.mark.parametrize(
    "name", sorted(PROCESS.keys() - {"exe", "threads", "gid", "tracer", "no_new_privs", "seccomp"})
)
def test_process_without_a_needed_word_is_refused(name: str) -> None:
    """What is missing is never made up."""
    rest = {key: value for key, value in PROCESS.items() if key != name}
    with pytest.raises(ValueError, match="the agent said"):
        parse(answer(SELF, {"process": rest}, done(1)))


def test_escapes_in_names_are_dropped() -> None:
    """A process cannot write to the user's terminal by its arguments."""
    found = parse(answer(SELF, {"process": {**PROCESS, "argv": ["\x1b]0;title\x07svc"]}}, done(1)))
    assert isinstance(found, Inventory)
    assert ("svc",) == found.processes[0].arguments


def test_answer_of_another_program_is_an_error_with_a_remedy(local: LocalTransport, agent: Artifact) -> None:
    """A program that is not the agent, but has its name and size."""
    script = b"#!/bin/sh\necho hello\n"
    path = local.home / ".local" / "share" / "remotego" / "store" / agent.name
    path.parent.mkdir(parents=True)
    path.write_bytes(script)
    path.chmod(0o700)
    with pytest.raises(UnansweredError, match="hello"):
        ask(local, inventory(known(replace(agent, size_bytes=len(script))), everything=False))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*PROCESS, "go"]), inner, max_size=4),
    max_leaves=8,
)
CHANGED = st.dictionaries(st.sampled_from([*PROCESS, "unit", "container", "problem"]), JSON, max_size=2).map(
    lambda changes: {"process": {**PROCESS, **changes}}
)


@given(st.text() | st.lists(CHANGED | JSON, max_size=3).map(lambda lines: answer(SELF, *lines, done(len(lines)))))
def test_any_answer_is_read_or_refused(text: str) -> None:
    """An answer of any form gives a list, a reason why there is none, or a ValueError."""
    try:
        found = parse(text)
    except ValueError:
        return
    assert isinstance(found, Inventory | Absent | Unusable)
