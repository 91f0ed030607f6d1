"""Creating a bundle: gather, bring the database's answers under one tree, verify it all as a stranger would, pack."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from remotego.adapters.filetree import FileTree
from remotego.adapters.harvest import ask_settings
from remotego.adapters.sealed import Content, measured, write_sealed
from remotego.bundle.claims import misclaims
from remotego.bundle.layout import MANIFEST, SUMDB, TREE, info_path, lookup_path, mod_path, zip_path
from remotego.bundle.manifest import DATABASE, GO_SUM, NOBODY, Held, Manifest, Module, write_manifest
from remotego.bundle.proof import Fault, faults, files_of, info_text, lists
from remotego.bundle.sums import contradictions, vouches
from remotego.core.errors import BuildError, HostError, MissingError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.golang.modulezip import mod_h1, zip_h1
from remotego.golang.patterns import tidied
from remotego.golang.sumdb.database import Database, parse_gosumdb
from remotego.golang.sumdb.note import CAP_BYTES
from remotego.golang.sumdb.tree import Head, open_head
from remotego.ops.bundle.gather import HERE, LABEL, Gathered, Version, Wish, gather, plan_gathering, records_of
from remotego.ops.bundle.records import Answers, Earlier, settle
from remotego.ops.bundle.standing import check_same, check_wish, digests_of, find_standing
from remotego.ops.bundle.verify import Trust, Whole, verify
from remotego.ops.sdk.sources import database_door
from remotego.ops.sdk.supply import SumdbSettingError


@dataclass(eq=False)
class MismatchedSumError(BuildError):
    """A go.sum of the workspace that says otherwise than what came."""

    lines: str
    what = "SECURITY: what came is not what was there before:\n{lines}"
    remedy = "find out which is right before anything else: somebody has changed a published version, or your go.sum"


@dataclass(eq=False)
class UnfitBundleError(BuildError):
    """What was gathered would not pass as a bundle."""

    faults: str
    what = "what came does not make a bundle:\n{faults}"
    remedy = "try again; if it stays so, see with `remotego proxy.probe` what your proxies do to their answers"


@dataclass(eq=False)
class BundleUnwritableError(HostError):
    """There is no place for a bundle."""

    path: str
    reason: str
    what = "{path} cannot be written: {reason}"
    remedy = "make room or make it writable, or name another file with -o; TMPDIR says where it is gathered"


@dataclass(eq=False)
class NothingSeenError(MissingError):
    """There is no signed tree that a go would remember."""

    place: str
    path: str
    reason: str
    what = "--seen {place}: {path} cannot be used: {reason}"
    remedy = "leave it out for a go that was never online; else copy $(go env GOPATH)/pkg/sumdb/NAME/latest from there"


@dataclass(frozen=True, slots=True)
class Created:
    """A bundle that was made. ``was_there``: the very same one was there before, and nothing was written."""

    path: Path
    manifest: Manifest
    notes: tuple[str, ...]
    was_there: bool


def create(wish: Wish, out: Path, since: Sequence[Path], settings: Settings, progress: Progress) -> Created:
    """Make a bundle of what the workspace needs and what is wished.

    ``since`` are the earlier bundles, the newest first: what they hold is left out. Where ``out`` is there already, the
    same inputs give the same bundle, whatever the database has signed since. Raises what ``plan_gathering``,
    ``gather``, ``settle`` and ``verify`` raise, MismatchedSumError, BundleThereError, BundleUnwritableError.
    """
    plan = plan_gathering(wish, settings)
    if not out.absolute().parent.is_dir():
        raise BundleUnwritableError(str(out), "its directory is not there")
    try:
        with tempfile.TemporaryDirectory(prefix="remotego-bundle-", ignore_cleanup_errors=True) as room:
            asked = ask_settings(plan.go.go, Path(room))
            trust = Trust(asked["GOSUMDB"])
            before = verify(since[0], since[1:], trust, progress) if since else None
            there = find_standing(out, since, trust, progress)
            if there is not None:
                check_wish(out, there.manifest, plan, digests_of(before), tidied(asked["GONOSUMDB"]))
            gathered = gather(plan, asked, Path(room), progress)
            database = _database(asked["GOSUMDB"])
            seen = tuple(_seen(place, database, asked) for place in wish.seen) if database else ()
            draft = _Draft(gathered, database, before, there, Path(room), progress, seen)
            manifest, files = draft.assembled(plan.modules)
            if there is not None:
                check_same(out, there.manifest, manifest)
                return Created(out, manifest, tuple(gathered.notes), was_there=True)
            return _packed(out, manifest, files, gathered.notes, progress)
    except OSError as error:
        raise BundleUnwritableError(str(error.filename or out), error.strerror or str(error)) from error


def _seen(place: str, database: Database, settings: Mapping[str, str]) -> bytes:
    """Read what a go has seen of a database: a file, or this machine's own. Raises NothingSeenError."""
    gopath = settings["GOPATH"].split(os.pathsep)[0]
    file = Path(gopath, "pkg", "sumdb", database.name, "latest") if place == HERE else Path(place)
    try:
        note = file.read_bytes()
        open_head(note, database.key)
    except OSError as error:
        raise NothingSeenError(place, str(file), error.strerror or str(error)) from error
    except ValueError as error:
        reason = f"it is no tree that {database.name} has signed ({error})"
        raise NothingSeenError(place, str(file), reason) from error
    return note


