"""Scripts that become streams by the agent's relay (remotego/agent/PROTOCOL.md), for ``Transport.pipe``."""

from __future__ import annotations

import ipaddress
import shlex

from remotego.core.transport import Script

_RESOLVE = """\
name={name}
found=$(getent ahosts "$name" 2>/dev/null | while read -r address _; do echo "$address"; done | uniq)
[ "$found" ] || found=$(
  while read -r address names; do
    case " $names " in *" $name "*) echo "$address" ;; esac
  done </etc/hosts
)
if [ -z "$found" ]; then echo "it does not know the name $name (getent ahosts, /etc/hosts)" >&2; exit 1; fi
where=
for address in $found; do
  case $address in *:*) address="[$address]" ;; esac
  where="$where,$address:{port}"
done
exec {agent} relay "tcp:${{where#,}}" "$begin"
"""
"""The agent knows no names: the machine's own resolver does, with all that its administrator has set up."""


def relay_socket(agent: str, socket: str) -> Script:
    """Lead to a unix socket; ``agent`` is the agent's path there."""
    return Script(f'exec {shlex.quote(agent)} relay {shlex.quote(socket)} "$begin"')


def relay_tcp(agent: str, hostname: str, port: int) -> Script:
    """Lead to a port of another machine, by its address or a name that the target resolves."""
    quoted = shlex.quote(agent)
    try:
        address = ipaddress.ip_address(hostname)
    except ValueError:
        return Script(_RESOLVE.format(name=shlex.quote(hostname), port=port, agent=quoted))
    place = f"[{address}]" if address.version == 6 else str(address)
    return Script(f'exec {quoted} relay {shlex.quote(f"tcp:{place}:{port}")} "$begin"')
