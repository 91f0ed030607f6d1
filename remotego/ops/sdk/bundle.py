"""What SDKs a bundle has, for who asks for another one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from remotego.core.errors import MissingError
from remotego.core.terminal import inert
from remotego.golang.sdk import MODULE, Sdk

FOLDER = f"{MODULE}/@v"
"""Where the zips of SDKs lie in a bundle."""

_ZIP = re.compile(r"v0\.0\.1-go(?P<version>.{1,20})\.(?P<goos>[a-z0-9]{2,16})-(?P<goarch>[a-z0-9]{2,16})\.zip")


@dataclass(eq=False)
class NotInBundleError(MissingError):
    """A bundle, or another directory, lacks an SDK."""

    bundle: str
    sdk: str
    has: str
    what = "{bundle} has no Go {sdk}; this bundle has: {has}"
    remedy = "name one that it has, or make another bundle where there is a network (docs/environment.md)"


def not_in(bundle: str, sdk: Sdk, names: Iterable[str]) -> NotInBundleError:
    """Say what a bundle has instead; ``names`` are the files in its FOLDER."""
    found = sorted(filter(None, map(_ZIP.fullmatch, names)), key=lambda zipped: zipped[0])
    has = ", ".join(f"{zipped['version']} {zipped['goos']}/{zipped['goarch']}" for zipped in found)
    return NotInBundleError(bundle, str(sdk), inert(has) or "no SDK of Go")
