"""SDKs small enough to push in a test: the real go command of a version, and what it takes to run at all."""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

from remotego.core.artifact import Artifact
from remotego.host.sdk.note import SdkNote
from remotego.host.sdk.store import Amount
from remotego.ops.sdk.hosts import Delivery
from tests.golang.specimens import go

FILES = ("bin/go", "VERSION", "go.env")


def small_sdk(toolchain: str, folder: Path) -> Delivery:
    """Make one of a version that go fetches if it must (GOTOOLCHAIN), as an archive in ``folder``."""
    root, version = (go("env", name, toolchain=toolchain).strip() for name in ("GOROOT", "GOVERSION"))
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name in ("go", "go/bin", "go/pkg", "go/pkg/tool"):
            tar.addfile(_entry(name, 0o755, tarfile.DIRTYPE))
        for name in FILES:
            data = Path(root, name).read_bytes()
            tar.addfile(_entry(f"go/{name}", 0o755 if name == "bin/go" else 0o644, size=len(data)), io.BytesIO(data))
    packed = gzip.compress(raw.getvalue(), 1, mtime=0)
    digest = hashlib.sha256(packed).hexdigest()
    path = folder / f"{version}.tar.gz"
    path.write_bytes(packed)
    size_bytes = sum(Path(root, name).stat().st_size for name in FILES)
    number = version.removeprefix("go")
    goarch = go("env", "GOARCH").strip()
    note = SdkNote(number, "linux", goarch, "", "a test", "a test", digest)
    artifact = Artifact(f"go-{number}-linux-{goarch}", digest, len(packed), path)
    return Delivery(note, artifact, Amount(len(FILES), size_bytes))


def _entry(name: str, mode: int, kind: bytes = tarfile.REGTYPE, size: int = 0) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.type, entry.size = mode, kind, size
    return entry
