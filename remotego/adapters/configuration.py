"""Configuration: the layers of settings as they lie about, in flags, variables and TOML files.

Nothing is imported for a layer that is absent: reading TOML costs 5 ms, which a run without a file
need not pay. A file of someone else's is refused, because settings name files that ssh and go obey.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remotego.core.errors import RefusedError, UsageError
from remotego.core.options import JUMPS, MACHINE, OPTIONS, Number, Switch, Word, Words
from remotego.core.settings import Layer, SettingError, Settings, compose
from remotego.core.tables import AUTH, is_of_a_table, option_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "remotego.toml"
PREFIX = "REMOTEGO_"
CAP_BYTES = 1 << 20


@dataclass(eq=False)
class UnreadableSettingsError(UsageError):
    """A settings file that cannot be read or is not TOML."""

    file: str
    reason: str
    what = "{file} cannot be read: {reason}"
    remedy = "correct the file, or move it away"


@dataclass(eq=False)
class HostsTwiceError(UnreadableSettingsError):
    """A settings file that has hosts as a list and as tables, which TOML forbids."""

    remedy = "write hosts one way: as a list, or as one table [hosts.NAME] for each of them, which may be empty"


@dataclass(eq=False)
class UntrustedSettingsError(RefusedError):
    """A settings file, or its directory, that is someone else's or that others may change."""

    file: str
    place: str
    owner: int
    mode: str
    what = "{file} is not read: {place} belongs to uid {owner} (mode {mode}), and settings can start programs"
    remedy = (
        "if you trust what it says, make it and its directory your own (chown), or copy it to a directory of yours; "
        "root's own will do where only root may write"
    )


@dataclass(eq=False)
class OpenSettingsError(RefusedError):
    """A settings file with [auth.NAME] tables that anybody may write."""

    file: str
    mode: str
    what = (
        "{file} is not read: anybody may write it (mode {mode}), and its [auth] says what credential is lent for what"
    )
    remedy = "chmod o-w the file; where its file system has no modes, move [auth] to your own settings"


_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def load_settings(flags: Mapping[str, Any], *, cwd: Path, environ: Mapping[str, str], user_file: Path) -> Settings:
    """Read and compose every layer: flags, REMOTEGO_* variables, remotego.toml, the user's file.

    ``flags`` that are None or empty were not given; numbers may come as text. remotego.toml is looked
    for in ``cwd`` and upwards to the root of the file system. Paths in a file count from that file's
    directory, those of flags and variables from ``cwd``.
    """
    given = {name: _parsed(name, value) for name, value in flags.items() if value not in (None, (), [], "")}
    layers = [
        Layer("flag", _rooted(given, cwd), {name: _flag(name) for name in given}),
        _environment(environ, cwd),
        *(_file_layer(path) for path in (found_upwards(cwd), user_file) if path and path.is_file()),
    ]
    return compose(layers)


def user_settings_file() -> Path:
    """Place of the user's own settings, by the rules of the platform."""
    import platformdirs

    return platformdirs.user_config_path("remotego") / "config.toml"


def _environment(environ: Mapping[str, str], cwd: Path) -> Layer:
    names = {PREFIX + name.upper(): name for name in OPTIONS}
    given = {names[variable]: (variable, text) for variable, text in environ.items() if variable in names and text}
    values = {name: _parsed(name, text) for name, (_, text) in given.items()}
    return Layer("environment", _rooted(values, cwd), {name: variable for name, (variable, _) in given.items()})


def _flag(name: str) -> str:
    """Name the flag of a setting; that for ``hosts`` is given once for each host."""
    return "--host" if name == "hosts" else f"--{name.replace('_', '-')}"


def _parsed(name: str, text: Any) -> Any:
    """Read text as its option wants it; what does not fit is left for the check to name."""
    if not isinstance(text, str):
        return text
    match OPTIONS.get(name):
        case Number() if re.fullmatch(r"[0-9]{1,9}", text):
            return int(text)
        case Switch() if text.lower() in _SWITCHES:
            return _SWITCHES[text.lower()]
        case Words():
            return [word for word in re.split(r"[\s,]+", text) if word]
        case _:
            return text


def found_upwards(cwd: Path) -> Path | None:
    """Find the remotego.toml of a directory: its own, or the nearest above."""
    start = cwd.absolute()
    return next((path for folder in (start, *start.parents) if (path := folder / FILE).is_file()), None)


