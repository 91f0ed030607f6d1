"""Fetching a module with ``go mod download``, which verifies it by the checksum database too."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.builder import captured
from remotego.adapters.growth import Growth, StalledError
from remotego.adapters.web import shown
from remotego.core.errors import BuildError, MissingError
from remotego.core.terminal import inert

ASKED = ("GOAUTH", "GOINSECURE", "GOPROXY", "GOSUMDB")
"""Where modules come from, as the user has it; what may switch verification off is not asked for."""

STALL_S = 60.0
"""How long nothing may come; between its downloads go hashes, which a slow machine needs some seconds for."""

MOST_BYTES = 1 << 30
"""What a download may become, packed and unpacked; an SDK is a third of it."""

_NEUTRAL = {
    "GIT_HTTP_USER_AGENT": "",
    "GO111MODULE": "on",
    "GODEBUG": "",
    "GOENV": "off",
    "GOFLAGS": "-modcacherw",
    "GONOPROXY": "none",
    "GONOSUMDB": "",
    "GONOSUMCHECK": "",
    "GOPRIVATE": "",
    "GOROOT": "",
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}
"""cmd/go takes a certain GIT_HTTP_USER_AGENT for the public proxy itself, and then verifies nothing."""

_SECURITY = re.compile(
    r"SECURITY ERROR|checksum mismatch|checksum missing from sumdb|invalid signature|no verifiable signatures"
    r"|inconsistent tile|malformed (?:note|record|tree)"
    r"|cannot (?:authenticate|validate) record|zip(?:: | for).*(?:invalid|unexpected|not a valid)"
)
"""What cmd/go says where a signature, a proof, a hash or a zip does not hold; all else is about reaching a place."""

_MOST_CHARACTERS = 2000
_PLACE = re.compile(r"[^,|]+")
_USER = re.compile(r"://[^\s/@\"']*@")


@dataclass(eq=False)
class GoDownloadError(MissingError):
    """``go mod download`` does not give it."""

    module: str
    reason: str
    what = "`go mod download {module}` fails: {reason}"
    remedy = "run it by hand; `go env GOPROXY GOSUMDB` says where go asks"


@dataclass(eq=False)
class GoUnverifiedError(GoDownloadError):
    """``go`` has it, and gets no word from the checksum database."""


@dataclass(eq=False)
class GoSecurityError(BuildError):
    """``go`` itself refuses what it was given."""

    module: str
    reason: str
    what = "SECURITY: `go mod download {module}` refuses what it was given: {reason}"
    remedy = "do not use this source: tell who runs it, and take it from another one"


def go_settings(go: Path, room: Path) -> dict[str, str]:
    """Ask ``go env`` how the user has go set, whatever the directory we are in says. Raises GoDownloadError."""
    env = {**os.environ, "GOFLAGS": "", "GOROOT": "", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    try:
        answer = json.loads(_run(go, ("env", "-json", *ASKED), room, env, "env"))
    except ValueError as error:
        raise GoDownloadError("env", "`go env -json` prints no JSON") from error
    return {name: str(answer.get(name, "")) for name in ASKED}


def go_download(
    go: Path,
    module: str,
    settings: Mapping[str, str],
    room: Path,
    head: tuple[str, bytes],
    *,
    stall_s: float = STALL_S,
) -> Path:
    """Download ``module@version``; give the directory of the cache, a file tree as GOPROXY has it.

    Everything happens below ``room``, which is empty: no go.mod or go.sum is near, no cache is shared. ``head`` is
    the name of the database and the signed tree that go shall hold it to. go itself waits without end: it is ended
    where nothing comes for ``stall_s``, or more than MOST_BYTES. Raises GoDownloadError, GoSecurityError.
    """
    scratch, cache, gopath = room / "scratch", room / "mod", room / "gopath"
    scratch.mkdir()
    latest = gopath / "pkg" / "sumdb" / head[0] / "latest"
    if head[1]:
        latest.parent.mkdir(parents=True)
        latest.write_bytes(head[1])
    places = {"GOMODCACHE": str(cache), "GOPATH": str(gopath), "GOPROXY": _guarded(settings.get("GOPROXY", ""))}
    env = {**os.environ, **settings, **_NEUTRAL, **places}
    try:
        _run(go, ("mod", "download", "-json", module), scratch, env, module, Growth(room, stall_s, MOST_BYTES))
    except StalledError as error:
        asked = _PLACE.sub(lambda place: shown(place[0]), places["GOPROXY"])
        raise GoDownloadError(module, f"{error}, and go was ended; it asked {asked}") from error
    return cache / "cache" / "download"


def _guarded(goproxy: str) -> str:
    """Keep go from taking a lone file:// for the test of a distribution, which it does not verify."""
    return f"{goproxy},off" if goproxy.startswith("file://") and not {",", "|"} & set(goproxy) else goproxy


def _run(
    go: Path,
    arguments: tuple[str, ...],
    cwd: Path,
    env: Mapping[str, str],
    module: str,
    watch: Callable[[], None] | None = None,
) -> str:
    try:
        code, out, complaint = captured([str(go), *arguments], cwd, dict(env), watch)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GoDownloadError(module, inert(str(error))) from error
    if code == 0:
        return out
    reason = _USER.sub("://", inert(_error_in(out) or complaint)).strip()[-_MOST_CHARACTERS:]
    if _SECURITY.search(reason):
        raise GoSecurityError(module, reason)
    raise (GoUnverifiedError if "verifying " in reason else GoDownloadError)(module, reason)


def _error_in(out: str) -> str:
    try:
        return str(json.loads(out).get("Error", ""))
    except (ValueError, AttributeError):
        return ""
