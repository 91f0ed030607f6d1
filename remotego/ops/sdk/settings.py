"""What the user's settings say about where SDKs come from."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from remotego.adapters.catalogue import read_catalogue
from remotego.adapters.godownload import go_settings
from remotego.adapters.toolchain import Toolchain, find_toolchains
from remotego.core.errors import MissingError, RemotegoError
from remotego.core.settings import Settings
from remotego.golang.version import GoVersion, Stage, parse_go_version
from remotego.ops.profile.record import profile_in_force
from remotego.ops.sdk.order import Sources

_FIXED = (
    GoVersion(1, 25, Stage.RELEASE, 13),
    GoVersion(1, 26, Stage.RELEASE, 6),
    GoVersion(1, 27, Stage.RC, 3),
)
"""The first of each line in which cmd/go's ways around the checksum database are closed that matter here:
CVE-2026-42501, -56864, -56865. The fourth, -94447, takes a go.sum, and there is none where we run go."""


def sources(settings: Settings, *, bundle: Path | None = None, accept_unverified: bool = False) -> Sources:
    """Read them from the settings, and from ``go env`` where there is a go, else from the environment.

    ``bundle`` is what --offline names. Raises CatalogueError, UntrustedSettingsError.
    """
    pins = read_catalogue(Path(settings.sdk_catalogue)) if settings.sdk_catalogue else {}
    found = [one for one in _toolchains(settings) if isinstance(one, Toolchain)]
    asked = _asked(found[0].go) if found else None
    asked = asked or {name: os.environ.get(name, "") for name in ("GOPROXY", "GOSUMDB")}
    return Sources(
        bundle=bundle,
        goproxy=asked["GOPROXY"],
        sumdb=asked["GOSUMDB"],
        mirror=mirror_of(settings),
        pins=pins | {name: str(value) for name, value in settings.table("sdk.pins").items()},
        accept_unverified=accept_unverified,
        go=next((one.go for one in found if is_patched(one.version)), None),
    )


def mirror_of(settings: Settings) -> str | None:
    """Name the mirror of the profile that is in force in the workspace, else that of all; None for none."""
    try:
        profile = profile_in_force(settings)
    except RemotegoError:  # settings that cannot be read have no say in where SDKs come from
        profile = None
    own = settings.table(f"profile.{profile}").get("sdk_mirror") if profile else None
    return own or settings.sdk_mirror


def is_patched(version: str) -> bool:
    """Tell whether this go verifies toolchains as it should; no development build is taken to."""
    try:
        found = parse_go_version(version)
    except ValueError:
        return False
    if found.stage in (Stage.DEVEL, Stage.LANGUAGE):
        return False
    line = next((fixed for fixed in _FIXED if fixed.language == found.language), None)
    return found >= line if line else found > _FIXED[-1]


def _toolchains(settings: Settings) -> list[object]:
    from platformdirs import user_cache_path

    return list(find_toolchains(settings.go, user_cache_path("remotego") / "artifacts" / "toolchains.json"))


def _asked(go: Path) -> dict[str, str] | None:
    """Ask in an empty directory: a go.mod nearby could have go want another toolchain first."""
    with tempfile.TemporaryDirectory(prefix="remotego-") as room:
        try:
            return go_settings(go, Path(room))
        except MissingError:
            return None
