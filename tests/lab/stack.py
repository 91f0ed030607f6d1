"""One lab per checkout, shared by all who ask for it at the same time."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tests.lab import containers, places
from tests.lab.containers import PROJECT, Material
from tests.lab.engine import Engine, engine
from tests.lab.lab import Lab
from tests.lab.tenancy import Tenancy


@dataclass(frozen=True, slots=True)
class Record:
    """A lab that is up; ``kept`` means it stays when its last user leaves."""

    run_dir: str
    fingerprint: str
    kept: bool = False


@contextmanager
def lab(*, keep: bool = False) -> Iterator[Lab]:
    """The lab of this checkout, for as long as the block lasts: the one that is up, else a new one.

    The last user takes it down, unless someone asked to keep it. Raises EngineMissingError or LabError.
    """
    with engine() as found:
        tenancy = _tenancy()
        with tenancy.turn():
            ready = _have(found, tenancy, keep=keep)
            users = tenancy.move_in()
        try:
            yield ready
        finally:
            users.close()
            with tenancy.turn():
                record = _read()
                if record and not record.kept and not tenancy.is_used():
                    _take_down(found, record)


def release() -> bool:
    """Keep the lab no longer; whether it is gone now (tests that use it take it down when they end)."""
    with engine() as found, (tenancy := _tenancy()).turn():
        record = _read()
        if record is None:
            return True
        _write(replace(record, kept=False))
        if tenancy.is_used():
            return False
        _take_down(found, record)
        return True


def running() -> Lab | None:
    """The lab that is up now, if one is."""
    record = _read()
    if record is None:
        return None
    with engine() as found:
        ready = _attached(found, record)
        return ready if set(containers.EVERYTHING) == set(ready.containers) else None


def _have(found: Engine, tenancy: Tenancy, *, keep: bool) -> Lab:
    """The lab that is up if it is like a new one would be, or in use; else a new one in its place."""
    material = containers.prepared(found)
    record = _read()
    kept = keep or (record is not None and record.kept)
    if record and (_is_up(found, record, material) or tenancy.is_used()):
        _write(replace(record, kept=kept))
        return _attached(found, record)
    if record:
        _take_down(found, record)
    return _set_up(found, material, kept=kept)


def _is_up(found: Engine, record: Record, material: Material) -> bool:
    return record.fingerprint == material.fingerprint and set(containers.EVERYTHING) == set(containers.running(found))


def _set_up(found: Engine, material: Material, *, kept: bool) -> Lab:
    """A new lab, or nothing of it."""
    record = Record(tempfile.mkdtemp(prefix="remotego-lab-"), material.fingerprint, kept)
    _write(record)
    try:
        containers.start(found, Path(record.run_dir), material)
    except BaseException:
        _take_down(found, record)
        raise
    return _attached(found, record)


def _take_down(found: Engine, record: Record) -> None:
    containers.stop(found, Path(record.run_dir))
    _record_file().unlink(missing_ok=True)


def _attached(found: Engine, record: Record) -> Lab:
    return Lab(Path(record.run_dir), found, containers.running(found))


def _tenancy() -> Tenancy:
    return Tenancy(places.cache(), PROJECT)


def _read() -> Record | None:
    try:
        return Record(**json.loads(_record_file().read_text()))
    except FileNotFoundError:
        return None


def _write(record: Record) -> None:
    _record_file().write_text(json.dumps(asdict(record)))


def _record_file() -> Path:
    return places.cache() / f"{PROJECT}.json"
