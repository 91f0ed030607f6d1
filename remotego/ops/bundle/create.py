"""Creating a bundle: gather, bring the database's answers under one tree, verify it all as a stranger would, pack."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from remotego.adapters.filetree import FileTree
from remotego.adapters.sealed import Content, write_sealed
from remotego.bundle.layout import MANIFEST, TREE, info_path, lookup_path, mod_path, zip_path
from remotego.bundle.manifest import DATABASE, GO_SUM, NOBODY, Held, Manifest, Module, write_manifest
from remotego.bundle.proof import Fault, faults, files_of, info_text, lists
from remotego.bundle.sums import contradictions, vouches
from remotego.core.errors import BuildError, HostError, RemotegoError, UsageError
from remotego.core.progress import Progress, Silence
from remotego.core.settings import Settings
from remotego.golang.modulezip import mod_h1, zip_h1
from remotego.golang.sumdb.database import Database, parse_gosumdb
from remotego.golang.sumdb.note import CAP_BYTES
from remotego.golang.sumdb.tree import open_head
from remotego.ops.bundle.gather import LABEL, Gathered, Version, Wish, gather, plan_gathering, records_of
from remotego.ops.bundle.reading import read_bundle
from remotego.ops.bundle.records import Answers, Earlier, settle
from remotego.ops.bundle.verify import Trust, Whole, verify
from remotego.ops.sdk.sources import database_door
from remotego.ops.sdk.supply import SumdbSettingError


@dataclass(eq=False)
class MismatchedSumError(BuildError):
    """A go.sum of the workspace that says otherwise than what came."""

    lines: str
    what = "SECURITY: what came is not what the go.sum of the workspace names:\n{lines}"
    remedy = "find out which is right before anything else: somebody has changed a published version, or your go.sum"


@dataclass(eq=False)
class UnfitBundleError(BuildError):
    """What was gathered would not pass as a bundle."""

    faults: str
    what = "what came does not make a bundle:\n{faults}"
    remedy = "try again; if it stays so, see with `remotego proxy.probe` what your proxies do to their answers"


@dataclass(eq=False)
class BundleThereError(UsageError):
    """The file that shall be written is another bundle already, or something else."""

    path: str
    what = "{path} is there already, and is another bundle"
    remedy = "name another file with -o, or remove that one"


@dataclass(eq=False)
class BundleUnwritableError(HostError):
    """There is no place for a bundle."""

    path: str
    reason: str
    what = "{path} cannot be written: {reason}"
    remedy = "make room or make it writable, or name another file with -o; TMPDIR says where it is gathered"


@dataclass(frozen=True, slots=True)
class Created:
    """A bundle that was made. ``was_there``: the very same one was there before, and nothing was written."""

    path: Path
    manifest: Manifest
    notes: tuple[str, ...]
    was_there: bool


def create(wish: Wish, out: Path, since: Sequence[Path], settings: Settings, progress: Progress) -> Created:
    """Make a bundle of what the workspace needs and what is wished.

    ``since`` are the earlier bundles, the newest first: what they hold is left out. Raises what ``plan_gathering``,
    ``gather``, ``settle`` and ``verify`` raise, MismatchedSumError, BundleThereError, BundleUnwritableError.
    """
    plan = plan_gathering(wish, settings)
    try:
        with tempfile.TemporaryDirectory(prefix="remotego-bundle-", ignore_cleanup_errors=True) as room:
            gathered = gather(plan, Path(room), progress)
            database = _database(gathered.settings["GOSUMDB"])
            trust = Trust(gathered.settings["GOSUMDB"])
            before = verify(since[0], since[1:], trust, progress) if since else None
            draft = _Draft(gathered, database, before, Path(room), progress)
            manifest, files = draft.assembled(plan.modules)
            return _packed(out, manifest, files, gathered.notes, progress)
    except OSError as error:
        raise BundleUnwritableError(str(error.filename or out), error.strerror or str(error)) from error


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
    room: Path
    progress: Progress

    def assembled(self, workspace: tuple[str, ...]) -> tuple[Manifest, list[tuple[str, Content]]]:
        """Give the manifest, and the files of this archive in their order."""
        self.progress.step(LABEL, "hashing")
        modules = self._modules()
        contents, answers = self._contents(modules)
        old = self._old_modules()
        merged = {(one.path, one.version): one for one in (*old, *modules)}
        merged |= {(one.path, one.version): _joined(one, merged[one.path, one.version]) for one in old}
        everything = tuple(sorted(merged.values()))
        contents |= lists(everything)
        mine = self._left_out(contents)
        manifest = Manifest(
            workspace=workspace,
            tools=self.gathered.tools,
            sdks=tuple(map(str, self.gathered.sdks)),
            private=self.gathered.settings["GONOSUMDB"],
            database=answers.base if answers else None,
            since=self._since(),
            modules=everything,
            files=tuple(sorted(Held(path, *_measured(content)) for path, content in mine.items())),
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
        return {**contents, **answers.files}, answers

    def _answers(self, database: Database, modules: Sequence[Module]) -> Answers:
        self.progress.step(LABEL, f"proofs of {database.name}")
        wanted = {(one.path, one.version) for one in (*self._old_modules(), *modules) if one.vouched == DATABASE}
        afar = database_door(self.gathered.settings["GOPROXY"], database)
        return settle(database, sorted(wanted), records_of(self.gathered, database.name), afar, self._earlier(database))

    def _earlier(self, database: Database) -> Earlier:
        tree = self._unpacked(database)
        if self.before is None or (base := self.before.manifest.database) is None:
            return Earlier(tree)
        head = open_head(tree.read("latest", CAP_BYTES), database.key)
        return Earlier(tree, head, (*base.continues, base.size))

    def _unpacked(self, database: Database) -> FileTree:
        """Lay out the database's answers that the earlier bundle holds."""
        top = self.room / "earlier"
        seen = self.before.seen[:1] if self.before else ()
        for path, data in (item for one in seen for item in one.small.items() if "/sumdb/" in item[0]):
            place = top / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        return FileTree(top / TREE / "sumdb" / database.name, "the earlier bundle")

    def _left_out(self, contents: Mapping[str, Content]) -> dict[str, Content]:
        """Leave out the files of modules that earlier bundles hold; lists and the database are always whole."""
        held = {path for one in self._old_modules() for path in files_of(one)}
        return {path: content for path, content in contents.items() if path not in held}

    def _old_modules(self) -> tuple[Module, ...]:
        return self.before.manifest.modules if self.before else ()

    def _since(self) -> tuple[str, ...]:
        return (self.before.manifest.digest, *self.before.manifest.since) if self.before else ()

    def _place(self, path: str) -> Path:
        return self.gathered.tree / path.removeprefix(f"{TREE}/")

    def _check(self, manifest: Manifest, contents: Mapping[str, Content], modules: Iterable[Module]) -> None:
        """Hold what is about to be packed to what will be asked of it later."""
        zips = {zip_path(one.path, one.version): one.zip for one in modules if one.zip}
        small = dict(self.before.seen[-1].small) if self.before else {}
        for one in reversed(self.before.seen if self.before else ()):
            small |= one.small
            zips = {**one.zips, **zips}

        def read(path: str) -> bytes | None:
            content = contents.get(path, small.get(path))
            return content.read_bytes() if isinstance(content, Path) else content

        found: list[Fault] = list(faults(manifest, self.database.key if self.database else None, read, zips))
        if found:
            raise UnfitBundleError("\n".join(f"- {one.path}: {one.what}" for one in found[:20]))


def _joined(old: Module, new: Module) -> Module:
    """A version that both have is there with all that either has."""
    return replace(new, zip=new.zip or old.zip, info=new.info or old.info)


def _measured(content: Content) -> tuple[str, int]:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest(), len(content)
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), content.stat().st_size


def _packed(
    out: Path, manifest: Manifest, files: list[tuple[str, Content]], notes: Sequence[str], progress: Progress
) -> Created:
    """Write the archive beside its place and give it its name last, unless it is there."""
    if out.exists():
        if _is_same(out, manifest):
            return Created(out, manifest, tuple(notes), was_there=True)
        raise BundleThereError(str(out))
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


def _is_same(out: Path, manifest: Manifest) -> bool:
    try:
        seen = read_bundle(out, Silence())
    except RemotegoError:
        return False
    return not seen.faults and seen.manifest.digest == manifest.digest
