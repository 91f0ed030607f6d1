"""The lab's images: a Debian base made by debootstrap, and what is built on it."""

import os
import shutil
import tempfile
from pathlib import Path

from tests.lab import packages, places
from tests.lab.engine import Engine
from tests.lab.process import run

SUITE = "bookworm"
FOLDER = places.LAB / "images"
PACKAGES = FOLDER / "packages"
BOOTSTRAP_TIMEOUT_S = 900
BUILD_TIMEOUT_S = 600
UNWANTED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt/archives")


def base(engine: Engine) -> str:
    """The tag of a Debian image with the packages of ``images/packages``.

    ``REMOTEGO_LAB_BASE`` names one to use instead; the engine pulls it, and what it lacks is installed then.
    """
    if given := os.environ.get("REMOTEGO_LAB_BASE"):
        return given
    name = f"{SUITE}-{places.digest([PACKAGES.read_bytes(), *map(str.encode, UNWANTED)])[:12]}"
    tag = f"remotego-lab-base:{name}"
    if not engine.has_image(tag):
        engine.docker("import", _tarball(name), tag, timeout_s=BUILD_TIMEOUT_S)
    return tag


def built(engine: Engine, name: str) -> str:
    """The tag of the image of ``images/<name>``, built now unless the same one is there."""
    parent = base(engine)
    tag = f"remotego-lab-{name}:{places.digest_of(FOLDER / name, parent, PACKAGES.read_text())[:12]}"
    if not engine.has_image(tag):
        _build(engine, FOLDER / name, parent, tag)
    return tag


def _build(engine: Engine, source: Path, parent: str, tag: str) -> None:
    with tempfile.TemporaryDirectory(prefix="remotego-image-") as context:
        shutil.copytree(source, context, dirs_exist_ok=True)
        shutil.copy(PACKAGES, context)
        # Only a base from elsewhere lacks packages; on our own bridge there is no network to get them by.
        argv = ("--network", "host", "--build-arg", f"BASE={parent}", "--tag", tag)
        engine.docker("build", *argv, context, timeout_s=BUILD_TIMEOUT_S)


def _tarball(name: str) -> Path:
    """A root file system as a tar archive in the cache, made by debootstrap the first time."""
    archive = places.cache() / f"base-{name}.tar"
    if not archive.exists():
        packages.ensure("debootstrap")
        with tempfile.TemporaryDirectory(prefix="remotego-base-") as folder:
            _bootstrap(Path(folder) / "root", archive)
    return archive


def _bootstrap(root: Path, archive: Path) -> None:
    wanted = ",".join(PACKAGES.read_text().split())
    run("debootstrap", "--variant=minbase", f"--include={wanted}", SUITE, root, timeout_s=BOOTSTRAP_TIMEOUT_S)
    for folder in UNWANTED:
        shutil.rmtree(root / folder, ignore_errors=True)
    partial = archive.with_suffix(".partial")
    run("tar", "-C", root, "--exclude=./dev/*", "-cf", partial, ".", timeout_s=300)
    partial.rename(archive)
