"""devcontainer.json: PATH for all that an editor starts in a container.

``remoteEnv`` is a property of devcontainer.json alone (containers.dev, "remoteEnv"; no setting of VS Code is
called so), its values know ``${containerEnv:PATH}``, and no shell has a part in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remotego.core.errors import UsageError
from remotego.vscode.edits import look_up, set_value
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.validity import check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILES = (".devcontainer/devcontainer.json", ".devcontainer.json")
"""Where dev container tools look, in this order."""

INHERITED = "${containerEnv:PATH}"


@dataclass(eq=False)
class NoDevcontainerError(UsageError):
    """A devcontainer.json was named and is not there."""

    file: str
    what = "there is no {file}"
    remedy = "name one that is there with --devcontainer, or take what --print shows"


def remote_env(directories: Sequence[str], variables: Mapping[str, str], path: str | None = None) -> dict[str, str]:
    """Give the members of ``remoteEnv``: PATH with ``directories`` in front of what it is, and ``variables``.

    ``path`` is what remoteEnv.PATH is so far; what it has already stays where it is.
    """
    had = (path or INHERITED).split(":")
    front = [one for one in directories if path is None or one not in had]
    return {"PATH": ":".join([*front, path or INHERITED])} | {name: text for name, text in variables.items() if text}


def plan_devcontainer(
    text: str,
    directories: Sequence[str],
    variables: Mapping[str, str],
    schema: Mapping[str, Any],
    *,
    file: str = FILES[0],
) -> str:
    """Give the text of devcontainer.json with directories in remoteEnv.PATH; the same text when they are there.

    Raises JsoncError for a text that cannot be edited safely, SchemaError if the result is none.
    """
    path = look_up(parse_jsonc(text, file=file), ("remoteEnv", "PATH"))
    for name, value in remote_env(directories, variables, path if isinstance(path, str) else None).items():
        text = set_value(text, ("remoteEnv", name), value, file=file)
    check(parse_jsonc(text, file=file), schema)
    return text
