"""settings.json: our settings merged into the user's, leaf by leaf.

Names of settings are whole keys (``go.alternateTools``), as VS Code writes them. An object is merged
member by member, so what a user added beside ours stays; any other value is replaced whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from remotego.vscode.edits import remove, set_value
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.validity import check
from remotego.vscode.workspacefile import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FILE = ".vscode/settings.json"
TOOLS = "go.alternateTools"


def plan_settings(
    text: str | None,
    wanted: Mapping[str, Any],
    schema: Mapping[str, Any],
    *,
    file: str = FILE,
    unwanted: Iterable[Sequence[str]] = (),
) -> str:
    """Give the text of settings.json, or of a workspace file, with ``wanted`` in it; None means there is no file.

    ``unwanted`` are paths of members to take out; an object that is empty without them goes too.
    The same text comes back when nothing has to change. ``schema`` is that of settings.json.
    Raises JsoncError for a text that cannot be edited safely, SchemaError if the result is not a
    settings.json that VS Code would take.
    """
    result, at = text or "", place_of("settings", file=file)
    for path in unwanted:
        result = _without(result, (*at, *path), file)
    for path, value in leaves(wanted):
        result = set_value(result, (*at, *path), value, file=file)
    if wanted:
        check(parse_jsonc(result, file=file), schema, at=at)
    return result


def plan_withdrawal(text: str, tools: Iterable[tuple[str, str, str | None]], *, file: str) -> str:
    """Take tools back out of go.alternateTools: name, our path, and the one before or None.

    One that is another by now is the user's, and stays. Raises JsoncError.
    """
    for name, ours, before in tools:
        path = (TOOLS, name)
        if held(text, path, file=file) == ours:
            text = set_value(text, path, before, file=file) if before is not None else _without(text, path, file)
    return text


def replaced(text: str | None, wanted: Mapping[str, Any], *, file: str) -> list[tuple[tuple[str, ...], Any]]:
    """Give the path and the value of what ``wanted`` puts another value in place of; "" and null count as none.

    Raises JsoncError.
    """
    at, root = place_of("settings", file=file), parse_jsonc(text or "", file=file).root.value
    found = [(path, _at(root, (*at, *path)), value) for path, value in leaves(wanted)]
    return [(path, before) for path, before, value in found if before not in (None, "", value)]


def leaves(wanted: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give the path of every value that is no object, and of every empty object."""
    for key, value in wanted.items():
        path = (*above, key)
        if isinstance(value, Mapping) and value:
            yield from leaves(value, path)
        else:
            yield path, value


def _without(text: str, path: Sequence[str], file: str) -> str:
    """Take out a member and, from the inside out, the objects it leaves empty."""
    before = text
    for end in range(len(path), 0, -1):
        if end < len(path) and held(text, path[:end], file=file) != {}:
            break
        text = remove(text, path[:end], file=file)
        if text == before:
            break
    return text


def held(text: str, path: Sequence[str], *, file: str) -> Any:
    """Give the value at a path, None if there is none. Raises JsoncError."""
    return _at(parse_jsonc(text, file=file).root.value, path)


def _at(value: Any, path: Sequence[str]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
