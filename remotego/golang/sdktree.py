"""The files of an SDK, whatever they were packed in: named as in its GOROOT, checked before any is read.

What is official is what cmd/distpack makes: the module has the archive's files without the directories api, doc,
misc and test, and go.mod is called _go.mod in it, for a module's zip may hold no other module. So the hash of the
module follows from the archive.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO

from remotego.golang.dirhash import h1
from remotego.golang.sdk import Sdk, UnsafeSdkError

MOST_FILES = 50_000
"""Go 1.26 has 11,516."""

MOST_BYTES = 500 << 20
"""Unpacked; cmd/go's own limit for a module (modfetch, MaxZipFile). Go 1.26 has 215 MB."""

NOT_IN_MODULE = ("api/", "doc/", "misc/", "test/")
_PIECE_BYTES = 1 << 20
_BAD_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\\:*?\"<>|\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_EXECUTABLE = re.compile(r"(?:bin/|pkg/tool/).*|.*\.(?:bash|sh|pl|rc)|(?:.*/)?go_[^/]+_[^/]+_exec")
"""cmd/distpack's mode()."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file: its ``name`` below GOROOT, the size it claims, and how to open it."""

    name: str
    size_bytes: int
    open: Callable[[], AbstractContextManager[IO[bytes]]]

    @property
    def is_executable(self) -> bool:
        """Whether distpack gives it the bits to be run; a module's zip does not keep them."""
        return bool(_EXECUTABLE.fullmatch(self.name))


@dataclass(frozen=True, slots=True)
class Tree:
    """The checked files of an SDK, sorted by name. ``place`` says where they are, for messages."""

    place: str
    members: tuple[Member, ...]


def plan_tree(place: str, members: Iterable[Member]) -> Tree:
    """Check the files that an archive claims to have. Raises UnsafeSdkError.

    No name leads out of the tree or means another file on some system, no two are one file where upper and lower
    case are alike, and together they are no more than a release can be.
    """
    listed: list[Member] = []
    seen: dict[str, str] = {}
    total = 0
    for member in members:
        listed.append(member)
        total += member.size_bytes
        if len(listed) > MOST_FILES or total > MOST_BYTES or member.size_bytes < 0:
            raise UnsafeSdkError(place, f"it claims more than {MOST_FILES} files or {MOST_BYTES >> 20} MiB")
        _check_name(place, member.name)
        _check_collision(place, member.name, seen)
    return Tree(place, tuple(sorted(listed, key=lambda member: member.name.encode())))


def _check_name(place: str, name: str) -> None:
    parts = name.split("/")
    if len(name) > 1000 or _BAD_NAME.search(name) or any(part in ("", ".", "..") for part in parts):
        raise UnsafeSdkError(place, f"it has a file called {name[:80]!r}")
    if any(part != part.rstrip(". ") for part in parts):
        raise UnsafeSdkError(place, f"it has a file called {name[:80]!r}, which some systems call otherwise")


def _check_collision(place: str, name: str, seen: dict[str, str]) -> None:
    """Refuse a second file of a name, however spelt; a directory may come again, spelt the same way.

    ``seen`` has how each path was spelt by its folded form, a directory with "/" at its end.
    """
    parts = name.split("/")
    for count in range(1, len(parts)):
        above = "/".join(parts[:count])
        _check_spelling(place, seen.setdefault(_folded(above), f"{above}/"), f"{above}/")
    _check_spelling(place, seen.get(_folded(name), name), name)
    if _folded(name) in seen:
        raise UnsafeSdkError(place, f"it has {name[:80]!r} twice")
    seen[_folded(name)] = name


def _check_spelling(place: str, known: str, spelt: str) -> None:
    if known != spelt:
        raise UnsafeSdkError(place, f"its {known[:80]!r} and {spelt[:80]!r} are one where case does not matter")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def digest(tree: Tree) -> dict[str, str]:
    """Read every file; give the SHA-256 of each by its name. Raises UnsafeSdkError for one that lies about its size."""
    return {member.name: _digest(tree.place, member) for member in tree.members}


def _digest(place: str, member: Member) -> str:
    hashed, count = hashlib.sha256(), 0
    with member.open() as file:
        while piece := file.read(_PIECE_BYTES):
            count += len(piece)
            if count > member.size_bytes:
                break
            hashed.update(piece)
    if count != member.size_bytes:
        raise UnsafeSdkError(place, f"{member.name} is not of the {member.size_bytes} bytes that it claims")
    return hashed.hexdigest()


def module_h1(sdk: Sdk, digests: Mapping[str, str]) -> str:
    """Give the ``h1:`` hash of the module that has these files, by names as in GOROOT."""
    return h1((f"{sdk.module}/{_module_name(name)}", sha256) for name, sha256 in digests.items())


def _module_name(name: str) -> str:
    above, slash, base = name.rpartition("/")
    return f"{above}{slash}_go.mod" if base == "go.mod" else name


def tree_name(name: str) -> str:
    """Give the name in GOROOT of a file of the module."""
    above, slash, base = name.rpartition("/")
    return f"{above}{slash}go.mod" if base == "_go.mod" else name


def check_release(sdk: Sdk, tree: Tree) -> None:
    """Check that the tree is what it is called: VERSION says the release, and what compiles is there.

    Raises UnsafeSdkError.
    """
    named = {member.name: member for member in tree.members}
    tool, exe = f"pkg/tool/{sdk.goos}_{sdk.goarch}", ".exe" if sdk.goos == "windows" else ""
    for needed in ("VERSION", f"bin/go{exe}", f"{tool}/compile{exe}", f"{tool}/link{exe}", "src/runtime/proc.go"):
        if needed not in named:
            raise UnsafeSdkError(tree.place, f"it has no {needed}")
    with named["VERSION"].open() as file:
        said = file.read(100).partition(b"\n")[0].decode("ascii", "replace")
    if said != f"go{sdk.version}":
        raise UnsafeSdkError(tree.place, f"its VERSION says {said!r}, not go{sdk.version}")
