"""Schemas held to tables of facts: where one of ours allows what an editor would not take."""

from collections.abc import Iterator, Mapping
from typing import Any

from remotego.adapters.files import schema

WHOLE = {"integer": "number"}


def schema_of(facts: Mapping[str, Any], *, closed: bool = True) -> dict[str, Any]:
    """Turn the facts of an object's members into a JSON Schema, which allows no other member if ``closed``."""
    members = {name: _rule(fact) for name, fact in facts.items()}
    return {"type": "object", "properties": members} | ({"additionalProperties": False} if closed else {})


def _rule(fact: Mapping[str, Any]) -> Any:
    if fact.get("deprecated"):
        return False
    rule: dict[str, Any] = {}
    if "type" in fact:
        rule["type"] = fact["type"]
    if "enum" in fact:
        rule["anyOf"] = [{"enum": fact["enum"]}, {"type": ["array", "object"]}]
    if "members" in fact:
        rule |= {"properties": {name: _rule(one) for name, one in fact["members"].items()}}
    if fact.get("closed"):
        rule["additionalProperties"] = False
    if "items" in fact:
        rule["items"] = _rule(fact["items"])
    if "values" in fact:
        rule["additionalProperties"] = _rule(fact["values"])
    return rule


def definition(name: str, *path: str) -> dict[str, Any]:
    """Give a part of one of our schemas, with what it refers to put in its place."""
    whole = schema(name)
    part: Any = whole
    for step in path:
        part = part[step]
    resolved: dict[str, Any] = _resolved(part, whole)
    return resolved


def _resolved(part: Any, whole: Mapping[str, Any]) -> Any:
    match part:
        case {"$ref": str() as reference, **rest}:
            target: Any = whole
            for step in reference.removeprefix("#/").split("/"):
                target = target[step]
            return {**_resolved(target, whole), **_resolved(rest, whole)}
        case dict():
            return {key: _resolved(value, whole) for key, value in part.items()}
        case list():
            return [_resolved(one, whole) for one in part]
        case _:
            return part


def excesses(ours: Mapping[str, Any], fact: Mapping[str, Any], place: str) -> Iterator[str]:
    """Name each place where a schema of ours allows more than the fact does."""
    if fact.get("deprecated"):
        yield f"{place}: deprecated"
    kinds = [ours, *ours.get("anyOf", ()), *ours.get("allOf", ())]
    yield from (f"{place}: type {kind}" for one in kinds for kind in types(one) if not is_known(kind, fact))
    words = [word for one in kinds for word in values(one)]
    if "enum" in fact and "array" not in fact.get("type", ()):
        yield from (f"{place}: {word!r}" for word in words if word not in fact["enum"])
        yield from [f"{place}: any value"] * (not words)
    for name, member in ours.get("properties", {}).items():
        if known := {**fact.get("members", {})}.get(name):
            yield from excesses(member, known, f"{place}.{name}")
        elif fact.get("closed"):
            yield f"{place}.{name}: unknown"
    if "items" in ours and "items" in fact:
        yield from excesses(ours["items"], fact["items"], f"{place}[]")
    if isinstance(ours.get("additionalProperties"), dict) and "values" in fact:
        yield from excesses(ours["additionalProperties"], fact["values"], f"{place}.*")


def types(ours: Mapping[str, Any]) -> list[str]:
    """List the types that a schema names, or that its values have."""
    named = ours.get("type", [_type(one) for one in values(ours)])
    return named if isinstance(named, list) else [named]


def is_known(kind: str, fact: Mapping[str, Any]) -> bool:
    """Tell whether a type is one of the fact's; a fact without types allows those of its enum."""
    known = fact.get("type", [_type(one) for one in fact.get("enum", ())])
    return kind in known or WHOLE.get(kind) in known


def values(ours: Mapping[str, Any]) -> list[Any]:
    """List the values that a schema names."""
    return [ours["const"]] if "const" in ours else list(ours.get("enum", ()))


def _type(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")
