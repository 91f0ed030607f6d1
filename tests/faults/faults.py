"""What can go wrong on the way between a controller and its target."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from tests.faults.ground import Ground

Strike = Callable[[Ground], AbstractContextManager[None]]


LASTING, ENDLESS, BREAKING, PASSING = "lasting", "endless", "breaking", "passing"


@dataclass(frozen=True, slots=True)
class Fault:
    """``strike`` lasts as long as its context.

    ``kind``: LASTING goes on until the service is free, ENDLESS until the controller has given up, too; BREAKING is
    over at once, but connections are lost; PASSING is over when the context is entered, and connections may live on.
    Where they ``survive``, so does the session.
    """

    strike: Strike
    kind: str = LASTING
    survives: bool = False


def _for(strike: Strike, leases: float) -> Strike:
    """A fault that has come and gone when its context is entered, after so many leases."""

    @contextmanager
    def passing(ground: Ground) -> Iterator[None]:
        with strike(ground):
            time.sleep(leases * ground.lease_s)
        yield

    return passing


SHORT, LONG = 0.25, 1.0
"""How long passing faults last, in leases. TCP may send again only after as long, and a chain has two connections."""

FAULTS: dict[str, Fault] = {
    "packets dropped at the target": Fault(lambda ground: ground.target.silent()),
    "packets dropped at the jump host": Fault(lambda ground: ground.jump.silent()),
    "packets dropped at the target for good": Fault(lambda ground: ground.target.silent(), ENDLESS),
    "packets dropped at the jump host for good": Fault(lambda ground: ground.jump.silent(), ENDLESS),
    "packets dropped at the target for a quarter of a lease": Fault(
        _for(lambda ground: ground.target.silent(), SHORT), PASSING, survives=True
    ),
    "packets dropped at the jump host for a quarter of a lease": Fault(
        _for(lambda ground: ground.jump.silent(), SHORT), PASSING, survives=True
    ),
    "connection reset at the target": Fault(lambda ground: ground.target.resetting(), BREAKING),
    "connection reset at the jump host": Fault(lambda ground: ground.jump.resetting(), BREAKING),
    "target paused for a lease": Fault(_for(lambda ground: ground.target.frozen(), LONG), PASSING),
    "jump host paused": Fault(lambda ground: ground.jump.frozen()),
    "target unplugged": Fault(lambda ground: ground.target.unplugged()),
    "jump host unplugged": Fault(lambda ground: ground.jump.unplugged()),
    "sshd of the session killed on the target": Fault(lambda ground: ground.target.hung_up(), BREAKING),
    "sshd of the session killed on the jump host": Fault(lambda ground: ground.jump.hung_up(), BREAKING),
    "sshd restarted on the target": Fault(lambda ground: ground.target.restarted(), BREAKING),
    "sshd restarted on the jump host": Fault(lambda ground: ground.jump.restarted(), BREAKING),
}
