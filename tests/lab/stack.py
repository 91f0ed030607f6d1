"""Bring the containers up and take them down."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from tests.lab import binaries, images, packages, places
from tests.lab.engine import Engine, engine
from tests.lab.failure import LabError
from tests.lab.identity import ACCOUNTS, make_keys, render_known_hosts
from tests.lab.lab import Lab
from tests.lab.process import run
from tests.lab.readiness import await_lines
from tests.lab.services import SERVICES, render_services
from tests.lab.sshconfig import Door, render_ssh_config
from tests.lab.tenancy import Tenancy

PROJECT = f"remotego-lab-{places.checkout_id()}"
EVERYBODY = tuple(account.name for account in ACCOUNTS if account.name != "dev")
SHELLS = tuple(name for name in EVERYBODY if name.startswith("sh-"))
LISTENS = {"tiny": "Not backgrounding"}
COMPOSE_TIMEOUT_S = 180


@dataclass(frozen=True, slots=True)
class Material:
    """What containers are made of: image tags, and the binary of each flavour."""

    host: str
    tiny: str
    flavours: Mapping[str, Path]

    @property
    def fingerprint(self) -> str:
        """The same for two labs that would not differ but in their keys."""
        made_of = [self.host, self.tiny, *(str(path) for path in self.flavours.values()), str(SERVICES)]
        return places.digest([*(word.encode() for word in made_of), places.COMPOSE_FILE.read_bytes()])


@dataclass(frozen=True, slots=True)
class Record:
    """A lab that is up; ``kept`` means it stays when its last user leaves."""

    run_dir: str
    fingerprint: str
    kept: bool = False

    def write(self) -> None:
        """Remember it for the next process."""
        _record_file().write_text(json.dumps(asdict(self)))


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
                record = _recorded()
                if record and not record.kept and not tenancy.is_used():
                    _down(found, record)


def release() -> bool:
    """Keep the lab no longer; whether it is gone now (tests that use it take it down when they end)."""
    with engine() as found, (tenancy := _tenancy()).turn():
        record = _recorded()
        if record is None:
            return True
        replace(record, kept=False).write()
        if tenancy.is_used():
            return False
        _down(found, record)
        return True


def running() -> Lab | None:
    """The lab that is up now, if one is."""
    record = _recorded()
    if record is None:
        return None
    with engine() as found:
        return _attach(found, Path(record.run_dir), _material(found))


def _have(found: Engine, tenancy: Tenancy, *, keep: bool) -> Lab:
    material = _material(found)
    record = _recorded()
    if record and (_is_up(found, record, material) or tenancy.is_used()):
        replace(record, kept=keep or record.kept).write()
    else:
        kept = keep or bool(record and record.kept)
        if record:
            _down(found, record)
        record = Record(tempfile.mkdtemp(prefix="remotego-lab-"), material.fingerprint, kept)
        record.write()
        _up_or_nothing(found, record, material)
    return _attach(found, Path(record.run_dir), material)


def _is_up(found: Engine, record: Record, material: Material) -> bool:
    return record.fingerprint == material.fingerprint and set(SERVICES) == set(_containers(found))


def _material(found: Engine) -> Material:
    flavours = {flavour.name: binaries.built(flavour) for flavour in binaries.FLAVOURS}
    return Material(images.built(found, "host"), images.built(found, "tiny"), flavours)


def _up_or_nothing(found: Engine, record: Record, material: Material) -> None:
    try:
        _up(found, Path(record.run_dir), material)
    except BaseException:
        _down(found, record)
        raise


def _up(found: Engine, run_dir: Path, material: Material) -> None:
    make_keys(run_dir, SERVICES)
    _lay_out_binaries(run_dir / "bin", material)
    for host, services in SERVICES.items():
        (run_dir / "hosts" / host / "services").write_text(render_services(services))
    _compose(found, {"RUN": str(run_dir), "HOST": material.host, "TINY": material.tiny}, "up", "-d")
    for host, container in _containers(found).items():
        listens = LISTENS.get(host, "Server listening on 0.0.0.0")
        await_lines(found, container, [listens, *(f"{service.name} ticks" for service in SERVICES[host])])
    _write_ssh_files(run_dir, _doors(found))
    run("ssh", "-F", run_dir / "ssh_config", "app", "true", timeout_s=30)


def _lay_out_binaries(folder: Path, material: Material) -> None:
    folder.mkdir(mode=0o755)
    flavours = {f"ticker-{flavour}": binary for flavour, binary in material.flavours.items()}
    services = {service.name: material.flavours[service.flavour] for host in SERVICES.values() for service in host}
    for name, binary in (flavours | services).items():
        shutil.copy(binary, folder / name)
        (folder / name).chmod(0o755)


def _doors(found: Engine) -> tuple[Door, ...]:
    published = {host: _port(found, _containers(found)[host]) for host in ("jump", "hardened", "tiny")}
    return (
        Door("jump", "127.0.0.1", published["jump"], accounts=("other", *SHELLS)),
        Door("app", "app", jump="jump", accounts=EVERYBODY),
        Door("hardened", "127.0.0.1", published["hardened"], accounts=("other",)),
        Door("inner-hardened", "hardened", jump="jump"),
        Door("tiny", "127.0.0.1", published["tiny"], accounts=("other",)),
    )


def _write_ssh_files(run_dir: Path, doors: tuple[Door, ...]) -> None:
    keys = {
        door.known_as: run_dir / "hosts" / door.alias.removeprefix("inner-") / "ssh_host_ed25519_key.pub"
        for door in doors
    }
    (run_dir / "known_hosts").write_text(render_known_hosts(keys))
    (run_dir / "ssh_config").write_text(render_ssh_config(doors, run_dir))


def _down(found: Engine, record: Record) -> None:
    anything = {"RUN": record.run_dir, "HOST": "none", "TINY": "none"}
    _compose(found, anything, "down", "--volumes", "--remove-orphans", "--timeout", "1")
    shutil.rmtree(record.run_dir, ignore_errors=True)
    _record_file().unlink(missing_ok=True)


def _attach(found: Engine, run_dir: Path, material: Material) -> Lab:
    return Lab(run_dir, found, _containers(found), material.flavours)


def _containers(found: Engine) -> dict[str, str]:
    label = "com.docker.compose"
    shape = f'{{{{.Label "{label}.service"}}}} {{{{.ID}}}}'
    listed = found.docker("ps", "--filter", f"label={label}.project={PROJECT}", "--format", shape)
    return dict(line.split() for line in listed.splitlines())


def _port(found: Engine, container: str) -> int:
    return int(found.docker("port", container, "22/tcp").splitlines()[0].rpartition(":")[2])


def _compose(found: Engine, variables: Mapping[str, str], *argv: str) -> None:
    env = found.env | {f"REMOTEGO_LAB_{name}": value for name, value in variables.items()}
    words = [*_compose_program(), "-f", places.COMPOSE_FILE, "-p", PROJECT, *argv]
    run(*words, env=env, timeout_s=COMPOSE_TIMEOUT_S)


@cache
def _compose_program() -> tuple[str, ...]:
    """Compose as a plugin of docker, else the older program of that name."""
    try:
        run("docker", "compose", "version")
    except LabError:
        packages.ensure("docker-compose")
        return ("docker-compose",)
    return ("docker", "compose")


def _tenancy() -> Tenancy:
    return Tenancy(places.cache(), PROJECT)


def _recorded() -> Record | None:
    try:
        return Record(**json.loads(_record_file().read_text()))
    except FileNotFoundError:
        return None


def _record_file() -> Path:
    return places.cache() / f"{PROJECT}.json"
