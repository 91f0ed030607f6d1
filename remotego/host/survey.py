"""What a target is like, asked in one script: machine, tools, and the state of our store there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remotego.core.errors import HostError
from remotego.core.fact import Fact
from remotego.host.root import guarded

STALE_MIN = 60
"""A push to whose room nothing was written for so many minutes is not under way: it is given up after half of that."""

FORGOTTEN_MIN = 7 * 24 * 60
"""The note of a session that ended so many minutes ago interests nobody any more."""

_SCRIPT = """\
printf 'system=%s\\nmachine=%s\\nuid=%s\\nhome=%s\\n' "$(uname -s)" "$(uname -m)" "$(id -u)" "$HOME"
[ -d "$HOME" ] || echo nohome=1
command -v gzip >/dev/null 2>&1 && echo gzip=1
for tool in sha256sum 'shasum -a 256' 'openssl dgst -sha256 -r'; do
  command -v "${{tool%% *}}" >/dev/null 2>&1 && echo "digest=$tool" && break
done
missing() {{ ! [ -d "$1" ] && printf 'missing=%s\n' "$1"; }}
case $root in /*) dir=$root ;; *) dir= ;; esac
while [ -n "$dir" ] && missing "$dir"; do dir=${{dir%/*}}; done
for dir in store journal sessions; do missing "$root/$dir"; done
ls -ln "$root/store" 2>/dev/null | sed 's/^/file=/'
{{
  find "$root"/store/.[0-9]* "$root"/journal/.[0-9]* "$root"/sdk/.[0-9]* \
    "$root"/bundles/.[0-9]* -prune -mmin +{stale_min} | while IFS= read -r room; do
    [ "$(find "$room" -mmin -{stale_min} | head -n 1)" ] || printf '%s\n' "$room"
  done
  find "$root"/journal/*.ended -prune -mmin +{forgotten_min}
}} 2>/dev/null | sed 's/^/stale=/'
true
"""


@dataclass(eq=False)
class NoHomeError(HostError):
    """The login's home directory does not exist."""

    home: str
    what = "home directory {home!r} does not exist there"
    remedy = "create it, or name a directory you own with --store (store in remotego.toml)"


@dataclass(eq=False)
class ForeignSystemError(HostError):
    """The target does not run Linux."""

    system: str
    what = "the target runs {system}, and Delve's remote side here needs Linux"
    remedy = "choose a Linux target"


@dataclass(eq=False)
class NoDigestError(HostError):
    """The target has no tool to verify what is pushed."""

    what = "no sha256sum, shasum or openssl there, so a push could not be verified"
    remedy = "install coreutils, busybox or openssl on the target"


@dataclass(frozen=True, slots=True)
class Stored:
    """A program in the store: its file name and its size, which tells a damaged one without reading it."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Survey:
    """``machine`` as ``uname -m`` says; ``root`` our directory there; ``missing`` what of it and above it
    is not there yet, outermost first; ``stored`` the programs in its store; ``stale`` the paths
    that a broken-off push has left there; ``digest`` the command that prints the SHA-256 of its input.
    """

    machine: str
    uid: int
    home: str
    root: str
    digest: str
    gzip: bool
    missing: tuple[str, ...]
    stored: frozenset[Stored]
    stale: tuple[str, ...] = ()


def survey(store: str | None = None) -> Fact[Survey]:
    """Ask for a Survey. ``store`` overrides where we keep things on the target."""
    return guarded("survey", store, _SCRIPT.format(stale_min=STALE_MIN, forgotten_min=FORGOTTEN_MIN), _parse)


def _parse(root: str, text: str) -> Survey:
    pairs = [(key, value) for key, equals, value in (line.partition("=") for line in text.splitlines()) if equals]
    one = dict(pairs)
    if absent := {"system", "machine", "uid", "home"} - one.keys():
        raise ValueError(f"it does not tell {', '.join(sorted(absent))}")
    many = {name: tuple(value for key, value in pairs if key == name) for name in ("missing", "file", "stale")}
    _refuse(one, many["missing"])
    return Survey(
        machine=one["machine"],
        uid=int(one["uid"]),
        home=one["home"],
        root=root,
        digest=one["digest"],
        gzip="gzip" in one,
        missing=tuple(sorted(many["missing"], key=len)),
        stored=frozenset(found for row in many["file"] if (found := _stored(row.split()))),
        stale=many["stale"],
    )


def _refuse(one: dict[str, str], missing: Sequence[str]) -> None:
    """Raise what keeps a target from being used at all."""
    if one["system"] != "Linux":
        raise ForeignSystemError(one["system"])
    if "nohome" in one and (not one["home"] or one["home"] in missing):
        raise NoHomeError(one["home"])
    if "digest" not in one:
        raise NoDigestError


def _stored(columns: list[str]) -> Stored | None:
    """Read a row of ``ls -ln``: only size, name and the owner's right to execute count, not how dates look."""
    is_program = len(columns) > 5 and columns[0].startswith("-") and columns[0][3:4] == "x"
    return Stored(columns[-1], int(columns[4])) if is_program and columns[4].isdecimal() else None
