"""What a user may write for a machine: an alias, ``user@host:port``, or an ssh:// address."""

from __future__ import annotations

import re
from dataclasses import dataclass

from remotego.core.errors import UsageError

_BRACKETED = re.compile(r"\[(?P<host>[^\[\]]+)\](?::(?P<port>\d+))?")
_PORTED = re.compile(r"(?P<host>[^:]+):(?P<port>\d+)")
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029'\"`$\\;&<>|(){}]")


@dataclass(eq=False)
class NameRefusedError(UsageError):
    """A machine name that no safe ssh command line can carry."""

    name: str
    reason: str
    what = "{name!r} cannot be the name of a machine: {reason}"
    remedy = "give an alias of your ssh_config, user@host, user@host:port or ssh://user@host:port"


@dataclass(frozen=True, slots=True)
class Destination:
    """One machine name taken apart; None where the user's ssh_config decides."""

    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        """Write it as a user would."""
        host = f"[{self.host}]" if ":" in self.host and self.port else self.host
        port = f":{self.port}" if self.port else ""
        return (f"{self.user}@" if self.user else "") + host + port


def parse_destination(text: str) -> Destination:
    """Take apart an alias, ``[user@]host[:port]``, ``[user@][v6]:port`` or ``ssh://…``.

    The last ``@`` ends the user, as in OpenSSH. Raises NameRefusedError for what could be read as
    an option or reach a shell: a leading ``-``, whitespace, control and shell characters.
    """
    bare = text.removeprefix("ssh://")
    bare = bare if bare == text else bare.rstrip("/")
    user, _, place = bare.rpartition("@")
    match = _BRACKETED.fullmatch(place) or _PORTED.fullmatch(place)
    host, port = (match["host"], match["port"]) if match else (place, None)
    found = Destination(host, user or None, int(port) if port else None)
    if reason := _objection(found, has_user="@" in bare):
        raise NameRefusedError(text, reason)
    return found


def parse_jumps(text: str) -> tuple[Destination, ...]:
    """Read a ProxyJump value: machines in the order they are passed; () for ``none`` or empty.

    Raises NameRefusedError.
    """
    if text.strip().lower() in {"", "none"}:
        return ()
    return tuple(parse_destination(part.strip()) for part in text.split(","))


def _objection(found: Destination, *, has_user: bool) -> str | None:
    if not found.host:
        return "there is no host in it"
    if found.host.count(":") == 1:
        return "it takes a host and a port, 1 to 65535, around the colon"
    if has_user and not found.user:
        return "the user before @ is empty"
    if any(part.startswith("-") for part in (found.host, found.user or "")):
        return "it starts with a dash, like an option"
    if _UNFIT.search(found.host + (found.user or "")):
        return "it holds white space, a control or a shell character"
    if found.port is not None and not 0 < found.port < 65536:
        return f"{found.port} is not a port"
    return None
