"""A thorough look at one SDK on a target: the SHA-256 of each file there, against the manifest that came with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from remotego.core.fact import Fact
from remotego.core.terminal import inert
from remotego.host.scripts import assign
from remotego.host.sdk.layout import MANIFEST, NOTE

_SCRIPT = """\
cd -- "$dir" || exit 1
cat -- "$manifest" 2>/dev/null
printf '\\n%s\\n' '#hashed'
find . -type f ! -name "$note" ! -path "./$manifest" -exec $digest {} +
echo '#odd'
find . ! -type f ! -type d
echo '#writable'
find . ! -type l -perm -200
echo '#runnable'
find . -type f -perm -100
echo '#end'
"""

_NAMED = 3
"""How many paths of a kind a summary names."""

_PARTS = ("hashed", "odd", "writable", "runnable", "end")


@dataclass(frozen=True, slots=True)
class Content:
    """What an SDK on a target consists of: SHA-256 by path, as its manifest has it (None: none to read) and as found.

    ``odd`` is neither file nor directory, ``writable`` can be changed, ``runnable`` executed.
    """

    meant: Mapping[str, str] | None
    found: Mapping[str, str]
    odd: frozenset[str]
    writable: frozenset[str]
    runnable: frozenset[str]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is not as it was put there, by path; nothing of all when an SDK is whole."""

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """Say how many of each, with the first by name; "" for none. Modes are named where they are all."""
        kinds = {"missing": self.missing, "changed": self.changed, "added": self.added}
        found = [f"{len(paths)} {kind} ({_first(paths)})" for kind, paths in kinds.items() if paths]
        if self.modes:
            found.append(f"{len(self.modes)} of another mode" + f" ({_first(self.modes)})" * (not found))
        return "; ".join(found)


def sdk_content(path: str, digest: str) -> Fact[Content]:
    """Ask for the content of the SDK at ``path``; ``digest`` is the target's command that prints SHA-256.

    It reads some hundred megabytes there: give it time.
    """
    words = assign({"dir": path, "manifest": MANIFEST, "note": NOTE, "digest": digest})
    return Fact("content of an SDK", f"{words}\n{_SCRIPT}", _parse)


def compare(content: Content) -> Findings:
    """Name what differs from the manifest. Programs of bin and pkg/tool have to be executable, nothing writable."""
    meant, found = content.meant or {}, content.found
    programs = {path for path in found if path.startswith(("bin/", "pkg/tool/"))}
    return Findings(
        missing=_sorted(meant.keys() - found.keys()),
        changed=_sorted(path for path in meant.keys() & found.keys() if meant[path] != found[path]),
        added=_sorted({*(found.keys() - meant.keys()), *content.odd}),
        modes=_sorted({*content.writable, *(programs - content.runnable)}),
    )


def parse_manifest(text: str) -> dict[str, str] | None:
    """Read the SHA-256 of each file from a manifest; None for what is none."""
    try:
        match json.loads(text):
            case {"files": dict(files)} if all(isinstance(one, str) for one in files.values()):
                return {str(path): str(digest) for path, digest in files.items()}
    except ValueError:
        pass
    return None


def _parse(text: str) -> Content:
    manifest, _, rest = text.rpartition("\n#hashed\n")
    parts: dict[str, list[str]] = {"hashed": []}
    lines = parts["hashed"]
    for line in rest.splitlines():
        if line.startswith("#") and line[1:] in _PARTS:
            lines = parts.setdefault(line[1:], [])
        else:
            lines.append(line)
    if "end" not in parts:
        raise ValueError("it does not tell to the end")
    return Content(
        meant=parse_manifest(manifest),
        found={path: digest for line in parts["hashed"] for digest, path in [_hashed(line)]},
        odd=frozenset(map(_path, parts["odd"])),
        writable=frozenset(map(_path, parts["writable"])),
        runnable=frozenset(map(_path, parts["runnable"])),
    )


def _hashed(line: str) -> tuple[str, str]:
    """Read ``HEX  ./PATH``; openssl puts a star before the path."""
    digest, _, path = line.partition(" ")
    return digest, _path(path[1:])


def _path(path: str) -> str:
    return inert(path.removeprefix("./"))


def _first(paths: tuple[str, ...]) -> str:
    return ", ".join([*paths[:_NAMED], *["..."] * (len(paths) > _NAMED)])


def _sorted(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(paths))
