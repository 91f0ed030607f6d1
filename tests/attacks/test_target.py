"""The other account on the target, while a session runs."""

import pytest

from tests.attacks.conftest import CANARY
from tests.attacks.people import ALIVE, ATTEMPTS, OTHER, OWNER, STATE, Victim

SOCKETS = {
    "session.sock": (STATE, '"result"'),
    "control.sock": (ALIVE, '"event":"up"'),
    "dlv.sock": (STATE, '"result"'),
}


@pytest.mark.parametrize("name", SOCKETS)
def test_sockets(victim: Victim, name: str) -> None:
    """The other account gets no word out of any socket of the session; its owner does."""
    words, expected = SOCKETS[name]
    path = f"{victim.directory}/{name}"
    owners = victim.talk(OWNER, path, words)
    others = [victim.talk(OTHER, path, words) for _ in range(5)]
    assert (True, [""] * 5) == (expected in owners, others)


def test_own_forward_to_the_socket(victim: Victim) -> None:
    """``ssh -L port:socket``: sshd connects as the account that has logged in."""
    owners, others = (
        victim.through(alias, f"{victim.directory}/session.sock", STATE) for alias in ("app", "app-other")
    )
    assert (True, b"") == (b'"result"' in owners, others)


def test_no_port_to_forward_to(victim: Victim) -> None:
    """Nothing of ours listens on loopback, where everybody's forward could lead: not on the target, not on the way."""
    listing = "ss -Hltn; ss -Hlun"
    with_session = {host: victim.sh("root", listing, host=host)[1] for host in ("app", "jump")}
    held = victim.sh("root", "ss -Hltnp")[1]
    theirs = victim.through("app-other", "127.0.0.1:7001", b"")
    assert (b'"Count"' in theirs, "7001" in with_session["app"]) == (True, True)
    assert [] == [line for line in held.splitlines() if f"pid={victim.dlv}," in line or f"pid={victim.guard}," in line]
    assert {"22"} == {
        line.split()[3].rpartition(":")[2] for line in with_session["jump"].splitlines() if "127.0.0.11" not in line
    }


READS = {
    "the store": 'ls "$store"',
    "the session's directory": 'ls "$directory"',
    "the record": 'cat "$directory/session.json"',
    "dlv's log": 'head -c 1 "$directory/log"; [ -r "$directory/log" ]',
    "the journal": 'cat "$store"/journal/*.json',
    "dlv itself": 'ls "$store"/store/dlv-* && "$store"/store/dlv-* version',
    "the environment of dlv": 'tr "\\0" "\\n" </proc/$dlv/environ',
    "the environment of the guard": 'tr "\\0" "\\n" </proc/$guard/environ',
    "open files of dlv": "ls -l /proc/$dlv/fd && ls /proc/$dlv/fd/",
    "open files of the guard": "ls -l /proc/$guard/fd && ls /proc/$guard/fd/",
    "the working directory of dlv": "ls /proc/$dlv/cwd/",
    "the root of dlv": "ls /proc/$dlv/root/",
    "the memory of the service": "dd if=/proc/$service/mem bs=16 skip=262144 count=1 status=none | grep -q . -a",
    "the memory of dlv": "head -c 0 /proc/$dlv/mem; : </proc/$dlv/mem",
    "the memory map of dlv": "grep -q . /proc/$dlv/maps",
}
WRITES = {
    "a file in the store": ': >"$store/store/attack" && rm "$store/store/attack"',
    "a file in the session": ': >"$directory/attack" && rm "$directory/attack"',
    "a note in the journal": ': >"$store/journal/attack" && rm "$store/journal/attack"',
    "another name for the store": 'mv "$store" "$store-x" && mv "$store-x" "$store"',
    "the memory of the service": "exec 3<>/proc/$service/mem",
    "a signal to dlv": "kill -CONT $dlv",
    "a signal to the guard": "kill -CONT $guard",
    "a signal to the service": "kill -CONT $service",
    "the priority of the guard": "renice -n 0 $guard",
}
KNOWN = "store=$1 directory=$2 dlv=$3 guard=$4 service=$5\n"


