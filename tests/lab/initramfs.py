"""The virtual machine's file system: the host image, the kernel's modules, and this run's keys."""

import shutil
import subprocess
from os import environ
from pathlib import Path

from tests.lab import binaries, images, packages, places
from tests.lab.engine import Engine, engine
from tests.lab.failure import LabError
from tests.lab.kernel import Kernel
from tests.lab.process import run
from tests.lab.services import SERVICES, render_services

MODULES = ("virtio_pci", "virtio_net")
INIT = images.FOLDER / "vm" / "init"
# What docker lays into /dev (an empty file for the console), and weight that nothing on a target asks for.
UNWANTED = (
    "^dev/*",
    *("usr/bin/perl*", "usr/share/perl*", "usr/lib/*/perl*"),
    *("usr/share/fish/completions", "usr/share/zoneinfo", "usr/share/bash-completion"),
    *("usr/lib/*/libapt*", "var/lib/dpkg/info"),
)


def assemble(kernel: Kernel, run_dir: Path, host: str) -> Path:
    """An initramfs in ``run_dir``, with ``run_dir/hosts/<host>`` as /lab, as in the containers.

    It is two cpio archives, one after the other, and the later wins (kernel.org, initramfs buffer format).
    """
    packages.ensure("bsdtar")
    whole = run_dir / "initramfs"
    with whole.open("wb") as out:
        for part in (_root(), _overlay(kernel, run_dir, host)):
            with part.open("rb") as source:
                shutil.copyfileobj(source, out, 1 << 20)
    shutil.rmtree(run_dir / "overlay")
    return whole


def _root() -> Path:
    """The host image as a cpio archive, in the cache."""
    with engine() as found:
        tag = images.built(found, "host")
        archive = places.cache() / f"root-{tag.rpartition(':')[2]}.cpio"
        if not archive.exists():
            partial = archive.with_suffix(".partial")
            _export(found, tag, partial)
            partial.rename(archive)
    return archive


def _export(found: Engine, tag: str, archive: Path) -> None:
    container = found.docker("create", tag).strip()
    try:
        with subprocess.Popen(
            ["docker", "export", container], stdout=subprocess.PIPE, env=environ | found.env
        ) as exported:
            words: list[str | Path] = [
                "bsdtar",
                "--format=newc",
                *(f"--exclude={path}" for path in UNWANTED),
                "-cf",
                archive,
                "@-",
            ]
            done = subprocess.run(words, stdin=exported.stdout, check=False)
    finally:
        found.docker("rm", container)
    if exported.returncode or done.returncode:
        raise LabError(f"{tag} could not be exported to {archive}", "see whether the disk is full")


def _overlay(kernel: Kernel, run_dir: Path, host: str) -> Path:
    """What is laid over the image: /init, /lab and /opt/ticker, owned by root."""
    tree, archive = run_dir / "overlay", run_dir / "overlay.cpio"
    lab = tree / "lab"
    shutil.copytree(run_dir / "hosts" / host, lab)
    (lab / "services").write_text(render_services(SERVICES[host]))
    _copy_modules(kernel, lab / "modules")
    shutil.copy(INIT, tree / "init")
    (tree / "init").chmod(0o755)
    binaries.lay_out(tree / "opt" / "ticker", aliases={})
    run("bsdtar", "--format=newc", "--uid", "0", "--gid", "0", "-C", tree, "-cf", archive, ".")
    return archive


def _copy_modules(kernel: Kernel, folder: Path) -> None:
    folder.mkdir()
    files = kernel.modules(*MODULES)
    for file in files:
        shutil.copy(file, folder)
    (folder / "order").write_text("".join(f"{file.name}\n" for file in files))
