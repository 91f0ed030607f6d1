"""Agreement: whether all contexts of a login find one go, what keeps them from it, and what hides go's own file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remotego.golang.goenv import settings
from remotego.host.contexts import GO_NAMES, UNITS, Context, Contexts, Holder

_ADVICE: Mapping[str, str] = {
    "GOROOT": "take that line out: go finds its own tree by where it lies, and any other go fails with this one's",
}
_FILE_ADVICE = "take that line out, and have it in go's own file instead: set-env --set {name}=..."
_BETTER_IN_FILE = (
    *("GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE", "GOFLAGS", "GOTOOLCHAIN"),
)
_ALSO_IN_FILE = ("GOPATH", "GOMODCACHE", "GOBIN", "GOAUTH")


@dataclass(frozen=True, slots=True)
class Dissent:
    """A ``context`` that finds another ``go`` (None: none), with what causes it, as far as that is known.

    ``line`` is the place where that can be mended, if it is one.
    """

    context: str
    go: str | None
    cause: str | None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """A variable that start-up files export and had better not: in which contexts, by which place; what to do.

    ``hides``: it keeps a value of go's own file from counting.
    """

    name: str
    contexts: tuple[str, ...]
    cause: str | None
    hides: bool
    advice: str


@dataclass(frozen=True, slots=True)
class OtherFile:
    """A ``context`` where go reads another ``file`` of its own, with the place that sets GOENV, as far as known."""

    context: str
    file: str
    cause: str | None


def dissents(seen: Contexts, go: str) -> tuple[Dissent, ...]:
    """Name the shell contexts that find another go than this one; systemd's units are no shell's."""
    return tuple(_dissent(one) for one in seen.contexts if one.name != UNITS and one.go != go)


def _dissent(one: Context) -> Dissent:
    folder = (one.go or "").rpartition("/")[0]
    line = str(one.entries[folder]) if folder in one.entries else None
    return Dissent(one.name, one.go, one.error or line, line)


def exports(seen: Contexts, wanted: Mapping[str, str]) -> tuple[Export, ...]:
    """Name the variables that are exported wrongly: GOROOT, and those for the network, which belong in go's own file;
    directories only where they hide what is there or shall be ``wanted`` there.
    """
    found: dict[tuple[str, str | None, bool], list[str]] = {}
    for one in seen.contexts:
        for name, hides in _exported(one, wanted):
            cause = one.causes.get(name)
            found.setdefault((name, str(cause) if cause else None, hides), []).append(one.name)
    return tuple(
        Export(name, tuple(contexts), cause, hides, _ADVICE.get(name, _FILE_ADVICE.format(name=name)))
        for (name, cause, hides), contexts in found.items()
    )


def _exported(one: Context, wanted: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    if "GOROOT" in one.variables:
        yield "GOROOT", False
    hidden = {setting.name for setting in settings(one) if setting.masks is not None}
    for name in (*_BETTER_IN_FILE, *_ALSO_IN_FILE):
        value = one.variables.get(name)
        hides = value is not None and (name in hidden or wanted.get(name, value) != value)
        if hides or (value is not None and name in _BETTER_IN_FILE):
            yield name, hides


def other_files(seen: Contexts, file: str) -> tuple[OtherFile, ...]:
    """Name the contexts whose go reads another file of its own than this one."""
    own = [(one, one.answer.file) for one in seen.contexts if one.answer and one.answer.file != file]
    return tuple(
        OtherFile(one.name, path, str(cause) if (cause := one.causes.get("GOENV")) else None) for one, path in own
    )


def lost(seen: Contexts, file: str, wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Name what is not in go's own file although it was written there: somebody has written it over since.

    Only the variables that are looked at can be told.
    """
    kept = next((one.answer.user for one in seen.contexts if one.answer and one.answer.file == file), None)
    if kept is None:
        return ()
    return tuple(name for name, value in wanted.items() if name in GO_NAMES and kept.get(name, (0, ""))[1] != value)


def is_old(holder: Holder, go: str, wanted: Mapping[str, str]) -> bool:
    """Tell whether a running server still finds another go, or hides a value that shall come from go's own file."""
    given = holder.variables
    return holder.go != go or any(given.get(name, value) != value for name, value in wanted.items())
