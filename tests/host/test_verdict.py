"""Which policy lets dlv attach: the reference's matrix as a table, then every cause by itself."""

from dataclasses import replace

import pytest

from remotego.host.ptrace import State, Sudo, Sudoing
from remotego.host.verdict import POLICIES, judge
from tests.host.ptrace_states import ALL_CAPS, NET_BIND_SERVICE, PLAIN, STATES, at, me, service, target

MATRIX = {
    # state: for each policy, at Yama absent, 0, 1, 2, 3: y works, . does not
    "same uid": {"none": "yy...", "as-user": "yy...", "setcap": "yyyy.", "sysctl": "yyyy.", "exec": "yyy.."},
    "other uid": {"none": ".....", "as-user": "yy...", "setcap": "yyyy.", "sysctl": ".....", "exec": "yyy.."},
    "not dumpable": {"none": ".....", "as-user": ".....", "setcap": "yyyy.", "sysctl": ".....", "exec": "yyy.."},
    "ambient capability": {"none": ".....", "as-user": ".....", "setcap": "yyyy.", "sysctl": ".....", "exec": "yyy.."},
    "nosuid": {"none": "yy...", "as-user": "yy...", "setcap": ".....", "sysctl": "yyyy.", "exec": "yyy.."},
    "service user": {"none": ".....", "as-user": ".....", "setcap": "yyyy.", "sysctl": ".....", "exec": "yyy.."},
}
LEVELS = (None, 0, 1, 2, 3)


def can(policy: str, state: State) -> bool | None:
    """Judge one policy."""
    return judge(policy, state, host="app", process="svc (pid 7)").can


def words(policy: str, state: State) -> list[str]:
    """Name the causes against a policy."""
    return [cause.word for cause in judge(policy, state, host="app", process="svc (pid 7)").causes]


@pytest.mark.parametrize("name", MATRIX)
@pytest.mark.parametrize("policy", POLICIES)
def test_matrix(name: str, policy: str) -> None:
    """At every level of Yama the verdict is the one of the reference."""
    found = "".join("y" if can(policy, at(STATES[name], level)) else "." for level in LEVELS)
    assert MATRIX[name][policy] == found


CAUSES = {
    "yama": at(PLAIN, 1),
    "uid": target(user="svc", uids=(1002,) * 3, gids=(1002,) * 3, memory_owner=1002),
    "gid": target(gids=(1000, 50, 50)),
    "not-dumpable": target(memory_owner=0),
    "capabilities": target(permitted=NET_BIND_SERVICE),
    "user-namespace": replace(target(), same_namespace=False),
    "selinux": replace(target(), selinux_denies=True),
    "traced": target(tracer=99),
    "program-unreadable": replace(PLAIN, target=replace(PLAIN.target, program=False)),
    "seccomp": me(seccomp=1),
    "unknown": target(label="docker-default (enforce)"),
}


@pytest.mark.parametrize("word", CAUSES)
def test_true_cause(word: str) -> None:
    """Without any help, the cause is named by itself."""
    assert [word] == words("none", CAUSES[word])


def test_causes_that_hold_together_are_all_named() -> None:
    """Another's process with capabilities, under Yama: three things would have to change."""
    assert ["uid", "capabilities", "yama"] == words("none", at(target(uids=(2,) * 3, memory_owner=2, permitted=1), 1))


def test_a_process_that_lets_itself_be_traced_needs_nothing() -> None:
    """prctl(PR_SET_PTRACER) shows only in the kernel's own answer, which wins."""
    assert True is can("none", replace(PLAIN, yama=1))


def test_a_traced_process_is_never_attachable() -> None:
    """The kernel opens its memory and still refuses a second tracer."""
    assert [["traced"]] * 4 == [words(policy, target(tracer=9)) for policy in ("none", "as-user", "setcap")] + [
        words("none", replace(PLAIN, target=replace(PLAIN.target, tracer=9)))
    ]


def test_a_filter_of_system_calls_leaves_doubt() -> None:
    """What a seccomp filter allows cannot be read from outside."""
    assert (True, False) == ((verdict := judge("none", me(seccomp=2), host="h", process="p")).can, verdict.certain)


SETCAP = {
    "bounding-set": me(bounding=ALL_CAPS & ~(1 << 19)),
    "nosuid": STATES["nosuid"],
    "shared-group": me(group_mates=("other",)),
    "tools": replace(PLAIN, tools=frozenset({"getcap", "flock"})),
    "sudo": replace(PLAIN, sudo=Sudo(Sudoing("refuses", "dev may not run sudo"), Sudoing("unasked"))),
    "no-new-privs": me(no_new_privs=True),
    "password": replace(PLAIN, sudo=Sudo(Sudoing("password"), Sudoing("unasked"))),
}


@pytest.mark.parametrize("word", SETCAP)
def test_what_keeps_setcap_from_helping(word: str) -> None:
    """Each is found while Yama, which setcap would help against, is not blamed."""
    assert [word] == words("setcap", at(SETCAP[word], 1))


def test_a_password_leaves_the_verdict_open() -> None:
    """Only when it has been typed does sudo say whether it allows anything."""
    assert None is can("setcap", SETCAP["password"])


def test_a_password_is_no_way_to_become_another_user() -> None:
    """The session's many scripts run by sudo without a terminal."""
    asked = replace(service(), sudo=Sudo(Sudoing("works"), Sudoing("password")))
    assert (False, ["sudo"]) == (can("as-user", asked), words("as-user", asked))


def test_sysctl_does_not_help_where_yama_is_not_in_the_way() -> None:
    """Lowering what is 0 already is not tried."""
    assert ["capabilities", "not-yama"] == words("sysctl", at(STATES["ambient capability"], 0))


def test_sysctl_needs_a_writable_proc() -> None:
    """In a container /proc/sys is read-only even for root."""
    assert ["read-only"] == words("sysctl", at(replace(PLAIN, scope_writable=False), 1))


def test_group_of_a_service_that_differs_from_its_users() -> None:
    """Its user's own group is what a session as that user would have."""
    other = service()
    differs = replace(
        other, sudo=replace(other.sudo, opened=False, gid=1002), target=replace(other.target, gids=(60,) * 3)
    )
    assert ["gid"] == words("as-user", differs)
