"""The manifest of a bundle: what is in it and why it is believed, as JSON that can be written in one way only.

A text that differs in any byte from what we would write is refused, and so is one whose digest is not its own. The
digest names the bundle: whoever knows it from elsewhere (``bundle.verify --digest``) needs to trust nobody on the way.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from remotego.golang.modulepath import is_module_path, is_version
from remotego.golang.patterns import tidied

FORMAT = 1
DATABASE, GO_SUM, NOBODY = "database", "go.sum", "nobody"
VOUCHERS = (DATABASE, GO_SUM, NOBODY)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_H1 = re.compile(r"h1:[A-Za-z0-9+/]{43}=")
_FILE = re.compile(r"(?:[A-Za-z0-9@+!~_-][A-Za-z0-9@+!~._:-]*/)*[A-Za-z0-9@+!~_-][A-Za-z0-9@+!~._:-]*", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Module:
    """A version of a module: the hashes of its go.mod and of its zip ("" where only the go.mod is needed).

    ``vouched`` says who stands for them: the checksum database, the go.sum of the workspace, or nobody. ``info``: the
    file that tells its time is there.
    """

    path: str
    version: str
    mod: str
    zip: str
    info: bool
    vouched: str

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.path}@{self.version}"


@dataclass(frozen=True, slots=True)
class Base:
    """The checksum database: its verifier key, and the signed tree that all records are proven to be in.

    ``continues`` are the sizes of the trees of earlier bundles: a go that has seen one of them finds the proof here
    that this one continues it.
    """

    key: str
    size: int
    root: str
    continues: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """A file of this very archive."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds. ``modules`` are all, also those whose files are in the bundles that ``since`` names by
    their digests, the newest first; ``files`` are those of this archive alone. ``private`` are the patterns of modules
    that the database does not know (GONOSUMDB).
    """

    workspace: tuple[str, ...]
    tools: tuple[str, ...]
    sdks: tuple[str, ...]
    private: str
    database: Base | None
    since: tuple[str, ...]
    modules: tuple[Module, ...]
    files: tuple[Held, ...]

    @property
    def digest(self) -> str:
        """The name of the bundle: ``sha256:`` and the hash of all else that the manifest says."""
        return f"sha256:{hashlib.sha256(_text(self, '')).hexdigest()}"

    @property
    def id(self) -> str:
        """A short form of it, for a directory."""
        return self.digest.removeprefix("sha256:")[:16]

    @property
    def size_bytes(self) -> int:
        """What its files are together."""
        return sum(file.size_bytes for file in self.files)


def write_manifest(manifest: Manifest) -> bytes:
    """Give the one text of a manifest; the order in which things were found does not matter."""
    ordered = replace(manifest, modules=tuple(sorted(manifest.modules)), files=tuple(sorted(manifest.files)))
    return _text(ordered, ordered.digest)


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest. Raises ValueError for one that is not, byte by byte, what was written."""
    try:
        document = json.loads(data)
        manifest = _manifest(document)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"it is no manifest of this form: {error}") from error
    paths = [file.path for file in manifest.files]
    if len(set(paths)) != len(paths):
        raise ValueError("it names a file twice")
    if write_manifest(manifest) != data:
        raise ValueError("it was changed: its digest or its form is not that of what it says")
    return manifest


def _text(manifest: Manifest, digest: str) -> bytes:
    document = {"format": FORMAT, "digest": digest, **asdict(manifest)}
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def _manifest(document: Any) -> Manifest:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    base = document["database"]
    return Manifest(
        workspace=_words(document["workspace"]),
        tools=_words(document["tools"]),
        sdks=_words(document["sdks"]),
        private=_patterns(document["private"]),
        database=None if base is None else _base(base),
        since=_words(document["since"]),
        modules=tuple(map(_module, document["modules"])),
        files=tuple(map(_held, document["files"])),
    )


def _base(row: Mapping[str, Any]) -> Base:
    continues = tuple(map(int, row["continues"]))
    return Base(str(row["key"]), int(row["size"]), str(row["root"]), continues)


def _words(value: Any) -> tuple[str, ...]:
    words = tuple(map(str, value))
    if odd := next((word for word in words if not word.isprintable()), None):
        raise ValueError(f"it has {odd[:200]!r} in it")
    return words


def _patterns(value: Any) -> str:
    """Read what hosts are told of private modules: patterns, with commas, and nothing else."""
    if not isinstance(value, str) or tidied(value) != value:
        raise ValueError(f"{str(value)[:200]!r} are no patterns of private modules")
    return value


def _module(row: Mapping[str, Any]) -> Module:
    one = Module(**row)
    hashed = _H1.fullmatch(one.mod) and (one.zip == "" or _H1.fullmatch(one.zip)) and isinstance(one.info, bool)
    if not (is_module_path(one.path) and is_version(one.version) and hashed and one.vouched in VOUCHERS):
        raise ValueError(f"what it says of the module {one.name[:200]!r} makes no sense")
    return one


def _held(row: Mapping[str, Any]) -> Held:
    file = Held(**row)
    counted = type(file.size_bytes) is int and file.size_bytes >= 0
    if not (_SHA256.fullmatch(file.sha256) and is_plain(file.path) and counted):
        raise ValueError(f"what it says of the file {file.path[:200]!r} makes no sense")
    return file


def is_plain(path: str) -> bool:
    """Tell whether a path leads nowhere but down, and means one file on every system."""
    return bool(_FILE.fullmatch(path)) and ".." not in path.split("/")
