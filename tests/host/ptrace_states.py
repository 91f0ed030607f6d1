"""States of the reference's matrix: one plain state, and what each row changes in it."""

from dataclasses import replace

from remotego.host.ptrace import CANDIDATES, Caller, Room, State, Sudo, Sudoing, Tracee

ALL_CAPS = (1 << 41) - 1
NET_BIND_SERVICE = 1 << 10

PLAIN = State(
    yama=0,
    selinux_denies=False,
    scope_writable=True,
    me=Caller("dev", (1000,) * 3, (1000,) * 3, 0, ALL_CAPS, no_new_privs=False, seccomp=0, group="dev", group_mates=()),
    target=Tracee(7, "dev", (1000,) * 3, (1000,) * 3, 0, 1000, 0, opened=True, program=True),
    same_namespace=True,
    rooms=tuple(Room(path, owned=True) for path in CANDIDATES),
    tools=frozenset({"setcap", "getcap", "flock"}),
    sudo=Sudo(Sudoing("works"), Sudoing("unasked")),
)
"""The same user's plain process, Yama at 0, and a login that may do all by sudo."""


def target(**changed: object) -> State:
    """PLAIN with another process, which the kernel does not let this login attach to."""
    return replace(PLAIN, target=replace(PLAIN.target, opened=False, **changed))  # type: ignore[arg-type]


def me(state: State = PLAIN, **changed: object) -> State:
    """The same with another login."""
    return replace(state, me=replace(state.me, **changed))  # type: ignore[arg-type]


def service(*, permitted: int = 0) -> State:
    """A process of the user svc, whom sudo lets us be."""
    foreign = target(user="svc", uids=(1002,) * 3, gids=(1002,) * 3, permitted=permitted, memory_owner=1002)
    sudo = Sudo(Sudoing("works"), Sudoing("works"), 1002, 0, home=True, opened=not permitted, program=not permitted)
    return replace(foreign, sudo=sudo)


def at(state: State, yama: int | None) -> State:
    """The same at another level of Yama: the kernel's own answers follow."""
    open_to_all = not yama
    return replace(
        state,
        yama=yama,
        target=replace(state.target, opened=state.target.opened and open_to_all),
        sudo=replace(state.sudo, opened=state.sudo.opened and open_to_all),
    )


STATES = {
    "same uid": PLAIN,
    "other uid": service(),
    "not dumpable": target(memory_owner=0),
    "ambient capability": target(permitted=NET_BIND_SERVICE),
    "nosuid": replace(PLAIN, rooms=tuple(Room(path, owned=True, hindrances=("nosuid",)) for path in CANDIDATES)),
    "service user": service(permitted=NET_BIND_SERVICE),
}
