"""The SDKs on a target, asked in one script: ours and whether they are whole, and where another one would go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from remotego.core.errors import RefusedError
from remotego.core.fact import Fact
from remotego.core.terminal import inert
from remotego.host.root import guarded
from remotego.host.scripts import assign, read
from remotego.host.sdk.layout import CURRENT, MANIFEST, NOTE, VERSION, folder, path_of
from remotego.host.sdk.note import SdkNote, parse_note

_SCRIPT = """\
sdk=$root/sdk
[ -d "$sdk" ] && echo there=1
dir=$sdk
while ! [ -d "${dir:-/}" ]; do dir=${dir%/*}; done
df -Pk "${dir:-/}" 2>/dev/null | sed -n '2s/^/df-k=/p'
df -Pi "${dir:-/}" 2>/dev/null | sed -n '2s/^/df-i=/p'
point=$(df -P "${dir:-/}" 2>/dev/null | sed -n '2s/.*% *//p')
while read -r _ at kind flags _; do [ "$at" != "$point" ] || flags_there=$flags; done < /proc/self/mounts
printf 'flags=%s\\npoint=%s\\n' "$flags_there" "$point"
for tool in tar tee find stat; do command -v $tool >/dev/null 2>&1 || printf 'lacks=%s\\n' "$tool"; done
if [ -h "$sdk/current" ]; then printf 'current=%s\\n' "$(readlink -- "$sdk/current")"
elif [ -e "$sdk/current" ]; then echo 'current=?'; fi
for dir in "$sdk"/[0-9]*; do
  name=${dir##*/}
  [ -d "$dir" ] && { [ -z "$only" ] || [ "$only" = "$name" ]; } || continue
  printf 'sdk=%s\\nmode=%s\\nfound=%s\\n' "$name" "$(LC_ALL=C ls -ldn -- "$dir")" "$(count "$dir")"
  head -n 2 -- "$dir/$note_name" 2>/dev/null | head -c 8192 | sed -e '1s/^/meant=/' -e '2s/^/note=/'
  [ -e "$dir/bin/go" ] || echo 'lost=bin/go'
  head -n 1 -- "$sdk/.damaged-$name" 2>/dev/null | head -c 300 | sed 's/^/damaged=/'
done
programs_of "$sdk" | sed 's/^/runs=/'
true
"""


@dataclass(eq=False)
class ForeignSdkError(RefusedError):
    """Something stands where our SDKs belong that we have not put there."""

    path: str
    cause: str
    what = "{path} {cause}: sdk.install has not made it so, and nothing there was changed"
    remedy = "move it away, or name another directory with --store"


@dataclass(frozen=True, slots=True)
class Amount:
    """How many files, and how many bytes they have together."""

    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One of our SDKs on a target. ``fault`` says what is wrong with it, "" for nothing that a quick look can see.

    The look counts files and bytes; ``sdk.verify`` hashes them, and what it has found is told here too.
    """

    version: str
    note: SdkNote | None
    amount: Amount
    fault: str


@dataclass(frozen=True, slots=True)
class Runs:
    """A process whose program belongs to an SDK."""

    pid: int
    version: str
    program: str


@dataclass(frozen=True, slots=True)
class Ground:
    """The file system where SDKs stand or would: what is free there (None: unknown), and where it is mounted noexec."""

    free_bytes: int | None
    free_inodes: int | None
    noexec: str | None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Sdks:
    """``kept`` are the SDKs that were asked for, ``current`` where the link leads ("" if there is none).

    ``there``: their directory is. ``lacks`` are tools that unpacking takes and the target has not.
    """

    root: str
    there: bool
    kept: tuple[Kept, ...]
    current: str
    runs: tuple[Runs, ...]
    ground: Ground
    lacks: tuple[str, ...]

    @property
    def link(self) -> str:
        """Path of the link to the current one."""
        return f"{folder(self.root)}/{CURRENT}"

    def path_of(self, version: str) -> str:
        """Where an SDK stands, or would."""
        return path_of(version, self.root)

    def find(self, version: str) -> Kept | None:
        """Give one of ours, None if it is not there or was not asked for."""
        return next((one for one in self.kept if one.version == version), None)


def sdks(store: str | None = None, only: str = "") -> Fact[Sdks]:
    """Ask for our SDKs, or for the one of version ``only``. ``store`` overrides where we keep things on the target.

    Reading the answer raises ForeignSdkError for a ``current`` that is none of our links.
    """
    words = {"note_name": NOTE, "manifest": MANIFEST, "only": only}
    return guarded("sdks", store, "\n".join([assign(words), read("sdk/trees"), _SCRIPT]), _parse)


def _parse(root: str, text: str) -> Sdks:
    pairs = [(key, value) for key, equals, value in (line.partition("=") for line in text.splitlines()) if equals]
    head = dict(pair for pair in reversed(pairs))
    current, flags = head.get("current", ""), head.get("flags", "").split(",")
    if current and not VERSION.fullmatch(current):
        raise ForeignSdkError(
            f"{folder(root)}/{CURRENT}", "is no link" if current == "?" else f"leads to {inert(current)}"
        )
    return Sdks(
        root=root,
        there="there" in head,
        kept=tuple(_kept(one) for one in _sections(pairs)),
        current=current,
        runs=tuple(found for key, value in pairs if key == "runs" and (found := _runs(value))),
        ground=Ground(
            free_bytes=_free(head.get("df-k"), 1024),
            free_inodes=_free(head.get("df-i"), 1),
            noexec=inert(head.get("point", "")) if "noexec" in flags else None,
            read_only="ro" in flags,
        ),
        lacks=tuple(value for key, value in pairs if key == "lacks"),
    )


def _sections(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Cut the answer into one piece for each SDK; a directory that is called like none is not ours."""
    begins = [number for number, (key, _) in enumerate(pairs) if key == "sdk"]
    pieces = [dict(pairs[begin:end]) for begin, end in pairwise([*begins, len(pairs)])]
    return [piece for piece in pieces if VERSION.fullmatch(piece["sdk"])]


def _kept(piece: dict[str, str]) -> Kept:
    try:
        note = parse_note(piece["note"])
    except (KeyError, ValueError):
        note = None
    found = _amount(piece.get("found", ""))
    return Kept(piece["sdk"], note, found or Amount(0, 0), _fault(piece, note, found))


def _fault(piece: dict[str, str], note: SdkNote | None, found: Amount | None) -> str:
    meant = _amount(piece.get("meant", ""))
    if note is None or note.version != piece["sdk"] or meant is None:
        return "its note is missing or damaged"
    if "lost" in piece:
        return "its go command is gone"
    if found is None:
        return "its files cannot be counted"
    if found.files != meant.files:
        return f"it has {found.files} files instead of {meant.files}"
    if found != meant:
        return f"its files have {found.size_bytes} bytes instead of {meant.size_bytes}"
    if piece.get("mode", "")[:10] != "dr-xr-xr-x":
        return "its directory can be written"
    return inert(piece.get("damaged", ""))


def _amount(text: str) -> Amount | None:
    files, _, size = text.strip().partition(" ")
    return Amount(int(files), int(size)) if files.isdecimal() and size.isdecimal() else None


def _runs(text: str) -> Runs | None:
    pid, _, program = text.partition(" ")
    found = re.search(r"/sdk/([^/]+)/", program)
    return Runs(int(pid), found[1], inert(program)) if found and pid.isdecimal() else None


def _free(row: str | None, unit: int) -> int | None:
    """The "available" column of a ``df`` line; None where it says nothing."""
    found = re.search(r"\s\d+\s+\d+\s+(\d+)\s+\d+%", row or "")
    return int(found[1]) * unit if found else None
