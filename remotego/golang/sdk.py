"""Go SDKs: which one is meant, and what its module, its archive and its artifact are called.

A release of Go is published twice: as an archive (go.dev/dl) and, since 1.21, as a version of the module
``golang.org/toolchain``, which the checksum database vouches for (go.dev/doc/toolchain, cmd/distpack).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from remotego.core.errors import BuildError, UsageError
from remotego.golang.version import GoVersion, Stage, parse_go_version

MODULE = "golang.org/toolchain"
TOP = "go"
"""The one directory at the top of an artifact: the GOROOT."""

MANIFEST = "remotego-sdk.json"
"""The file beside it: what it is, where it came from, why it is trusted, and the SHA-256 of each file."""

MANIFEST_FORMAT = 1

_OLDEST = GoVersion(1, 21)
_PLATFORM = re.compile(r"[a-z0-9]{2,16}/[a-z0-9]{2,16}")
_VERSION = re.compile(r"1\.(?!0[0-9])[0-9]{1,3}(?:\.|rc|beta)(?!0[0-9])[0-9]{1,3}")
_ARCHIVE_ARCH = {"arm": "armv6l"}
"""Archives are named by what dl.google.com calls a processor, modules by its GOARCH."""


@dataclass(eq=False)
class UnknownSdkError(UsageError):
    """What is asked for is no release of Go that exists as a module."""

    asked: str
    reason: str
    what = "{asked!r} names no Go SDK: {reason}"
    remedy = "say a release in full, such as 1.26.6 or 1.27rc1, and a platform such as linux/amd64"


@dataclass(eq=False)
class UnsafeSdkError(BuildError):
    """An archive that no honest release looks like."""

    place: str
    reason: str
    what = "{place} is not unpacked: {reason}"
    remedy = "whoever serves it changed or damaged it: take the SDK from another source, and tell who runs this one"


@dataclass(frozen=True, slots=True, order=True)
class Sdk:
    """A release of Go for a platform. ``version`` is without "go": 1.26.6, 1.27rc1."""

    version: str
    goos: str
    goarch: str

    @property
    def go_version(self) -> GoVersion:
        """The version, to compare."""
        return parse_go_version(f"go{self.version}")

    @property
    def module_version(self) -> str:
        """The version of the module golang.org/toolchain."""
        return f"v0.0.1-go{self.version}.{self.goos}-{self.goarch}"

    @property
    def module(self) -> str:
        """Module and version, as every name in the module's zip begins."""
        return f"{MODULE}@{self.module_version}"

    @property
    def archive(self) -> str:
        """File name of the official archive."""
        ending = "zip" if self.goos == "windows" else "tar.gz"
        return f"go{self.version}.{self.goos}-{_ARCHIVE_ARCH.get(self.goarch, self.goarch)}.{ending}"

    @property
    def label(self) -> str:
        """What its artifact is called."""
        return f"go-{self.version}-{self.goos}-{self.goarch}"

    def __str__(self) -> str:
        """Name it as a pin does: ``1.26.6 linux/amd64``."""
        return f"{self.version} {self.goos}/{self.goarch}"


def parse_sdk(version: str, platform: str = "linux/amd64") -> Sdk:
    """Read ``1.26.6`` or ``go1.26.6`` and ``linux/arm64``. Raises UnknownSdkError.

    A language version such as 1.26 is no release, and none before 1.21 is a module.
    """
    bare = version.removeprefix("go")
    if not _VERSION.fullmatch(bare):
        raise UnknownSdkError(version, "a language version or not a version of Go")
    if not _PLATFORM.fullmatch(platform):
        raise UnknownSdkError(f"{version} {platform}", "a platform is an operating system, a slash and a processor")
    found = parse_go_version(f"go{bare}")
    if found < _OLDEST or found.stage is Stage.LANGUAGE:
        raise UnknownSdkError(version, "releases before Go 1.21 are in no checksum database")
    goos, _, goarch = platform.partition("/")
    return Sdk(bare, goos, goarch)
