"""The fuzz target of JSON with comments: any bytes are refused by place, or edited by the laws."""

from math import isinf
from random import Random
from typing import Any
from zlib import crc32

from remotego.vscode.edits import Entry, Path
from remotego.vscode.jsonc import JsoncError, parse_jsonc
from tests.vscode.documents import KEYS, Author, Case, document
from tests.vscode.laws import broken_laws

PIECES = (*'{}[],:"\\/*-.019eE \t\r\n', "//", "/*", "*/", "\\u", "\\ud83d", "null", "true", "NaN", "\ufeff", "\0", "é")


class BrokenLawError(AssertionError):
    """What a fuzzer looks for."""


def consume(data: bytes) -> None:
    """Edit any text as if it were a user's file; bytes that are no text are none of the editor's business."""
    try:
        text = data.decode()
        trial(text, Random(crc32(data)))
    except UnicodeDecodeError:
        return


def trial(text: str, random: Random) -> bool:
    """Read a text, and change it somewhere if it can be read. Raises BrokenLawError; tells if it was taken."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    try:
        read = parse_jsonc(text, file="f")
    except JsoncError as error:
        if not (1 <= error.line <= len(lines) and 1 <= error.column <= len(lines[error.line - 1]) + 1):
            raise BrokenLawError(f"a place outside of the text: {error}") from error
        return False
    if not read.has_value:
        return True
    path = way(read.root.value, random)
    case = Case("any", text, read.root.value, path, Author(random).wanted(path))
    try:
        broken = broken_laws(case)
    except JsoncError:
        return True
    if broken:
        raise BrokenLawError(f"{broken} by {case}")
    return True


def way(value: Any, random: Random) -> Path:
    """Draw a way into a value, or beyond it; never to the name that an entry on the way goes by."""
    steps: list[str | Entry] = []
    while not steps or random.random() < 0.7:
        match value:
            case dict():
                step: str | Entry = random.choice([*value, random.choice(KEYS)])
                value = value.get(step)
            case list():
                names = [one["name"] for one in value if isinstance(one, dict) and isinstance(one.get("name"), str)]
                step = Entry("name", random.choice([*names, "new"]))
                value = next((one for one in value if isinstance(one, dict) and one.get("name") == step.value), None)
            case _:
                step, value = random.choice(KEYS), None
        if step == "name" and steps and isinstance(steps[-1], Entry):
            break
        steps.append(step)
    return tuple(steps)


def mutilated(text: str, random: Random) -> str:
    """Break a text in a few places, as likely as not so that it still can be read."""
    for _ in range(random.randrange(1, 4)):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice((0, 0, 1, 1, 2, 9)))
        text = text[:start] + random.choice(("", *PIECES, text[end : end + 9])) + text[end:]
    return text


def broken_document(seed: int) -> str:
    """Make a text that once was a document, from a number."""
    return mutilated(document(seed).text, Random(-seed - 1))


def is_same(text: str, taken: bool, value: Any, limits: tuple[str, ...]) -> bool:
    """Compare our reading of a text with that of another parser, save for limits of our own."""
    try:
        ours = parse_jsonc(text, file="f").root.value
    except JsoncError as error:
        return not taken or error.reason.startswith(limits)
    return taken and as_numbers(ours) == as_numbers(value)


def as_numbers(value: Any) -> Any:
    """Round whole numbers as a language does that has only floating point ones."""
    match value:
        case bool():
            return str(value)
        case int():
            return float(value)
        case float() if isinf(value):
            return None  # how the other parser's number is written as JSON
        case list():
            return [as_numbers(one) for one in value]
        case dict():
            return {key: as_numbers(one) for key, one in value.items()}
        case _:
            return value
