"""substitutePath for an editor on Windows, where Delve reads the rules otherwise.

With a Windows path anywhere Delve compares without regard to case, and makes what follows a matching
directory lower-case on both ways, so that a Linux name with an upper-case letter there is not found;
to a target without any slash it adds the rest with backslashes (SubstitutePath and joinPath in pkg/locspec,
since Delve 1.21.0). An exact match is taken as it is written. So: a rule for each directory whose
name would be changed, a rule for each file whose own name would, targets that end with a slash,
files first, and the more specific directory before the less.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from remotego.delve.paths import PathMap, source_names
from remotego.delve.substitution import Rule, back, is_below, ordered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_DRIVE = re.compile(r"(?:/mnt/)?(?P<letter>[A-Za-z])(?P<colon>:)?(?P<rest>[/\\].*)?")
_ABSOLUTE = re.compile(r"\\\\.*|.:[/\\].*", re.DOTALL)
_TWICE = "Windows does not tell their place here from that of other files of the binary"
_NO_DRIVE = "their place here is on no drive of Windows"


def windows_name(path: str) -> str | None:
    """Spell an absolute path as VS Code on Windows does: backslashes, and the drive's letter in lower case.

    ``/mnt/c/x``, as WSL mounts drives, is ``c:\\x``; ``//server/x`` is a share. None for what no drive holds.
    """
    if path.startswith(("//", "\\\\")):
        return path.replace("/", "\\")
    found = _DRIVE.fullmatch(path)
    if found is None or path.startswith("/mnt/") == bool(found["colon"]):
        return None
    return found["letter"].lower() + ":" + (found["rest"] or "\\").replace("/", "\\")


def on_windows(paths: PathMap, files: Collection[str]) -> PathMap:
    """Turn rules for an editor on Linux into those for one on Windows; ``files`` are all of the binary's.

    Files whose place has no name on Windows join those without a place.
    """
    linux = back(paths.rules)
    spelt = {name: windows_name(linux.of(name)) for name in source_names(files) if name not in paths.reasons}
    named = {name: local for name, local in spelt.items() if local is not None}
    alike = {local.lower(): name for name, local in reversed(named.items())}
    held = {name: local for name, local in named.items() if alike[local.lower()] == name}
    rules = windows_rules(paths.rules, held)
    lost = dict.fromkeys(spelt.keys() - named.keys(), _NO_DRIVE)
    lost |= dict.fromkeys([*(named.keys() - held.keys()), *_astray(held, rules)], _TWICE)
    reasons = dict(sorted({**paths.reasons, **lost}.items()))
    home = WindowsDirection([(rule.binary, rule.local) for rule in rules])
    found = (home.decides(name) for name in spelt if name not in lost)
    uses = Counter(rules[place] for place in found if place is not None)
    return replace(paths, rules=rules, unmapped=tuple(reasons), reasons=reasons, uses=uses)


def windows_rules(rules: Sequence[Rule], files: dict[str, str]) -> tuple[Rule, ...]:
    """Give the rules by which each of ``files``, local paths by their names in the binary, is found both ways."""
    exact = [one for rule in rules if rule.is_file and (one := _spelt(rule)) is not None]
    folders = _ordered([*_folders(rules, files)])
    folders = _ordered([*folders, *_nearer(_astray(files, folders), folders)])
    exact += [Rule(local, name, is_file=True) for name, local in _astray(files, folders).items()]
    return (*sorted(set(exact), key=lambda rule: (-len(rule.local), rule)), *folders)


class WindowsDirection:
    """Rules read one way where a path or a rule is of Windows, found by the directories a path lies in."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Take ``pairs`` of from and to, in their order."""
        self._pairs = pairs
        self._exact: dict[str, int] = {}
        self._below: dict[str, int] = {}
        for place, (old, _) in enumerate(pairs):
            self._exact.setdefault(old, place)
            self._below.setdefault(old.lower(), place)

    def decides(self, path: str) -> int | None:
        """Give the place of the rule that decides; None where none does."""
        exact, low = self._exact.get(path), path.lower()
        below = [self._below.get("")] if not path.startswith("/") and not _ABSOLUTE.match(path) else []
        for at in re.finditer(r"[/\\]", low):
            below += [self._below.get(low[: at.start()]), self._below.get(low[: at.end()])] if at.start() else []
        return min((place for place in (exact, *below) if place is not None), default=None)

    def of(self, path: str) -> str:
        """Translate a path; one that no rule takes stays as it is."""
        place = self.decides(path)
        if place is None:
            return path
        old, new = self._pairs[place]
        return new if path == old else _joined(new, path.lower()[len(old) :] if old else path)


def _joined(new: str, rest: str) -> str:
    bare = rest[1:] if rest.startswith(("/", "\\")) else rest
    if new == "":
        return bare
    kinds = set(re.findall(r"[/\\]", new))
    if len(kinds) == 1:
        bare = re.sub(r"[/\\]", lambda _: next(iter(kinds)), bare)
        separator = next(iter(kinds))
    else:
        separator = rest[0] if bare != rest else "/"
    return new + bare if new.endswith(("/", "\\")) else new + separator + bare


def _spelt(rule: Rule) -> Rule | None:
    local = windows_name(rule.local)
    return replace(rule, local=local) if local is not None else None


def _folders(rules: Sequence[Rule], files: Iterable[str]) -> Iterable[Rule]:
    """Spell the rules for directories; that for all relative names becomes one for each directory at the top."""
    tops = sorted({name.partition("/")[0] for name in files if "/" in name and not name.startswith("/")})
    for rule in rules:
        if rule.is_file or windows_name(rule.local) is None:
            continue
        binaries = [rule.binary] if rule.binary else [top for top in tops if _is_first(rule, top, rules)]
        for binary in binaries:
            local = rule.local if rule.binary else f"{rule.local}/{binary}"
            yield Rule(windows_name(local) or "", f"{binary.rstrip('/')}/")


def _is_first(rule: Rule, top: str, rules: Sequence[Rule]) -> bool:
    """Tell whether no earlier rule takes a directory of relative names."""
    return next((one for one in rules if is_below(top, one.binary)), rule) == rule


def _nearer(files: dict[str, str], known: Sequence[Rule]) -> list[Rule]:
    """Give a rule for each directory of files that the known ones lead astray."""
    found = {
        Rule(local.rpartition("\\")[0], name.rpartition("/")[0] + "/") for name, local in files.items() if "/" in name
    }
    return sorted(found - set(known))


def _astray(files: dict[str, str], rules: Sequence[Rule]) -> dict[str, str]:
    """Give the files that rules do not lead to and back, letter by letter."""
    away = WindowsDirection([(rule.local, rule.binary) for rule in rules])
    home = WindowsDirection([(rule.binary, rule.local) for rule in rules])
    return {name: local for name, local in files.items() if away.of(local) != name or home.of(name) != local}


def _ordered(rules: Sequence[Rule]) -> list[Rule]:
    """Put the more specific before the less, without regard to case."""
    alike: dict[Rule, list[Rule]] = {}
    for rule in dict.fromkeys(rules):
        key = Rule(rule.local.lower().replace("\\", "/").rstrip("/"), rule.binary.lower().rstrip("/"))
        alike.setdefault(key, []).append(rule)
    return [rule for key in ordered(tuple(alike)) for rule in alike[key]]
