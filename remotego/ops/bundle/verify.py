"""Verifying bundles without a network and without go: bytes, hashes, signatures and proofs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from remotego.bundle.claims import misclaims
from remotego.bundle.manifest import VOUCHERS, Manifest
from remotego.bundle.proof import Fault, faults
from remotego.core.errors import BuildError, MissingError, RefusedError, UsageError
from remotego.core.progress import Progress
from remotego.golang.sumdb.database import DEFAULT, parse_gosumdb
from remotego.golang.sumdb.note import Key, parse_key
from remotego.ops.bundle.reading import Seen, TamperedBundleError, read_bundle, read_manifest
from remotego.ops.sdk.supply import SumdbSettingError

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
    """What a bundle is held to: a setting as GOSUMDB ("" for the default), the digest that is expected ("" for any).

    ``pinned`` are hashes of toolchains that the user has named: the database need not vouch for them.
    """

    sumdb: str = ""
    digest: str = ""
    pinned: frozenset[str] = frozenset()


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
    """Verify a bundle, with the earlier ones that it builds upon; what the manifests claim is judged first.

    Raises UnreadableBundleError, TamperedBundleError, NoDigestGivenError, OtherBundleError, EarlierBundleNeededError,
    UntrustedDatabaseError.
    """
    chain = _in_order([(one, read_manifest(one)) for one in (place, *earlier)])
    newest = chain[0][1]
    _check_digest(place, newest, trust.digest)
    keys = [trusted_key(str(at), manifest, trust.sumdb) for at, manifest in chain]
    claims = zip(chain, keys, strict=True)
    _refuse([(at, one) for (at, manifest), key in claims for one in misclaims(manifest, key, trust.pinned)], place)
    seen = [read_bundle(at, manifest, progress) for at, manifest in chain]
    progress.step(place.name, "checking signatures and proofs")
    _refuse([(one.place, fault) for one in seen for fault in one.faults] + _unproven(seen, keys[0]), place)
    return Whole(tuple(seen), _count(newest))


def _check_digest(place: Path, manifest: Manifest, wanted: str) -> None:
    if wanted and not re.fullmatch(r"sha256:[0-9a-f]{64}", wanted):
        raise NoDigestGivenError(wanted)
    if wanted and manifest.digest != wanted:
        raise OtherBundleError(str(place), manifest.digest, wanted)


def _in_order(read: Sequence[tuple[Path, Manifest]]) -> list[tuple[Path, Manifest]]:
    """Put earlier bundles in the order in which the newest names them. Raises EarlierBundleNeededError."""
    (place, newest), *others = read
    known = {manifest.digest: (at, manifest) for at, manifest in others}
    for digest in newest.since:
        if digest not in known:
            raise EarlierBundleNeededError(str(place), digest)
    return [(place, newest), *(known[digest] for digest in newest.since)]


def trusted_key(place: str, manifest: Manifest, sumdb: str) -> Key | None:
    """Give the key that signatures in a bundle shall have been made with; None where it has no database.

    GOSUMDB=off means not to ask a database; it vouches all the same. Raises UntrustedDatabaseError, SumdbSettingError.
    """
    if manifest.database is None:
        return None
    try:
        database = parse_gosumdb(sumdb) or parse_gosumdb(DEFAULT)
    except ValueError as error:
        raise SumdbSettingError(str(error)) from error
    try:
        theirs = parse_key(manifest.database.key)
    except ValueError as error:
        raise UntrustedDatabaseError(place, manifest.database.key, f"no key of that form: {error}") from error
    if database is None or database.key != theirs:
        raise UntrustedDatabaseError(place, theirs.id, database.key.id if database else "none")
    return theirs


def _unproven(seen: Sequence[Seen], key: Key | None) -> list[tuple[Path, Fault]]:
    """Hold all files together to what the newest manifest says; its own come first."""
    small: dict[str, bytes] = {}
    zips: dict[str, str] = {}
    for one in reversed(seen):
        small.update(one.small)
        zips.update(one.zips)
    newest, bad = seen[0], {fault.path for one in seen for fault in one.faults}
    found = faults(newest.manifest, key, small.get, zips)
    return [(newest.place, fault) for fault in found if fault.path not in bad]


def _refuse(found: Sequence[tuple[Path, Fault]], place: Path) -> None:
    if found:
        raise TamperedBundleError(str(place), _told(found, place))


def _told(found: Sequence[tuple[Path, Fault]], place: Path) -> str:
    lines = [f"- {'' if at == place else f'{at}: '}{fault.path}: {fault.what}" for at, fault in found[:_NAMED]]
    return "\n".join([*lines, *([f"- and {len(found) - _NAMED} more"] if len(found) > _NAMED else [])])


def _count(manifest: Manifest) -> dict[str, int]:
    counted = Counter(module.vouched for module in manifest.modules)
    return {voucher: counted[voucher] for voucher in VOUCHERS}