def _database(gosumdb: str) -> Database | None:
    try:
        return parse_gosumdb(gosumdb)
    except ValueError as error:
        raise SumdbSettingError(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Draft:
    """A bundle in the making."""

    gathered: Gathered
    database: Database | None
    before: Whole | None
    there: Whole | None
    room: Path
    progress: Progress
    seen: tuple[bytes, ...] = ()

    def assembled(self, workspace: tuple[str, ...]) -> tuple[Manifest, list[tuple[str, Content]]]:
        """Give the manifest, and the files of this archive in their order."""
        self.progress.step(LABEL, "hashing")
        modules = self._modules()
        contents, answers = self._contents(modules)
        old = self._old_modules()
        _check_unchanged(old, modules)
        merged = {(one.path, one.version): one for one in (*old, *modules)}
        merged |= {(one.path, one.version): _joined(one, merged[one.path, one.version]) for one in old}
        everything = tuple(sorted(merged.values()))
        contents |= lists(everything)
        mine = self._left_out(contents)
        manifest = Manifest(
            workspace=workspace,
            tools=self.gathered.tools,
            sdks=tuple(map(str, self.gathered.sdks)),
            private=tidied(self.gathered.settings["GONOSUMDB"]),
            database=answers.base if answers else None,
            since=digests_of(self.before),
            modules=everything,
            files=tuple(sorted(Held(path, *measured(content)) for path, content in mine.items())),
        )
        self._check(manifest, contents, modules)
        return manifest, [(held.path, mine[held.path]) for held in manifest.files]

    def _modules(self) -> tuple[Module, ...]:
        known: list[Module] = []
        wrong: list[str] = []
        for one in self.gathered.versions:
            zipped = self._place(zip_path(one.path, one.version))
            mod = mod_h1(self._place(mod_path(one.path, one.version)).read_bytes())
            h1 = ""
            if one.zipped:
                with zipped.open("rb") as file:
                    h1 = zip_h1(file, one.path, one.version)
            wrong += contradictions(self.gathered.sums, one.path, one.version, mod, h1)
            known.append(Module(one.path, one.version, mod, h1, one.info, self._voucher(one)))
        if wrong:
            raise MismatchedSumError("\n".join(f"- {line}" for line in wrong))
        return tuple(sorted(known))

    def _voucher(self, one: Version) -> str:
        if self.database is not None:
            path = lookup_path(self.database.name, one.path, one.version)
            if self._place(path).is_file():
                return DATABASE
        return GO_SUM if vouches(self.gathered.sums, one.path, one.version, zipped=one.zipped) else NOBODY

    def _contents(self, modules: Sequence[Module]) -> tuple[dict[str, Content], Answers | None]:
        """Give the files of modules, and those of the database for them and for all that came before."""
        contents: dict[str, Content] = {}
        for one in modules:
            contents |= {path: self._place(path) for path in files_of(one)}
            if one.info:
                path = info_path(one.path, one.version)
                contents[path] = info_text(self._place(path).read_bytes(), one.version)
        if self.database is None:
            return contents, None
        answers = self._answers(self.database, modules)
        return {**contents, **(answers.files if answers else {})}, answers

    def _answers(self, database: Database, modules: Sequence[Module]) -> Answers | None:
        self.progress.step(LABEL, f"proofs of {database.name}")
        wanted = {(one.path, one.version) for one in (*self._old_modules(), *modules) if one.vouched == DATABASE}
        afar = database_door(self.gathered.settings["GOPROXY"], database)
        return settle(database, sorted(wanted), records_of(self.gathered, database.name), afar, self._earlier(database))

    def _earlier(self, database: Database) -> Earlier:
        base = self.before.manifest.database if self.before else None
        sizes = (*base.continues, base.size) if base else ()
        old, standing = self._unpacked(self.before, "earlier", database), self._unpacked(self.there, "there", database)
        return Earlier((old, standing), _head(old, database), sizes, self.seen, _head(standing, database))

    def _unpacked(self, bundle: Whole | None, name: str, database: Database) -> FileTree:
        """Lay out the database's answers that another bundle holds."""
        top = self.room / name
        small = bundle.seen[0].small if bundle else {}
        for path in (path for path in small if path.startswith(f"{SUMDB}/")):
            place = top / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(small[path])
        return FileTree(top / SUMDB / database.name, f"the {name} bundle")

    def _left_out(self, contents: Mapping[str, Content]) -> dict[str, Content]:
        """Leave out the files of modules that earlier bundles hold; lists and the database are always whole."""
        held = {path for one in self._old_modules() for path in files_of(one)}
        return {path: content for path, content in contents.items() if path not in held}

    def _old_modules(self) -> tuple[Module, ...]:
        return self.before.manifest.modules if self.before else ()

    def _place(self, path: str) -> Path:
        return self.gathered.tree / path.removeprefix(f"{TREE}/")

    def _check(self, manifest: Manifest, contents: Mapping[str, Content], modules: Iterable[Module]) -> None:
        """Hold what is about to be packed to what will be asked of it later."""
        zips = {zip_path(one.path, one.version): one.zip for one in modules if one.zip}
        small: dict[str, bytes] = {}
        for one in reversed(self.before.seen if self.before else ()):
            small |= one.small
            zips = {**one.zips, **zips}

        def read(path: str) -> bytes | None:
            content = contents.get(path, small.get(path))
            return content.read_bytes() if isinstance(content, Path) else content

        key = self.database.key if self.database else None
        found: list[Fault] = [*misclaims(manifest, key), *faults(manifest, key, read, zips)]
        if found:
            raise UnfitBundleError("\n".join(f"- {one.path}: {one.what}" for one in found[:20]))


def _head(tree: FileTree, database: Database) -> Head | None:
    """Give the signed tree of a bundle's records, which was verified before; None where it has none."""
    return open_head(tree.read("latest", CAP_BYTES), database.key) if tree.has("latest") else None


def _check_unchanged(old: Iterable[Module], new: Iterable[Module]) -> None:
    """Hold what came to what an earlier bundle has of the same version. Raises MismatchedSumError."""
    known = {(one.path, one.version): one for one in old}
    pairs = [(known[key], one) for one in new if (key := (one.path, one.version)) in known]
    wrong = [new.name for old, new in pairs if old.mod != new.mod or (old.zip and new.zip and old.zip != new.zip)]
    if wrong:
        raise MismatchedSumError("\n".join(f"- {name} is another one than in the earlier bundle" for name in wrong))


def _joined(old: Module, new: Module) -> Module:
    """A version that both have is there with all that either has."""
    return replace(new, zip=new.zip or old.zip, info=new.info or old.info)


def _packed(
    out: Path, manifest: Manifest, files: list[tuple[str, Content]], notes: Sequence[str], progress: Progress
) -> Created:
    """Write the archive beside its place and give it its name last."""
    progress.step(LABEL, "packing")
    fresh = out.with_name(f".{out.name}.{manifest.id}")
    fresh.unlink(missing_ok=True)
    try:
        whole = [(MANIFEST, write_manifest(manifest)), *files]
        write_sealed(fresh, whole, lambda done: progress.sent(LABEL, done, manifest.size_bytes))
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
    return Created(out, manifest, tuple(notes), was_there=False)
