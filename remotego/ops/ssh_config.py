"""ssh_config for the team's machines: an included file of ours, checked by ssh itself before it is in its place."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.files import Original, UnfitFileError, read_file, remove_file, replace_file
from remotego.adapters.openssh import ConfigError, read_settings, resolve
from remotego.adapters.ssh.settings import Settings as Resolved
from remotego.adapters.sshconfig.blocks import Block, block_of, render_blocks, render_known_hosts, twins
from remotego.adapters.sshconfig.conflicts import Conflict, conflicts_of
from remotego.adapters.sshconfig.include import folders_made, with_include, without_include
from remotego.adapters.sshconfig.lines import Line, legible, read_lines
from remotego.adapters.sshconfig.place import Place, included, place_for, rehearsal
from remotego.core.errors import RefusedError, UsageError
from remotego.core.machine import Machine, machines
from remotego.core.settings import Settings
from remotego.vscode.difference import difference

HEAD = (
    "Written by remotego gen-ssh-config from {source}: edit that, not this.\n`gen-ssh-config --remove` takes it away."
)

_SAID = {"yes": "true", "no": "false"}
"""How ``ssh -G`` prints some switches (readconf.c, fmt_intarg); others stay as they are."""


@dataclass(eq=False)
class MisreadConfigError(RefusedError):
    """ssh would make something else of the file than was meant."""

    host: str
    keyword: str
    meant: str
    got: str
    main: str
    what = "with our file ssh would take {keyword} of {host} for {got!r}, not {meant!r}; nothing was written"
    remedy = "see what `ssh -G {host}` says, and which line of {main} or of the files it includes sets {keyword}"


@dataclass(eq=False)
class UnfitConfigError(UsageError):
    """A path that is no place for an ssh_config."""

    path: str
    reason: str
    what = "{path} was left alone: {reason}"
    remedy = "make it a plain file that ssh can read, or name another with --ssh-config"


@dataclass(frozen=True, slots=True)
class Edit:
    """A file and what it shall hold; None is to have it away."""

    original: Original
    text: str | None

    @property
    def diff(self) -> tuple[str, ...]:
        """The change as lines of a unified diff."""
        path, before = str(self.original.path), self.original.text
        if self.text is None:
            return tuple(map(legible, difference(path, before or "", "")))
        return tuple(map(legible, difference(path, before, self.text)))

    @property
    def is_needed(self) -> bool:
        """Whether the file is not so already."""
        return self.text != self.original.text


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the files. ``checked`` tells whether ssh itself has read the result; it is not asked on removal.

    ``keyless`` are machines that have no host keys in remotego.toml; ``portless`` those with ``port`` in place of
    ``ssh_port``, as it seems.
    """

    place: Place
    edits: tuple[Edit, ...]
    blocks: tuple[Block, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    keyless: tuple[str, ...] = ()
    portless: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    checked: bool = False


def gen_ssh_config(settings: Settings, project: Path | None, *, dry: bool) -> Written:
    """Have the settings' hosts, and the jump hosts they need, in a file that the user's ssh_config includes.

    ``project`` is the remotego.toml in force: each has a file of its own. Raises MisreadConfigError, ConfigError,
    UnfitConfigError, and what ``machines``, ``block_of`` and ``render_known_hosts`` raise; nothing is written then.
    """
    place = place_for(settings.ssh_config, project)
    main, chosen = _read(place.main), machines(settings)
    becomes = with_include(main.text, place.argument, sum(not one.exists() for one in main.place.parents))
    lines = _lines(place, (main.text or "") if dry else becomes)
    same = twins(chosen)
    whole = [block_of(one, place.known_hosts, place.home, alias=one.name in same) for one in chosen]
    conflicts = tuple(one for block in whole for one in conflicts_of(block, lines))
    blocks = tuple(_yielding(block, conflicts) for block in whole)
    head = HEAD.format(source=project or "the user's settings")
    config = render_blocks(blocks, head)
    known_as = _rehearse(place, main, config, blocks)
    names = known_as or {one.name: one.name if one.name in same else one.known_as for one in chosen}
    edits = (
        Edit(_read(place.known_hosts), render_known_hosts(chosen, names, head)),
        Edit(_read(place.config), config),
        Edit(main, becomes),
    )
    if not dry:
        _carry_out(edits)
    keyless = tuple(machine.name for machine in chosen if not machine.host_keys)
    portless = tuple(one.name for one in chosen if _has_other_port(one, settings))
    return Written(place, edits, blocks, conflicts, keyless, portless, _missing(chosen), known_as is not None)


def remove_ssh_config(settings: Settings, project: Path | None, *, dry: bool) -> Written:
    """Take the project's file away, and with the last project's the Include: the user's file is as it was.

    A file that was made for the Include goes too, and the directories that were made for it if they are empty.
    """
    place = place_for(settings.ssh_config, project)
    main = _read(place.main)
    rest = main.text if place.others else without_include(main.text)
    edits = (Edit(main, rest), Edit(_read(place.config), None), Edit(_read(place.known_hosts), None))
    if not dry:
        _carry_out(edits)
        ours = main.place.parents[: folders_made(main.text)] if rest is None else ()
        with suppress(OSError):
            for folder in (place.folder, *ours):
                folder.rmdir()
    return Written(place, edits)


def _read(path: Path) -> Original:
    """Read a file of the user's, wherever its links lead: dotfiles are often kept elsewhere.

    Raises UnfitConfigError.
    """
    try:
        return read_file(path, within=Path(path.absolute().anchor), any_encoding=True)
    except UnfitFileError as error:
        raise UnfitConfigError(error.path, error.reason) from error


def _lines(place: Place, main: str) -> Sequence[Line]:
    """Read what the user's files say, without what this project's own says."""
    return list(read_lines(str(place.main), main, lambda word: included(word, place.home, place.config)))


def _yielding(block: Block, conflicts: Sequence[Conflict]) -> Block:
    return block.without(one.keyword for one in conflicts if one.host == block.name and one.kept == "theirs")


def _rehearse(place: Place, main: Original, config: str, blocks: Sequence[Block]) -> dict[str, str] | None:
    """Have ssh read the result, and our own reader; give the name that each machine's host key goes by.

    None where there is no ssh. Raises MisreadConfigError, ConfigError.
    """
    names = [block.name for block in blocks]
    with rehearsal(place, main.text, config) as trial:
        try:
            answers = read_settings(names, trial)
        except ConfigError as error:
            if main.text is not None:
                read_settings(names, place.main)  # raises too, and counts the lines as they are there
            raise ConfigError(error.name, error.said.replace(str(trial), str(place.main))) from error
        if answers is None:
            return None
        for block, answer in zip(blocks, answers, strict=True):
            for keyword, meant, got in _differences(block, answer, place):
                raise MisreadConfigError(block.name, keyword, meant, got, str(place.main))
        return {name: resolve(name, trial).target.hop.key_name for name in names}


def _differences(block: Block, answer: Resolved, place: Place) -> Iterator[tuple[str, str, str]]:
    for keyword, meant in block.rows:
        got = answer.each(keyword.lower()) or ("",)
        wanted = {_canonical(keyword, meant), meant.replace("~", str(place.home), 1)}
        said = {_canonical(keyword, one) for one in (got if keyword == "IdentityFile" else got[:1])}
        if not wanted & said:
            yield keyword, meant, got[0]


def _canonical(keyword: str, value: str) -> str:
    """Write a value as ``ssh -G`` does: switches, addresses and none have other forms."""
    match keyword:
        case "HostName":
            with suppress(ValueError):
                return str(ipaddress.ip_address(value))
            return value.lower()
        case "ProxyJump" if value.lower() == "none":
            return ""
        case _:
            return _SAID.get(value, value)


def _has_other_port(machine: Machine, settings: Settings) -> bool:
    """Tell whether its table says where it is, and a port that is none of ssh's."""
    has_port = f"hosts.{machine.name}.port" in settings.sources
    return has_port and machine.address is not None and machine.ssh_port is None


def _missing(chosen: Sequence[Machine]) -> tuple[str, ...]:
    """Name the keys that are not here."""
    named = dict.fromkeys(machine.identity for machine in chosen if machine.identity)
    return tuple(path for path in named if not Path(path).exists())


def _carry_out(edits: Sequence[Edit]) -> None:
    """Write in this order: what includes a file comes after it, and goes before it."""
    for edit in edits:
        if not edit.is_needed:
            continue
        if edit.text is None:
            remove_file(edit.original)
        else:
            replace_file(edit.original, edit.text, private=True)
