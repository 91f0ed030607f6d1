"""What is done so that dlv may attach."""

from dataclasses import replace

import pytest

from remotego.core.errors import RemotegoError
from remotego.host.obstacles import CapabilitySupersetError, YamaLevelError
from remotego.host.ptrace import CANDIDATES, State, Sudo, Sudoing
from remotego.host.ptrace_plan import (
    BecomeUser,
    CapableCopies,
    ExecOnlyError,
    LowerScope,
    NoWayError,
    PersistScope,
    PtracePlan,
    choose,
    describe_step,
    risk_of,
)
from tests.host.ptrace_states import PLAIN, STATES, at

PTRACE, ALL_THREE = 1 << 19, 1 << 19 | 1 << 2 | 1 << 5
SUDOLESS = Sudo(Sudoing("refuses", "no"), Sudoing("refuses", "no"))


def chosen(state: State, policy: str = "auto", *, persist: bool = False) -> PtracePlan:
    """Choose for a process of a host called app."""
    return choose(policy, state, host="app", process="svc (pid 7)", persist=persist)


AUTO = {
    # state: what auto takes at Yama 0, 1, 2, 3
    "same uid": ("none", "setcap", "setcap", None),
    "other uid": ("as-user", "setcap", "setcap", None),
    "not dumpable": ("setcap", "setcap", "setcap", None),
    "ambient capability": ("setcap", "setcap", "setcap", None),
    "nosuid": ("none", "sysctl", "sysctl", None),
    "service user": ("setcap", "setcap", "setcap", None),
}


@pytest.mark.parametrize("name", AUTO)
def test_auto_takes_the_least_privilege(name: str) -> None:
    """At each level of Yama."""

    def policy(level: int) -> str | None:
        try:
            return chosen(at(STATES[name], level)).policy
        except RemotegoError:
            return None

    assert AUTO[name] == tuple(policy(level) for level in range(4))


STEPS = {
    "none": (PLAIN, ()),
    "as-user": (STATES["other uid"], (BecomeUser("svc", 1002, home=True),)),
    "setcap": (at(PLAIN, 1), (CapableCopies(CANDIDATES[0], "dev", 1000, PTRACE),)),
    "sysctl": (at(PLAIN, 2), (LowerScope(2),)),
}


@pytest.mark.parametrize("policy", STEPS)
def test_steps(policy: str) -> None:
    """Each policy does one thing, or nothing."""
    state, steps = STEPS[policy]
    assert steps == chosen(state, policy).steps


@pytest.mark.parametrize("name", ["other uid", "not dumpable", "service user"])
def test_more_capabilities_where_its_files_are_not_ours(name: str) -> None:
    """dlv reads /proc/PID/auxv and sends signals (measured: without them it fails or hangs)."""
    assert (CapableCopies(CANDIDATES[0], "dev", 1000, ALL_THREE),) == chosen(STATES[name], "setcap").steps


def test_capabilities_are_spelt_for_setcap() -> None:
    """As setcap(8) reads them."""
    words = [CapableCopies("/opt/remotego", "dev", 1000, mask).words for mask in (PTRACE, ALL_THREE)]
    assert ["cap_sys_ptrace=ep", "cap_dac_read_search,cap_kill,cap_sys_ptrace=ep"] == words


def test_nothing_needs_root_when_nothing_is_done() -> None:
    """Nor when another user is all that is needed."""
    assert [False, False, True] == [
        chosen(one).needs_root for one in (PLAIN, STATES["other uid"], STATES["not dumpable"])
    ]


def test_only_lowering_level_two_is_grave() -> None:
    """An administrator has closed what it opens."""
    assert [False, True] == [chosen(at(PLAIN, level), "sysctl").grave for level in (1, 2)]


def test_persist_is_sysctl_for_good() -> None:
    """Even where something smaller would work."""
    assert (PersistScope(1),) == chosen(at(PLAIN, 1), persist=True).steps


def test_a_single_cause_is_the_error() -> None:
    """What was asked for by name fails with its own cause."""
    with pytest.raises(CapabilitySupersetError):
        chosen(STATES["ambient capability"], "none")


def test_at_level_three_the_error_is_yama() -> None:
    """For every policy, and nothing is planned."""
    for policy in ("none", "setcap", "sysctl"):
        with pytest.raises(YamaLevelError) as caught:
            chosen(at(PLAIN, 3), policy)
        assert 3 == caught.value.level


def test_auto_says_why_nothing_helps() -> None:
    """The kernel's cause first, then that of each policy."""
    with pytest.raises(NoWayError) as caught:
        chosen(replace(at(PLAIN, 1), sudo=SUDOLESS))
    assert ("ptrace_scope is 1", True) == (
        str(caught.value)[str(caught.value).index("ptrace_scope") :][:17],
        "setcap: sudo" in str(caught.value),
    )


def test_exec_attaches_to_nothing() -> None:
    """It says whether starting under dlv would work."""
    with pytest.raises(ExecOnlyError, match=r"would not work here.*ptrace_scope is 2"):
        chosen(at(PLAIN, 2), "exec")


def test_what_sudo_allows_without_a_password_comes_first() -> None:
    """A certain way is better than one that may end at a password."""
    asked = replace(at(PLAIN, 1), sudo=Sudo(Sudoing("password"), Sudoing("unasked")))
    assert ("setcap", True) == ((found := chosen(asked)).policy, found.asks_password)


@pytest.mark.parametrize(
    "step",
    [
        BecomeUser("svc", 2, home=False),
        CapableCopies("/opt/remotego", "dev", 1, PTRACE),
        LowerScope(1),
        PersistScope(1),
    ],
)
def test_each_step_says_what_it_does_and_risks_in_a_line(step: BecomeUser) -> None:
    """Without a blank to fill in."""
    said = (describe_step(step), risk_of(step))
    assert [] == [text for text in said if not text or "\n" in text or "{" in text]


@pytest.mark.parametrize(("user", "uid", "asked"), [("svc", 1002, False), ("root", 0, True)])
def test_becoming_root_wants_the_users_word(user: str, uid: int, asked: bool) -> None:
    """Becoming another user does not."""
    assert asked is PtracePlan("as-user", (BecomeUser(user, uid, home=True),)).needs_root
