"""Looking at a vendor directory: what it covers, and whether its bytes are those of the modules."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.harvest import find_ground
from remotego.adapters.vendoring import hashes, vendor_into
from remotego.bundle.sums import parse_sums
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.golang.vendoring import COVERS, NEVER, Drift, Vendored, drifts, parse_modules_txt
from remotego.ops.bundle.gather import find_toolchain

LABEL = "vendor"


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
    """Vendor anew beside, and compare. Nothing in the workspace is changed.

    Raises OutsideModuleError, NoGoHereError, VendoringError.
    """
    ground = find_ground(Path(settings.workspace or ".").absolute())
    folder = ground.work or ground.folders[0]
    vendor = folder / "vendor"
    go = find_toolchain(settings).go
    with tempfile.TemporaryDirectory(prefix="remotego-vendor-") as room:
        progress.step(LABEL, "vendoring anew, to compare")
        made = vendor_into(go, folder, Path(room), work=ground.work is not None)
        listed = Path(room, "vendor", "modules.txt")
        vendored = parse_modules_txt(listed.read_text("utf-8", "replace") if listed.is_file() else "")
    progress.step(LABEL, "hashing")
    there = hashes(vendor) if vendor.is_dir() else {}
    sums = {key for _, text in ground.sums() for key in parse_sums(text) if not key[1].endswith("/go.mod")}
    left_out = sorted({f"{path}@{version}" for path, version in sums} - vendored.modules.keys())
    found = tuple(drifts(vendored, there, made)) if vendor.is_dir() else ()
    return VendorLook(vendor, vendor.is_dir(), vendored, len(there or made), tuple(left_out), found)
