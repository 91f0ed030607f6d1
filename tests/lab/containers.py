"""The containers of docker-compose.test.yml: start them, find them, end them."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.lab import binaries, images, outside, packages, places
from tests.lab.engine import Engine
from tests.lab.failure import LabError
from tests.lab.identity import EVERYBODY, make_keys, render_known_hosts
from tests.lab.process import run
from tests.lab.readiness import await_lines
from tests.lab.services import SERVICES, render_services
from tests.lab.sshconfig import Door, render_ssh_config

PROJECT = f"remotego-lab-{places.checkout_id()}"
HOSTS = ("jump", "app", "hardened", "tiny", "frail-jump", "frail")
EVERYTHING = (*HOSTS, outside.NAME)
SHELLS = tuple(name for name in EVERYBODY if name.startswith("sh-"))
SERVICE_FLAVOURS = {service.name: service.flavour for host in HOSTS for service in SERVICES[host]}
SSHD_LISTENS = "Server listening on 0.0.0.0"
LISTENS = dict.fromkeys(HOSTS, SSHD_LISTENS) | {"tiny": "Not backgrounding", outside.NAME: outside.LISTENS}
SSH_PORT = 22
COMPOSE_TIMEOUT_S = 180


@dataclass(frozen=True, slots=True)
class Material:
    """What containers are made of: image tags, and the files of the binaries."""

    host: str
    tiny: str
    files: tuple[Path, ...]

    @property
    def fingerprint(self) -> str:
        """The same for two labs that would not differ but in their keys."""
        made_of = [self.host, self.tiny, *map(str, self.files), str(SERVICES), outside.digest()]
        return places.digest([*map(str.encode, made_of), places.COMPOSE_FILE.read_bytes()])


def prepared(engine: Engine) -> Material:
    """The material, built where it is missing."""
    files = tuple(binaries.all_built().values())
    return Material(images.built(engine, "host"), images.built(engine, "tiny"), files)


def start(engine: Engine, run_dir: Path, material: Material) -> None:
    """Start every host with keys of its own, and write the ssh_config that leads to them.

    Returns when each sshd listens, each service counts, and ssh has reached app.
    """
    make_keys(run_dir, HOSTS)
    outside.prepare(run_dir)
    binaries.lay_out(run_dir / "bin", aliases=SERVICE_FLAVOURS)
    for host in HOSTS:
        (run_dir / "hosts" / host / "services").write_text(render_services(SERVICES[host]))
    _compose(engine, {"RUN": str(run_dir), "HOST": material.host, "TINY": material.tiny}, "up", "-d")
    for host, container in running(engine).items():
        await_lines(
            engine, container, [LISTENS[host], *(f"{service.name} ticks" for service in SERVICES.get(host, ()))]
        )
    _write_ssh_files(run_dir, _doors(engine))
    run("ssh", "-F", run_dir / "ssh_config", "app", "true", timeout_s=30)


def stop(engine: Engine, run_dir: Path) -> None:
    """End and remove the containers and networks, and the keys with them."""
    anything = {"RUN": str(run_dir), "HOST": "none", "TINY": "none"}
    _compose(engine, anything, "down", "--volumes", "--remove-orphans", "--timeout", "1")
    shutil.rmtree(run_dir, ignore_errors=True)


def running(engine: Engine) -> dict[str, str]:
    """The containers that run now, by host."""
    label = "com.docker.compose"
    shape = f'{{{{.Label "{label}.service"}}}} {{{{.ID}}}}'
    listed = engine.docker("ps", "--filter", f"label={label}.project={PROJECT}", "--format", shape)
    return dict(line.split() for line in listed.splitlines())


def _doors(engine: Engine) -> tuple[Door, ...]:
    containers = running(engine)
    ports = {host: engine.published(containers[host], SSH_PORT) for host in ("jump", "hardened", "tiny", "frail-jump")}
    return (
        Door("jump", "127.0.0.1", ports["jump"], accounts=("other", *SHELLS)),
        Door("app", "app", jump="jump", accounts=EVERYBODY),
        Door("hardened", "127.0.0.1", ports["hardened"], accounts=("other",)),
        Door("inner-hardened", "hardened", jump="jump"),
        Door("tiny", "127.0.0.1", ports["tiny"], accounts=("other",)),
        Door("frail-jump", "127.0.0.1", ports["frail-jump"]),
        Door("frail", "frail", jump="frail-jump"),
    )


def _write_ssh_files(run_dir: Path, doors: tuple[Door, ...]) -> None:
    hosts = run_dir / "hosts"
    keys = {door.known_as: hosts / door.alias.removeprefix("inner-") / "ssh_host_ed25519_key.pub" for door in doors}
    (run_dir / "known_hosts").write_text(render_known_hosts(keys))
    (run_dir / "ssh_config").write_text(render_ssh_config(doors, run_dir))


def _compose(engine: Engine, variables: Mapping[str, str], *argv: str) -> None:
    env = engine.env | {f"REMOTEGO_LAB_{name}": value for name, value in variables.items()}
    words: list[str | Path] = [*_compose_program(), "-f", places.COMPOSE_FILE, "-p", PROJECT, *argv]
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
