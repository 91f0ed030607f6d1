"""Every schema takes its good examples and refuses its bad ones."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from remotego.adapters.files import schema

HERE = Path(__file__).parent
NAMES = sorted(path.name.removesuffix(".schema.json") for path in (HERE.parent.parent / "schemas").iterdir())


def examples(kind: str) -> list[str]:
    """Name the examples of a kind as ``schema/example``."""
    return sorted(str(path.relative_to(HERE / kind)) for path in (HERE / kind).glob("*/*.json"))


def is_valid(kind: str, example: str) -> bool:
    """Validate one example against the schema its folder names."""
    data = json.loads((HERE / kind / example).read_text())
    return Draft202012Validator(schema(example.partition("/")[0])).is_valid(data)


@pytest.mark.parametrize("example", examples("good"))
def test_good_example_is_valid(example: str) -> None:
    """What a command may print, or a user may write, passes."""
    assert True is is_valid("good", example)


@pytest.mark.parametrize("example", examples("bad"))
def test_bad_example_is_refused(example: str) -> None:
    """Each bad example has one fault, and the schema sees it."""
    assert False is is_valid("bad", example)


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_a_schema(name: str) -> None:
    """Each file is itself valid JSON Schema 2020-12."""
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("kind", ["good", "bad"])
def test_every_schema_has_examples(kind: str) -> None:
    """No schema goes without examples of both kinds."""
    assert NAMES == sorted({example.partition("/")[0] for example in examples(kind)})


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_what_it_is(name: str) -> None:
    """Editors show the title, and tell schemas apart by their identifier."""
    ours = schema(name)
    assert (f"https://remotego.invalid/schemas/{name}.schema.json", True) == (ours["$id"], len(ours["title"]) > 5)
