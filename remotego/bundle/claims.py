"""What a manifest claims, judged by itself before anything else of a bundle is read.

And what it would have hosts do without the checksum database: that rests on whoever says which digest was meant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from remotego.bundle.bounds import excesses
from remotego.bundle.layout import MANIFEST, SUMDB
from remotego.bundle.manifest import DATABASE, Manifest, Module
from remotego.bundle.proof import Fault, files_of, lists
from remotego.golang.patterns import matches
from remotego.golang.sdk import MODULE as TOOLCHAIN
from remotego.golang.sumdb.note import Key


def misclaims(manifest: Manifest, key: Key | None, pinned: Collection[str] = ()) -> Iterator[Fault]:
    """Name what no bundle of ours claims. ``key`` is the one that is trusted, None where there is no database.

    ``pinned`` are hashes of toolchains that the user has named.
    """
    yield from (Fault(path or MANIFEST, what) for path, what in excesses(manifest.files))
    yield from _strays(manifest, key)
    yield from _laxities(manifest)
    for module in manifest.modules:
        if module.path == TOOLCHAIN and module.vouched != DATABASE and module.zip not in pinned:
            yield Fault(MANIFEST, f"no checksum database and no pin vouches for {module.name}: go takes no such SDK")


def waivers(manifest: Manifest) -> tuple[str, ...]:
    """Say for what hosts would do without the database, on the bundle's own word; () where it stands for all of it."""
    rest = [module.name for module in manifest.modules if module.vouched != DATABASE]
    more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
    return (
        *(["altogether (GOSUMDB=off)"] if manifest.database is None else []),
        *([f"for {manifest.private} (GONOSUMDB)"] if manifest.private else []),
        *([f"for {rest[0]}{more}, which it has not signed"] if rest else []),
    )


def _strays(manifest: Manifest, key: Key | None) -> Iterator[Fault]:
    """Name files that belong to no module and to no answer of the database."""
    known = {*lists(manifest.modules), *(path for module in manifest.modules for path in files_of(module))}
    database = f"{SUMDB}/{key.name}/" if key else None
    for file in manifest.files:
        if file.path not in known and not (database and file.path.startswith(database)):
            yield Fault(file.path, "no module that the manifest names has such a file")


def _laxities(manifest: Manifest) -> Iterator[Fault]:
    """Name modules that go shall not ask the database about although it knows them: hosts are told these patterns."""
    lax = [one.name for one in manifest.modules if _is_vouched(one) and matches(manifest.private, one.path)]
    if lax:
        yield Fault(
            MANIFEST, f"it would have go take {lax[0]} without asking the database (GONOSUMDB={manifest.private})"
        )


def _is_vouched(module: Module) -> bool:
    """Tell whether go can be kept from asking: about toolchains it asks whatever GONOSUMDB says."""
    return module.vouched == DATABASE and module.path != TOOLCHAIN
