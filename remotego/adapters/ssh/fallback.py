"""ssh_config read by paramiko, for machines without an ``ssh`` program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.ssh.names import Destination
from remotego.adapters.ssh.route import Ask
from remotego.adapters.ssh.settings import Settings
from remotego.core.errors import UsageError

NOTE = "there is no ssh program here, so paramiko has read the ssh_config: Include and newer Match keywords are refused"

FILES = ("~/.ssh/config", "/etc/ssh/ssh_config")

_LINE = re.compile(r"\s*(?P<key>[A-Za-z]+)(?:\s+|\s*=\s*)(?P<value>.*?)\s*")
_MATCHES = {"all", "canonical", "exec", "final", "host", "localuser", "originalhost", "user"}
_DEFAULT_IDENTITIES = tuple(f"~/.ssh/id_{kind}" for kind in ("rsa", "ecdsa", "ed25519"))
_DEFAULT_KNOWN_HOSTS = ("~/.ssh/known_hosts ~/.ssh/known_hosts2",)
_GLOBAL_KNOWN_HOSTS = ("/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2",)


@dataclass(eq=False)
class MisreadError(UsageError):
    """A line of ssh_config that paramiko would silently get wrong."""

    place: str
    keyword: str
    what = "{place}: {keyword} cannot be read without an ssh program"
    remedy = "install the OpenSSH client, or name a file without {keyword} as the ssh_config"


def read_config(config: Path | None) -> Ask:
    """Read the configuration once; the result answers for machines as ``ssh -G`` would. Raises MisreadError."""
    from paramiko.config import SSHConfig

    files = [config] if config else [Path(name).expanduser() for name in FILES]
    text = "\n".join(_checked(path) for path in files if path.is_file())
    parsed = SSHConfig.from_text(text)
    return lambda wanted: [_settings(each, parsed) for each in wanted]


def _checked(path: Path) -> str:
    text = path.read_text("utf-8", "surrogateescape")
    for number, line in enumerate(text.splitlines(), 1):
        if (match := _LINE.fullmatch(line)) and (keyword := _misread(match["key"].lower(), match["value"])):
            raise MisreadError(f"{path}:{number}", keyword)
    return text


def _misread(key: str, value: str) -> str | None:
    if key == "include":
        return "Include"
    if key != "match":
        return None
    words = [word.lstrip("!").lower() for word in value.split()]
    unknown = next((word for word in words[:1] if word not in _MATCHES), None)
    return f"Match {unknown}" if unknown else None


def _settings(wanted: Destination, parsed: Any) -> Settings:
    found = parsed.lookup(wanted.host)
    values = {key: tuple(value) if isinstance(value, list) else (value,) for key, value in found.items()}
    values.setdefault("identityfile", _DEFAULT_IDENTITIES)
    values.setdefault("userknownhostsfile", _DEFAULT_KNOWN_HOSTS)
    values.setdefault("globalknownhostsfile", _GLOBAL_KNOWN_HOSTS)
    if wanted.user:
        values["user"] = (wanted.user,)
    if wanted.port:
        values["port"] = (str(wanted.port),)
    return Settings(values)


