"""Verifying bundles without a network and without go: bytes, hashes, signatures and proofs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from remotego.bundle.manifest import VOUCHERS, Manifest
from remotego.bundle.proof import Fault, faults
from remotego.core.errors import BuildError, MissingError, RefusedError, UsageError
from remotego.core.progress import Progress
from remotego.golang.sumdb.database import DEFAULT, parse_gosumdb
from remotego.golang.sumdb.note import Key, parse_key
from remotego.ops.bundle.reading import Seen, TamperedBundleError, read_bundle

_NAMED = 20
"""How many faults are told; all are in the JSON."""


@dataclass(eq=False)
class OtherBundleError(BuildError):
    """A bundle that is whole, and another one than was meant."""

    bundle: str
    digest: str
    wanted: str
    what = "SECURITY: {bundle} is {digest}, not {wanted}"
    remedy = "do not use it: fetch the one that was meant, or ask whoever made it which digest it has by now"


@dataclass(eq=False)
class EarlierBundleNeededError(MissingError):
    """A bundle that holds only what is new since another one."""

    bundle: str
    earlier: str
    what = "{bundle} holds only what is new since {earlier}, and that one was not named"
    remedy = "name the earlier bundles too, with --base FILE for each"


@dataclass(eq=False)
class UntrustedDatabaseError(RefusedError):
    """A bundle whose checksum database is another one than is trusted here."""

    bundle: str
    database: str
    trusted: str
    what = "{bundle} is vouched for by {database}, and this machine trusts {trusted}"
    remedy = "if that is your company's database, name its key with --sumdb or GOSUMDB; else do not use the bundle"


@dataclass(eq=False)
class NoDigestGivenError(UsageError):
    """A digest that is none."""

    digest: str
    what = "--digest {digest!r} is no digest"
    remedy = "give sha256: and 64 digits, as bundle.create prints it"


@dataclass(frozen=True, slots=True)
class Trust:
    """What a bundle is held to: a setting as GOSUMDB ("" for the default), and the digest that is expected."""

    sumdb: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """Bundles that were seen to be whole, the newest first. ``vouched`` counts the modules by who stands for them."""

    seen: tuple[Seen, ...]
    vouched: Mapping[str, int]

    @property
    def manifest(self) -> Manifest:
        """That of the newest."""
        return self.seen[0].manifest


def verify(place: Path, earlier: Sequence[Path], trust: Trust, progress: Progress) -> Whole:
    """Verify a bundle, with the earlier ones that it builds upon.

    Raises UnreadableBundleError, TamperedBundleError, OtherBundleError, EarlierBundleNeededError,
    UntrustedDatabaseError.
    """
    if trust.digest and not (trust.digest.startswith("sha256:") and len(trust.digest) == 71):
        raise NoDigestGivenError(trust.digest)
    seen = _in_order([read_bundle(one, progress) for one in (place, *earlier)])
    newest = seen[0]
    if trust.digest and newest.manifest.digest != trust.digest:
        raise OtherBundleError(str(place), newest.manifest.digest, trust.digest)
    key = trusted_key(str(place), newest.manifest, trust.sumdb)
    progress.step(place.name, "checking signatures and proofs")
    found = [(one.place, fault) for one in seen for fault in one.faults]
    found += [(newest.place, fault) for fault in _unproven(seen, key)]
    if found:
        raise TamperedBundleError(str(place), _told(found, place))
    return Whole(tuple(seen), _count(newest.manifest))


def _in_order(seen: list[Seen]) -> list[Seen]:
    """Put earlier bundles in the order in which the newest names them. Raises EarlierBundleNeededError."""
    newest, *others = seen
    known = {one.manifest.digest: one for one in others}
    for digest in newest.manifest.since:
        if digest not in known:
            raise EarlierBundleNeededError(str(newest.place), digest)
    return [newest, *(known[digest] for digest in newest.manifest.since)]


def trusted_key(place: str, manifest: Manifest, sumdb: str) -> Key | None:
    """Give the key that signatures in a bundle shall have been made with; None where it has no database.

    GOSUMDB=off means not to ask a database; it vouches all the same. Raises UntrustedDatabaseError.
    """
    if manifest.database is None:
        return None
    try:
        database = parse_gosumdb(sumdb) or parse_gosumdb(DEFAULT)
        theirs = parse_key(manifest.database.key)
    except ValueError as error:
        raise UntrustedDatabaseError(place, manifest.database.key, str(error)) from error
    if database is None or database.key != theirs:
        raise UntrustedDatabaseError(place, theirs.id, database.key.id if database else "none")
    return theirs


def _unproven(seen: Sequence[Seen], key: Key | None) -> list[Fault]:
    """Hold all files together to what the newest manifest says; its own come first."""
    small: dict[str, bytes] = {}
    zips: dict[str, str] = {}
    for one in reversed(seen):
        small.update(one.small)
        zips.update(one.zips)
    bad = {fault.path for one in seen for fault in one.faults}
    return [fault for fault in faults(seen[0].manifest, key, small.get, zips) if fault.path not in bad]


def _told(found: Sequence[tuple[Path, Fault]], place: Path) -> str:
    lines = [f"- {'' if at == place else f'{at}: '}{fault.path}: {fault.what}" for at, fault in found[:_NAMED]]
    return "\n".join([*lines, *([f"- and {len(found) - _NAMED} more"] if len(found) > _NAMED else [])])


def _count(manifest: Manifest) -> dict[str, int]:
    counted = Counter(module.vouched for module in manifest.modules)
    return {voucher: counted[voucher] for voucher in VOUCHERS}
