"""Expands what ``ssh -G`` prints as it was written: ``%`` tokens, ``~`` and ``${NAME}``.

The letters are those of ssh_config(5), TOKENS. ``ssh -G`` expands HostName and
UserKnownHostsFile itself, but neither ProxyCommand nor the names of identities and agents.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from remotego.core.errors import UsageError

_TOKEN = re.compile(r"%(.?)", re.DOTALL)
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


@dataclass(eq=False)
class TokenError(UsageError):
    """An ssh_config value asks for something that cannot be filled in."""

    value: str
    token: str
    what = "cannot expand {token!r} in the ssh_config value {value!r}"
    remedy = "write the value out, or use a token or variable that exists (man ssh_config, TOKENS)"


@dataclass(frozen=True, slots=True)
class Scene:
    """What the tokens stand for: this connection, this user, this machine."""

    alias: str
    hostname: str
    port: int
    user: str
    key_alias: str
    jumps: str
    home: Path
    local_user: str
    local_uid: int
    local_host: str
    environ: Mapping[str, str]

    def letters(self) -> dict[str, str]:
        """Each token letter and its value."""
        digest = hashlib.sha1(usedforsecurity=False)
        digest.update(
            f"{self.local_host}{self.hostname}{self.port}{self.user}{self.jumps}".encode(errors="surrogateescape")
        )
        return {
            "%": "%",
            "C": digest.hexdigest(),
            "d": str(self.home),
            "h": self.hostname,
            "i": str(self.local_uid),
            "j": self.jumps,
            "k": self.key_alias,
            "L": self.local_host.partition(".")[0],
            "l": self.local_host,
            "n": self.alias,
            "p": str(self.port),
            "r": self.user,
            "u": self.local_user,
        }


def expand(value: str, scene: Scene) -> str:
    """Fill in the ``%`` tokens of a command. Raises TokenError for an unknown one."""
    letters = scene.letters()

    def fill(match: re.Match[str]) -> str:
        if match[1] not in letters:
            raise TokenError(value, match[0])
        return letters[match[1]]

    return _TOKEN.sub(fill, value)


def expand_path(value: str, scene: Scene) -> Path:
    """Fill in ``~``, ``${NAME}`` and tokens of a file name. Raises TokenError."""

    def look_up(match: re.Match[str]) -> str:
        if match[1] not in scene.environ:
            raise TokenError(value, match[0])
        return scene.environ[match[1]].replace("%", "%%")

    text = expand(_VARIABLE.sub(look_up, value), scene)
    if text == "~" or text.startswith("~/"):
        return scene.home / text[2:]
    try:
        return Path(text).expanduser() if text.startswith("~") else Path(text)
    except RuntimeError as error:  # nobody of that name has a home
        raise TokenError(value, text.partition("/")[0]) from error


def expand_agent(value: str | None, scene: Scene) -> str | None:
    """Find the agent's socket: IdentityAgent if the config has one, else $SSH_AUTH_SOCK.

    None means that no agent is to be asked: ``none``, or nothing there to ask.
    """
    if value == "none":
        return None
    if value is None or value == "SSH_AUTH_SOCK":
        return scene.environ.get("SSH_AUTH_SOCK") or None
    if value.startswith("$") and not value.startswith("${"):
        return scene.environ.get(value[1:]) or None
    return str(expand_path(value, scene))