def _file_layer(path: Path) -> Layer:
    import tomllib

    check_trust(path)
    try:
        if path.stat().st_size > CAP_BYTES:
            raise UnreadableSettingsError(file=str(path), reason=f"it is larger than {CAP_BYTES} bytes")
        text = path.read_bytes().decode()
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        twice = re.search(r"Cannot declare \('hosts'.* twice", str(error))
        complaint = HostsTwiceError if twice else UnreadableSettingsError
        raise complaint(file=str(path), reason=str(error)) from error
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableSettingsError(file=str(path), reason=str(error)) from error
    values = _flat(table, str(path))
    if AUTH in table:
        _check_lending(path)
    return Layer(str(path), _rooted(values, path.parent), _lines(text, path))


def check_trust(path: Path) -> None:
    """Raise UntrustedSettingsError unless the file and its directory are ours, or safely root's."""
    if sys.platform == "win32":
        return
    for place in (path.absolute().parent, path):
        status = place.stat()
        if not _is_trusted(status):
            mode = stat.filemode(status.st_mode)
            raise UntrustedSettingsError(file=str(path), place=str(place), owner=status.st_uid, mode=mode)


def _check_lending(path: Path) -> None:
    """Raise OpenSettingsError where anybody may write what says which credential goes where.

    A group is often the user's own, with no sure way to tell: it is let pass.
    """
    if sys.platform != "win32" and (mode := path.stat().st_mode) & stat.S_IWOTH:
        raise OpenSettingsError(file=str(path), mode=stat.filemode(mode))


def _is_trusted(status: os.stat_result) -> bool:
    """What is our own counts whatever its mode: some file systems show 0777 for everything."""
    others_may_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return status.st_uid == os.geteuid() or (status.st_uid == 0 and not others_may_write)


def _flat(table: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """Turn tables into flat keys; [hosts.NAME] ones into the list of their names too."""
    named = {key: value for key, value in table.items() if is_of_a_table(key)}
    flat = {key: value for key, value in table.items() if key not in (*named, JUMPS)} | _leaves(named)
    flat |= _of_machines(table, JUMPS, origin)
    hosts = table.get("hosts")
    if not isinstance(hosts, dict):
        return flat
    return flat | {"hosts": list(hosts)} | _of_machines(table, "hosts", origin)


def _of_machines(table: Mapping[str, Any], kind: str, origin: str) -> dict[str, Any]:
    """Flatten the tables of one kind of machines, each of which must be one."""
    machines = table.get(kind, {})
    if not isinstance(machines, dict):
        raise SettingError(origin=origin, key=kind, reason="a table for each machine was expected")
    for name, own in machines.items():
        if not isinstance(own, dict):
            raise SettingError(origin=origin, key=f"{kind}.{name}", reason="a table was expected")
    return {f"{kind}.{name}.{key}": value for name, own in machines.items() for key, value in own.items()}


def _leaves(table: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        flat |= _leaves(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return flat


def _lines(text: str, path: Path) -> dict[str, str]:
    """Find the line each key is written on; a key written in a rarer form has the file alone."""
    section = ""
    lines: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            section = header[1].replace('"', "").replace("'", "") + "."
            lines.setdefault(section.partition(".")[0], f"{path}:{number}")
        elif key := re.match(r"\s*(?:([A-Za-z0-9_-]+)|\"([^\"\\]+)\")\s*=", line):
            lines[section + (key[1] or key[2])] = f"{path}:{number}"
    return lines


def _rooted(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Make paths absolute; a bare word for ``go`` stays a name to be looked up in PATH."""
    return {name: _absolute(name, value, folder) for name, value in values.items()}


def _absolute(name: str, value: Any, folder: Path) -> Any:
    above, _, last = name.rpartition(".")
    option = OPTIONS.get(name) or option_of(name) or (MACHINE.get(last) if above else None)
    if not (isinstance(option, Word) and option.is_path and isinstance(value, str) and value):
        return value
    if name == "go" and not re.search(r"[/\\~]", value):
        return value
    with suppress(RuntimeError):  # nobody of that name has a home: then it is the name of a file
        return str(folder.absolute() / Path(value).expanduser())
    return str(folder.absolute() / value)
