"""The chain of hops to a machine: ProxyJump followed the way OpenSSH follows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from remotego.adapters.ssh.names import Destination, parse_jumps
from remotego.adapters.ssh.settings import Settings, hop_of, scene_of
from remotego.adapters.ssh.tokens import expand
from remotego.core.errors import UsageError
from remotego.core.target import Hop

Ask = Callable[[Sequence[Destination]], Sequence[Settings]]
"""Looks up the settings of several machines at once, in order."""

LONGEST = 16
"""Hops in a route; more than this is a ProxyJump that feeds itself through a pattern."""


@dataclass(eq=False)
class JumpLoopError(UsageError):
    """ProxyJump leads back to a machine that is already on the way."""

    chain: str
    what = "ProxyJump goes in a circle: {chain}"
    remedy = "exclude the jump host from the pattern that sets ProxyJump (Host * !jump), or give it ProxyJump none"


def find_route(destination: Destination, ask: Ask) -> tuple[Hop, ...]:
    """Find every hop from here to ``destination``, asking about each hop once.

    Of a list ``a,b`` the first is reached by its own settings, ProxyJump included; b and the
    destination are reached through the one before. Raises JumpLoopError, NameRefusedError, TokenError.
    """
    return _lead(destination, ask([destination])[0], ask, ())


def _lead(here: Destination, settings: Settings, ask: Ask, passed: tuple[Destination, ...]) -> tuple[Hop, ...]:
    if here in passed or len(passed) >= LONGEST:
        raise JumpLoopError(" -> ".join(str(each) for each in (*passed, here)))
    written = settings.first("proxyjump") or ""
    jumps = parse_jumps(expand(written, scene_of(here, settings)))
    if not jumps:
        return (hop_of(here, settings, behind_jump=False),)
    answers = ask(jumps)
    lead = _lead(jumps[0], answers[0], ask, (*passed, here))
    middle = zip(jumps[1:], answers[1:], strict=True)
    return (
        *lead,
        *(hop_of(jump, answer, behind_jump=True) for jump, answer in middle),
        hop_of(here, settings, behind_jump=True),
    )
