"""The command line of an ssh master: what the user configured, but for what must not be left to chance."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.openssh import words_for
from remotego.adapters.ssh.names import parse_destination
from remotego.adapters.ssh.patience import BANNER_S
from remotego.core.framing import COMMAND
from remotego.core.target import Hop

FORCED = (
    # whom we trust
    "StrictHostKeyChecking=yes",
    "NoHostAuthenticationForLocalhost=no",
    "VerifyHostKeyDNS=no",
    "UpdateHostKeys=no",
    # what we give away
    "ForwardAgent=no",
    "ForwardX11=no",
    "ClearAllForwardings=yes",
    "Tunnel=no",
    "PasswordAuthentication=no",
    "KbdInteractiveAuthentication=no",
    # what runs here, and for how long
    "ControlPersist=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "RequestTTY=no",
    # what we are told
    "LogLevel=DEBUG1",
)
"""Stronger than any ssh_config: options of the command line come first (ssh_config(5)). ``DEBUG1`` has the
fingerprint of a host key, the keys that were tried, and the stage that a login has reached."""

FORCED_SINCE = (((8, 7), "ForkAfterAuthentication=no"),)
"""Stronger as well, where ssh is new enough to know them."""

FIRST_S, BEHIND_S = 3, 4
"""A peer silent for three times this is dead (ServerAliveInterval, ServerAliveCountMax). Under 15 s, and sooner
for the first hop, so that a dead jump host is blamed before what lies behind it."""


_BRIDGE = (
    "frame=$1 mark=$2; shift 2; "
    '{ cat "$frame"; read -r go <"$frame.go"; exec cat; } | "$@" | '
    '{ while IFS= read -r line; do if [ "$line" = "$mark" ]; then '
    'exec 9<>"$frame.go"; echo >&9; exec cat; fi; done; exec 9<>"$frame.go"; echo >&9; sleep 1; }'
)


@dataclass(frozen=True, slots=True)
class Program:
    """An ssh program: its path and release. An ssh that does not say is taken for an old one."""

    path: str
    version: tuple[int, int]


def parse_version(said: str) -> tuple[int, int]:
    """Read what ``ssh -V`` says: ``OpenSSH_9.2p1 Debian-2, …``."""
    found = re.match(r"OpenSSH_(?:for_Windows_)?(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def master_argv(
    program: Program, hop: Hop, control: Path, *, passage: str | None, config: Path | None, asks: bool
) -> tuple[str, ...]:
    """Give the command that signs in to a hop and serves ``control``.

    It is reached by the command ``passage`` (``passage_by`` and ``bridge_by``), or directly. The way there is the one
    that was resolved: ssh starts no jump of its own, which would not know of our options. ``asks`` lets it ask for
    passphrases and PINs.
    """
    options = (
        *FORCED,
        *(option for since, option in FORCED_SINCE if program.version >= since),
        f"BatchMode={'no' if asks else 'yes'}",
        f"ConnectTimeout={round(hop.connect_timeout_s or BANNER_S)}",
        f"ServerAliveInterval={BEHIND_S if passage else FIRST_S}",
        "ServerAliveCountMax=2",
        *_way(hop, passage),
    )
    return (
        program.path,
        *("-M", "-N", "-T", "-S", _unexpanded(str(control))),
        *(word for option in options for word in ("-o", option)),
        *words_for(parse_destination(hop.alias), config),
    )


def passage_by(program: Program, gateway: Path) -> str:
    """Give the ProxyCommand that leads on from the master at ``gateway``, by a forwarded connection."""
    return f"{_unexpanded(shlex.join(_client(program, gateway)))} -W '[%h]:%p' -- gateway"


def bridge_by(program: Program, gateway: Path, frame: Path, mark: str) -> str:
    """Give the ProxyCommand that leads on by a script there: the one in the file ``frame``.

    The stream begins after the line ``mark``; before, nothing may be sent (``core.framing.compose_stream``).
    ``frame.go`` is a named pipe.
    """
    words = (*_client(program, gateway), "-T", "--", "gateway", COMMAND)
    return _unexpanded(shlex.join(("/bin/sh", "-c", _BRIDGE, "sh", str(frame), mark, *words)))


def _way(hop: Hop, passage: str | None) -> tuple[str, ...]:
    if passage:
        return ("ProxyUseFdpass=no", f"ProxyCommand={passage}")
    if hop.proxy_command:
        return (f"ProxyCommand={_unexpanded(hop.proxy_command)}",)
    return ("ProxyJump=none",)


def _client(program: Program, gateway: Path) -> tuple[str, ...]:
    """Begin a command through a master; were that gone, ``false`` keeps ssh from connecting by itself."""
    return (program.path, "-F", "none", "-S", _unexpanded(str(gateway)), "-o", "ProxyCommand=false")


def _unexpanded(text: str) -> str:
    """Keep ssh from reading tokens into text that is final."""
    return text.replace("%", "%%")
