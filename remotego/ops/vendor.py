"""Looking at a vendor directory: what it covers, and whether its bytes are those of the modules."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.trees import differences, files_below
from remotego.bundle.sums import parse_sums
from remotego.core.errors import MissingError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.terminal import inert
from remotego.golang.vendoring import COVERS, NEVER, Drift, Vendored, parse_modules_txt
from remotego.ops.modules.ground import Ground, prepared

LABEL = "vendor"
_MOST_CHARACTERS = 1500

_FIRST = {
    "mod": "run `go mod tidy` first",
    "work": "put go.work right first, `remotego mod.doctor` says what is wrong with it",
}
"""What to do before anything else, by the command that has failed."""


@dataclass(eq=False)
class VendoringError(MissingError):
    """go cannot vendor: a module is not to be had, or go.mod is not tidy, or go.work leads nowhere."""

    folder: str
    command: str
    reason: str
    first: str
    what = "`go {command} vendor` in {folder} fails: {reason}"
    remedy = "{first}; where there is no network, lead GOPROXY to a bundle (bundle.create)"


@dataclass(frozen=True, slots=True)
class VendorLook:
    """What was found of ``vendor`` (which may be missing); ``files`` it has or would have, and where it differs."""

    vendor: Path
    there: bool
    vendored: Vendored
    files: int
    left_out: tuple[str, ...]
    drift: tuple[Drift, ...]

    @property
    def covers(self) -> tuple[str, ...]:
        """What it covers, in words."""
        return COVERS

    @property
    def not_covered(self) -> tuple[str, ...]:
        """What it does not, in words; the modules that are left out by name."""
        named = ", ".join(self.left_out[:5]) + (f" and {len(self.left_out) - 5} more" if len(self.left_out) > 5 else "")
        return (*NEVER, *([f"{len(self.left_out)} modules that go.sum names: {named}"] if self.left_out else []))


def look_at_vendor(settings: Settings, progress: Progress) -> VendorLook:
    """Vendor a copy anew, and compare. Nothing in the workspace is changed.

    Raises NoModuleError, NoGoForModulesError, VastWorkspaceError, VendoringError.
    """
    progress.step(LABEL, "vendoring a copy anew, to compare")
    with prepared(settings) as ground, tempfile.TemporaryDirectory(prefix="remotego-vendor-") as room:
        made, vendor = Path(room, "vendor"), ground.vendor
        _vendor(ground, made)
        progress.step(LABEL, "hashing")
        there, listed = vendor.is_dir(), made / "modules.txt"
        vendored = parse_modules_txt(listed.read_text("utf-8", "replace") if listed.is_file() else "")
        found = differences(made, vendor) if there else ()
        drift = tuple(Drift(path, vendored.module_of(path), what) for path, what in found)
        files = len(list(files_below(vendor if there else made)))
        left_out = sorted(_named(ground) - vendored.modules.keys())
    return VendorLook(vendor, there, vendored, files, tuple(left_out), drift)


def _vendor(ground: Ground, made: Path) -> None:
    command = "work" if ground.work else "mod"
    said = ground.go.run(ground.base, command, "vendor", "-o", str(made))
    if not said.ok:
        complaint = said.complaint.replace(str(ground.scratch.base), str(ground.scratch.origin))
        raise VendoringError(str(ground.root), command, inert(complaint).strip()[-_MOST_CHARACTERS:], _FIRST[command])


def _named(ground: Ground) -> set[str]:
    """Name the modules that the go.sum files have whole."""
    files = [folder / "go.sum" for folder in ground.folders]
    files += [ground.work.with_name(f"{ground.work.name}.sum")] if ground.work else []
    texts = [file.read_text("utf-8", "replace") for file in files if file.is_file()]
    sums = (key for text in texts for key in parse_sums(text))
    return {f"{path}@{version}" for path, version in sums if not version.endswith("/go.mod")}
