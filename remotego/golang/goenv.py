"""go env: each setting of Go's with where it comes from.

An environment variable that is not empty counts before the go env file, that before GOROOT/go.env, that before what
is built in (``go help env``; cmd/go/internal/cfg, EnvOrAndChanged).
"""

from __future__ import annotations

from dataclasses import dataclass

from remotego.host.contexts import GO_NAMES, Context, GoAnswer

ENVIRONMENT, FILE, ROOT, DEFAULT = "environment", "go env file", "GOROOT/go.env", "default"

NO_SWITCH = "local"
"""What a go without GOTOOLCHAIN anywhere does: it stays (cmd/go/internal/toolchain, Select)."""

_NEVER_IN_FILES = ("GOROOT", "GOENV")
"""Not taken from a go env file (``go help env``)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that go goes by, and its ``origin``.

    ``place`` is the file and line of a value that is from a file. ``masks`` is the value of the go env file that an
    exported variable keeps from counting, None where it does not.
    """

    name: str
    value: str
    origin: str
    masks: str | None = None
    place: str | None = None


def settings(context: Context) -> tuple[Setting, ...]:
    """Give Go's settings in a context, in the order of GO_NAMES; none where no go was found there.

    GOTOOLCHAIN is the true one, though go was asked under GOTOOLCHAIN=local. Where go itself could not say, what the
    environment and the files say is all there is.
    """
    answer = context.answer
    if answer is None:
        return ()
    return tuple(found for name in GO_NAMES if (found := _setting(name, context, answer)))


def _setting(name: str, context: Context, answer: GoAnswer) -> Setting | None:
    in_files = name not in _NEVER_IN_FILES
    line, kept = answer.user.get(name, (0, "")) if in_files else (0, "")
    if given := context.variables.get(name):
        return Setting(name, given, ENVIRONMENT, masks=kept if kept and kept != given else None)
    if kept:
        return Setting(name, _said(name, answer, kept), FILE, place=f"{answer.file}:{line}")
    line, kept = answer.root.get(name, (0, "")) if in_files else (0, "")
    if kept:
        return Setting(name, _said(name, answer, kept), ROOT, place=f"{answer.values.get('GOROOT', '')}/go.env:{line}")
    if name == "GOENV":
        return Setting(name, answer.file, DEFAULT)
    if name not in answer.values:
        return None
    return Setting(name, NO_SWITCH if name == "GOTOOLCHAIN" else answer.values[name], DEFAULT)


def _said(name: str, answer: GoAnswer, kept: str) -> str:
    """Take go's own word for a value, but for the one that it was made to say."""
    return kept if name == "GOTOOLCHAIN" else answer.values.get(name, kept)