@pytest.mark.parametrize("attack", [*READS, *(f"change {name}" for name in WRITES)])
def test_files_and_processes(victim: Victim, attack: str) -> None:
    """What the other account may neither see nor touch; the owner may."""
    script = KNOWN + (READS.get(attack) or WRITES[attack.removeprefix("change ")])
    words = (victim.store, victim.directory, str(victim.dlv), str(victim.guard), str(victim.service))
    owners, others = (victim.sh(user, script, *words) for user in (OWNER, OTHER))
    assert (0, True) == (owners[0], others[0] != 0), (owners, others)


def test_record_cannot_be_asked_to_stop(victim: Victim) -> None:
    """The file ``stop``, by which anybody with the login ends a session, is not for others to write."""
    code, said = victim.sh(OTHER, ': >"$1/stop"', victim.directory)
    still = victim.talk(OWNER, f"{victim.directory}/control.sock", ALIVE)
    assert (1, True) == (code, '"event":"up"' in still), said


SEARCH = """\
cat >/root/needle
(exec 3</root/needle; TOKEN=$(cat <&3) exec sleep "$2") & sleep 0.2
grep -lsaF -f /root/needle /proc/[0-9]*/cmdline /proc/[0-9]*/environ
grep -rlsaF -f /root/needle "$1" /tmp /var/tmp /home/dev
rm /root/needle
"""


@pytest.mark.parametrize("host", ["app", "jump"])
@pytest.mark.parametrize("secret", ["environment", "key"])
def test_no_secret_in_processes_or_files(victim: Victim, host: str, secret: str) -> None:
    """Not even root finds a secret of the controller on the way: in arguments, environments, files of ours."""
    key = (victim.lab.run_dir / "keys" / OWNER).read_text().splitlines()[2][:40]
    needle = CANARY if secret == "environment" else key
    found = {with_control: _places(victim, host, needle, with_control) for with_control in (0, 2)}
    assert {0: [], 2: ["environ"]} == found


def _places(victim: Victim, host: str, needle: str, control_s: int) -> list[str]:
    """Kinds of places where a search comes upon something; for ``control_s`` seconds it is in one environment."""
    found = victim.sh("root", SEARCH, victim.store, str(control_s), host=host, given=needle)[1]
    return [line.rpartition("/")[2] for line in found.splitlines()]


def test_nothing_of_ours_elsewhere(victim: Victim) -> None:
    """All that the session has made is below the store, which others cannot enter: no name elsewhere to guess."""
    places = 'find /tmp /var/tmp /run /dev/shm -xdev -newer "$1/journal" '
    find = places + '\\( -user dev -o -group dev \\) ! -path "$1*" ! -path "/run/ticker*"'
    inside = victim.sh("root", 'find "$1" -name session.json', victim.store)[1]
    assert ("", True) == (victim.sh("root", find, victim.store)[1], victim.directory in inside)


def test_nothing_of_ours_on_the_jump_host(victim: Victim) -> None:
    """The way leaves no file and no process there but sshd's own."""
    find = "find / -xdev -user dev ! -path '/proc/*' -newer /etc/ssh/sshd_config.d/lab.conf"
    processes = victim.sh("root", "ps -u dev -o comm=", host="jump")[1]
    assert ("", {"sshd"}) == (victim.sh("root", find, host="jump")[1], set(processes.split()))


def test_the_session_outlives_a_crowd(victim: Victim) -> None:
    """Attempts without end do not wear the session out."""
    knock = 'for _ in $(seq "$2"); do timeout 5 "$3" relay "$1/session.sock" </dev/null; done; true'
    victim.sh(OTHER, knock, victim.directory, str(ATTEMPTS), victim.relay)
    assert '"result"' in victim.talk(OWNER, f"{victim.directory}/session.sock", STATE)
