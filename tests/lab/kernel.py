"""Debian's cloud kernel, unpacked and not installed, with the modules a virtual machine needs."""

import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile

from tests.lab import packages, places
from tests.lab.failure import LabError
from tests.lab.process import run

META_PACKAGE = "linux-image-cloud-amd64"
DOWNLOAD_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Kernel:
    """An unpacked kernel package."""

    folder: Path

    @property
    def image(self) -> Path:
        """The compressed kernel that QEMU boots."""
        return next((self.folder / "boot").glob("vmlinuz-*"))

    def modules(self, *names: str) -> list[Path]:
        """The files of ``names`` and of what they depend on, in an order in which they can be loaded."""
        files = {_module_name(path.stem): path for path in self.folder.rglob("*.ko")}
        ordered = (files[name] for wanted in names for name in _with_dependencies(_module_name(wanted), files))
        return list(dict.fromkeys(ordered))


def unpacked() -> Kernel:
    """The newest cloud kernel that apt offers, from the cache once it was fetched."""
    packages.ensure("dpkg-deb")
    package = _newest()
    folder = places.cache() / "kernels" / package
    if not folder.exists():
        _fetch(package, folder)
    return Kernel(folder)


def _newest() -> str:
    try:
        return run("apt-cache", "depends", "--important", META_PACKAGE).split()[-1]
    except LabError:
        packages.refresh()
    return run("apt-cache", "depends", "--important", META_PACKAGE).split()[-1]


def _fetch(package: str, folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        run("apt-get", "download", package, cwd=Path(work), timeout_s=DOWNLOAD_TIMEOUT_S)
        archive = next(Path(work).glob("*.deb"))
        run("dpkg-deb", "-x", archive, Path(work) / "root", timeout_s=DOWNLOAD_TIMEOUT_S)
        (Path(work) / "root").rename(folder)


def _with_dependencies(name: str, files: dict[str, Path]) -> Iterator[str]:
    for needed in _dependencies(files[name]):
        yield from _with_dependencies(needed, files)
    yield name


def _dependencies(module: Path) -> list[str]:
    """The names in the ``depends`` field of a module's .modinfo section (modinfo(8))."""
    section = ELFFile(io.BytesIO(module.read_bytes())).get_section_by_name(".modinfo")
    if section is None:
        raise LabError(f"{module} is not a kernel module", "remove it from the cache to fetch it again")
    fields = (bytes(field).decode().partition("=") for field in section.data().split(b"\0"))
    depends = next(value for key, _, value in fields if key == "depends")
    return [_module_name(name) for name in depends.split(",") if name]


def _module_name(stem: str) -> str:
    return stem.replace("-", "_")
