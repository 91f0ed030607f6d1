"""ssh_config read by paramiko, for machines without an ``ssh`` program."""

from __future__ import annotations

import glob
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.ssh.names import Destination
from remotego.adapters.ssh.route import Ask
from remotego.adapters.ssh.settings import Settings, scene_of
from remotego.adapters.ssh.tokens import expand_path
from remotego.core.errors import UsageError

NOTE = (
    "no ssh program here: paramiko has read the ssh_config; Include below a Host and newer Match keywords are refused"
)

FILES = ("~/.ssh/config", "/etc/ssh/ssh_config")

_LINE = re.compile(r"\s*(?P<key>[A-Za-z]+)(?:\s+|\s*=\s*)(?P<value>.*?)\s*")
_DEPTH = 16
_FOR_ALL = "Host *"
"""Ends the last Host of an included file: what follows the Include is for all again."""
_BARE = {"all", "canonical", "final"}
_WITH_VALUE = {"host", "localuser", "originalhost", "user"}
# Not exec: paramiko would run it with our standard input attached.
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
    """Read the configuration once; the result answers as ``ssh -G`` would. Raises MisreadError."""
    # Another thread may be loading the connection already. paramiko's modules import each other in
    # circles, so two threads must enter them by the same door, or one sees half a module. It comes in by Fabric.
    import fabric  # noqa: F401  (first, and for nothing but that)
    from paramiko.config import SSHConfig

    files = [config] if config else [Path(name).expanduser() for name in FILES]
    text = "\n".join(_checked(path) for path in files if path.is_file())
    parsed = SSHConfig.from_text(text)
    return lambda wanted: [_settings(each, parsed) for each in wanted]


def _checked(path: Path, depth: int = 0) -> str:
    """Read a file that paramiko gets right, with what it includes above its first Host in the place of that line."""
    lines, at_top = [], True
    for number, line in enumerate(path.read_text("utf-8", "surrogateescape").splitlines(), 1):
        match = _LINE.fullmatch(line)
        key, value = (match["key"].lower(), match["value"]) if match else ("", "")
        if key == "include" and at_top and depth < _DEPTH:
            lines += [*(_checked(one, depth + 1) for one in _included(value)), _FOR_ALL]
            continue
        if keyword := _misread(key, value):
            raise MisreadError(f"{path}:{number}", keyword)
        at_top = at_top and key not in ("host", "match")
        lines.append(line)
    return "\n".join(lines)


def _included(value: str) -> list[Path]:
    """Find the files an Include names, from ~/.ssh where it says no directory (ssh_config(5))."""
    names = [str(Path("~/.ssh").expanduser() / Path(word).expanduser()) for word in shlex.split(value)]
    return [Path(found) for name in names for found in sorted(glob.glob(name))]  # noqa: PTH207 - absolute ones too


def _misread(key: str, value: str) -> str | None:
    if key == "include":
        return "Include"
    if key != "match":
        return None
    unknown = next((word for word in _criteria(value) if word not in _BARE | _WITH_VALUE), None)
    return None if unknown is None else f"Match {unknown}"


def _criteria(value: str) -> list[str]:
    """Name the criteria of a Match line: every second word, but for those that take no value."""
    try:
        words = shlex.split(value)
    except ValueError:
        return [value]
    found: list[str] = []
    while words:
        word = words.pop(0).lstrip("!").lower()
        found.append(word)
        if word not in _BARE:
            words = words[1:]
    return found


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
    scene = scene_of(wanted, Settings(values))
    values["userknownhostsfile"] = tuple(
        " ".join(str(expand_path(word, scene)) for word in value.split()) for value in values["userknownhostsfile"]
    )
    return Settings(values)
