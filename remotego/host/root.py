"""Our directory on a target: where it is, and whether nobody but us could have changed what is in it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from remotego.core.errors import RefusedError, UsageError
from remotego.core.fact import Fact
from remotego.core.terminal import inert

T = TypeVar("T")

DEFAULT_ROOT = '"${XDG_DATA_HOME:-$HOME/.local/share}/remotego"'

HOMELESS = "/var/tmp/remotego"  # noqa: S108 - what is there is only trusted when it is ours alone
"""Where the directory of a user without a home of his own is, with a dash and his uid behind it."""

DIRECTORIES = ("store", "journal", "sessions", "sdk", "bundles")

_GUARD = """\
root={root}
is_listed() {{
  set -- "$root" "$root/store" "$root/journal" "$root/sessions" "$root/sdk" "$root/bundles" "$root"/store/[!.]*
  rows=$(LC_ALL=C ls -ldn "$@" 2>/dev/null)
  [ "$rows" ] || ! [ -e "$root" ]
}}
is_listed || is_listed || exit 1
printf '%s\\n' "$(id -u) $root" "$rows" '#guarded'
"""
"""Listed twice where need be: somebody else may make the directory between a look that misses it and the next."""

TRUSTED = """\
trusted() {
  [ "$1" "$2" ] && ! [ -h "$2" ] && [ -O "$2" ] || return 1
  case $(LC_ALL=C ls -ldn -- "$2") in ?????w*|????????w*) return 1 ;; esac
}
"""
"""``trusted -d|-f PATH``: ours alone, for scripts that run what they find before ``guarded`` can judge it here."""

_END = "\n#guarded\n"
_ROW = re.compile(r"(?P<mode>[-a-z][-a-zA-Z]{9})\S* +\d+ +(?P<owner>\d+) [^/]*(?P<path>/.*)")


@dataclass(eq=False)
class BadStoreError(UsageError):
    """The store's place cannot be used as a path in scripts and sockets."""

    path: str
    what = "store {path!r} is not an absolute path free of control characters"
    remedy = "give --store an absolute path on the target, or one that starts with ~/"


@dataclass(eq=False)
class UntrustedStoreError(RefusedError):
    """Somebody else could have prepared what we would run or remove."""

    path: str
    cause: str
    what = "{path} {cause}, so what is in it is not trusted: nothing there was run, written or removed"
    remedy = "name a directory only you can write with --store; if this one is yours, take the write right from others"


def root_word(store: str | None) -> str:
    """Our directory on a target as an sh word. Raises BadStoreError for what cannot be one."""
    if store is None:
        return DEFAULT_ROOT
    if not store.isprintable() or not store.startswith(("/", "~/")) or not store.strip("~/"):
        raise BadStoreError(store)
    tail = store.rstrip("/")
    return '"$HOME"' + shlex.quote(tail[1:]) if tail.startswith("~/") else shlex.quote(tail)


def guarded(name: str, store: str | None, script: str, parse: Callable[[str, str], T]) -> Fact[T]:
    """Make a fact about our directory: ``script`` finds it as ``$root``, ``parse`` gets it before the answer.

    Reading the answer raises UntrustedStoreError before anything of it is believed, and BadStoreError.
    """

    def check(text: str) -> T:
        head, end, answer = text.partition(_END)
        first, *rows = head.split("\n")
        uid, space, root = first.partition(" ")
        if not (end and space):
            raise ValueError("it does not tell whose our directory is")
        if not root.startswith("/") or not root.isprintable() or "\ufffd" in root:
            raise BadStoreError(root)
        _check(filter(None, rows), int(uid))
        return parse(root, answer)

    return Fact(name, _GUARD.format(root=root_word(store)) + script, check)


def _check(rows: Iterable[str], uid: int) -> None:
    """Refuse what is not ours alone; the first row is that of our directory, as ``ls`` sorts and shows it."""
    directories: set[str] = set()
    for row in rows:
        found = _ROW.fullmatch(row)
        if found is None:
            raise ValueError(f"ls said {inert(row)[:200]!r}")
        path = found["path"]
        directories = directories or {path, *(f"{path}/{name}" for name in DIRECTORIES)}
        if cause := _distrust(found["mode"], int(found["owner"]), uid, is_directory=path in directories):
            raise UntrustedStoreError(inert(path), cause)


def _distrust(mode: str, owner: int, uid: int, *, is_directory: bool) -> str:
    """Say why not to trust a file of this mode, as ``ls`` writes it; empty when there is no reason."""
    if mode[0] != ("d" if is_directory else "-"):
        return f"is no {'directory' if is_directory else 'regular file'}" + " but a link" * (mode[0] == "l")
    if owner != uid:
        return f"belongs to uid {owner}, and you are uid {uid} there"
    return f"can be written by others ({mode})" if "w" in (mode[5], mode[8]) else ""
