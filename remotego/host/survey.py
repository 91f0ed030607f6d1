"""What a target is like, asked in one script: machine, tools, and the state of our store there."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from remotego.core.errors import HostError, UsageError
from remotego.core.fact import Fact

DEFAULT_ROOT = '"${XDG_DATA_HOME:-$HOME/.local/share}/remotego"'

_SCRIPT = """\
root={root}
printf 'system=%s\\nmachine=%s\\nuid=%s\\nhome=%s\\nroot=%s\\n' "$(uname -s)" "$(uname -m)" "$(id -u)" "$HOME" "$root"
[ -d "$HOME" ] || echo nohome=1
command -v gzip >/dev/null 2>&1 && echo gzip=1
for tool in sha256sum 'shasum -a 256' 'openssl dgst -sha256 -r'; do
  command -v "${{tool%% *}}" >/dev/null 2>&1 && echo "digest=$tool" && break
done
dir=$root
while [ -n "$dir" ] && ! [ -d "$dir" ]; do echo "missing=$dir"; dir=${{dir%/*}}; done
for dir in store journal sessions; do [ -d "$root/$dir" ] || echo "missing=$root/$dir"; done
for file in "$root"/store/*; do [ -x "$file" ] && echo "stored=${{file##*/}}"; done
true
"""


@dataclass(eq=False)
class NoHomeError(HostError):
    """The login's home directory does not exist."""

    home: str
    what = "home directory {home} does not exist there"
    remedy = "create it, or name a directory you own with --store (store in remotego.toml)"


@dataclass(eq=False)
class ForeignSystemError(HostError):
    """The target does not run Linux."""

    system: str
    what = "the target runs {system}, and Delve's remote side here needs Linux"
    remedy = "choose a Linux target"


@dataclass(eq=False)
class BadStoreError(UsageError):
    """The store's place cannot be used as a path in scripts and sockets."""

    path: str
    what = "store {path!r} is not an absolute path free of control characters"
    remedy = "give --store an absolute path on the target, or one that starts with ~/"


@dataclass(eq=False)
class NoDigestError(HostError):
    """The target has no tool to verify what is pushed."""

    what = "no sha256sum, shasum or openssl there, so a push could not be verified"
    remedy = "install coreutils, busybox or openssl on the target"


@dataclass(frozen=True, slots=True)
class Survey:
    """``machine`` as ``uname -m`` says; ``root`` our directory there; ``missing`` what of it and above it
    is not there yet, outermost first; ``stored`` the artifact names in its store; ``digest`` the
    command that prints a file's SHA-256.
    """

    machine: str
    uid: int
    home: str
    root: str
    digest: str
    gzip: bool
    missing: tuple[str, ...]
    stored: frozenset[str]


def survey(store: str | None = None) -> Fact[Survey]:
    """Ask for a Survey. ``store`` overrides where we keep things on the target."""
    return Fact("survey", _SCRIPT.format(root=root_word(store)), _parse)


def root_word(store: str | None) -> str:
    """Our directory on a target as an sh word. Raises BadStoreError for what cannot be one."""
    if store is None:
        return DEFAULT_ROOT
    if not store.isprintable() or not store.startswith(("/", "~/")) or not store.strip("~/"):
        raise BadStoreError(store)
    tail = store.rstrip("/")
    return '"$HOME"' + shlex.quote(tail[1:]) if tail.startswith("~/") else shlex.quote(tail)


def _parse(text: str) -> Survey:
    pairs = [line.partition("=")[::2] for line in text.splitlines()]
    one = dict(pairs)
    if one["system"] != "Linux":
        raise ForeignSystemError(one["system"])
    missing = [value for key, value in pairs if key == "missing"]
    if "nohome" in one and one["home"] in missing:
        raise NoHomeError(one["home"])
    if not one["root"].startswith("/"):
        raise BadStoreError(one["root"])
    if "digest" not in one:
        raise NoDigestError
    return Survey(
        machine=one["machine"],
        uid=int(one["uid"]),
        home=one["home"],
        root=one["root"],
        digest=one["digest"],
        gzip="gzip" in one,
        missing=tuple(sorted(missing, key=len)),
        stored=frozenset(value for key, value in pairs if key == "stored"),
    )
