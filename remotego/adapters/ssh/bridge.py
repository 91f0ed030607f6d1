"""The way past a jump host that forwards nothing but runs commands: a command that connects to the next hop.

What travels through it is the next hop's own SSH, encrypted end to end, its host key checked as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from remotego.adapters.ssh.command import CommandStart
from remotego.adapters.ssh.errors import BridgeError, JumpRefusedError, describe
from remotego.adapters.ssh.session import Line
from remotego.adapters.ssh.transport import SshTransport
from remotego.adapters.ssh.wire import Wire
from remotego.core.errors import RemotegoError, UnreachableError
from remotego.core.target import Hop
from remotego.core.transport import Script, Transport

Bridge = Callable[[Transport, str, int], Script | None]
"""Gives the script that connects from a jump host to a host and port, as ``Transport.pipe`` wants it.

None when the jump host would have to be changed for it and must not be.
"""

DRY = "; or run this without --dry, which leads the connection through remotego's agent there"


def cross(
    bridge: Bridge,
    gateway: Line,
    hop: Hop,
    refusal: JumpRefusedError,
    tell: Callable[[str], None],
    count: Callable[[], None],
) -> Wire:
    """Reach ``hop`` by a command on ``gateway``, which has refused to forward; ``tell`` hears of it.

    Raises BridgeError, JumpRefusedError in a dry run, UnreachableError.
    """
    script = find_script(bridge, gateway, hop, refusal, count)
    try:
        wire = CommandStart(gateway.hop.alias, gateway, script.text).wire()
    except UnreachableError:
        raise
    except RemotegoError as error:
        raise BridgeError(describe(gateway.hop), describe(hop), str(error), error.advice) from error
    tell(crossed(gateway.hop))
    return wire


def find_script(
    bridge: Bridge, gateway: Line, hop: Hop, refusal: JumpRefusedError, count: Callable[[], None]
) -> Script:
    """Ask for the command on ``gateway`` that connects to ``hop``.

    Raises BridgeError, JumpRefusedError in a dry run, UnreachableError.
    """
    jump = gateway.hop.alias
    try:
        script = bridge(SshTransport(jump, gateway, count), hop.hostname, hop.port)
    except UnreachableError:
        raise
    except RemotegoError as error:
        raise BridgeError(describe(gateway.hop), describe(hop), str(error), error.advice) from error
    if script is None:
        raise replace(refusal, besides=DRY)
    count()
    return script


def crossed(jump: Hop) -> str:
    """Tell what was left on a jump host."""
    alias = jump.alias
    return f"{alias} forbids forwarding: connected through remotego's agent there; `undo --host {alias}` removes it"
