"""Targets of a check: a module by its path, or a repository by its URL, and where either may be asked for."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.credentials.place import Place, UnfitUrlError, parse_place


@dataclass(eq=False)
class UnfitTargetError(UsageError):
    """Neither a module nor a URL."""

    target: str
    what = "{target!r} is neither the path of a module nor an https URL"
    remedy = "give git.example.com/team/svc, git.example.com/team/svc@v1.2.3 or https://git.example.com/team/svc.git"


def places_of(target: str) -> tuple[Place, ...]:
    """Give where a module or a repository is asked for, the longest first.

    A module may be a directory of its repository, and its path may end in a major version (`go help goproxy`, "Module
    paths"; go.dev/ref/mod#vcs-find): so git may be asked for any path above. Raises UnfitTargetError, UnfitUrlError.
    """
    if "://" in target:
        return (parse_place(re.sub("^http://", "https://", target)),)
    path = target.partition("@")[0]
    if "." not in path.partition("/")[0] or path != shlex.quote(path):
        raise UnfitTargetError(target)
    whole = parse_place(f"https://{path}")
    lengths = range(len(whole.segments), 0, -1)
    return tuple(Place(whole.host, whole.port, whole.segments[:length]) for length in lengths) or (whole,)


def proxies_of(goproxy: str, gosumdb: str = "") -> tuple[Place, ...]:
    """Give the places that go asks by GOPROXY and GOSUMDB over https; what is none is left out."""
    found = []
    for word in (*re.split(r"[,|]", goproxy), *gosumdb.split()[1:]):
        try:
            found.append(parse_place(word.strip()))
        except UnfitUrlError:
            continue
    return tuple(found)


_SHOWN = re.compile(r"https?://[^\s,|]*[@?]|(?:^|[,|])\s*[^\s,|{}$;&#]*[@?]")


def shows_a_secret(goproxy: str) -> bool:
    """Tell whether a URL in GOPROXY, with or without its scheme, has a user, a password or a query.

    go starts what GOAUTH names with the URL as an argument, and everybody on the host can read arguments.
    """
    return _SHOWN.search(goproxy) is not None
