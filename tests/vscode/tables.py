"""Tables of what editors take: names, types, enums and deprecations, extracted from their own schemas.

Facts only, no words of theirs. ``python -m tests.vscode.tables go PATH --commit C`` reads the Go
extension's package.json, ``devcontainer`` the containers.dev schema; their differences are reviewed. VS Code writes
its schemas in TypeScript, so tests/facts/vscode.tables/vscode.json is kept by hand, in the same form.
"""

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent.parent / "facts" / "vscode.tables"
DEPTH = 3
SETTINGS = ("go.alternateTools", "go.delveConfig", "go.goroot", "go.gopath", "go.toolsEnvVars", "go.toolsGopath")
GOPLS = ("build.buildFlags", "build.directoryFilters", "build.env", "ui.diagnostic.analyses")
OF_A_CONTAINER = ("containerEnv", "remoteEnv", "remoteUser", "userEnvProbe", "capAdd", "customizations", "$schema")


def table(name: str) -> dict[str, Any]:
    """Read one of the tables: go, vscode or devcontainer."""
    data: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return data


def fact(schema: Mapping[str, Any], depth: int = DEPTH) -> dict[str, Any]:
    """Reduce the schema of one value to its types, its enum, whether it is deprecated, and the facts of its parts."""
    kinds = [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    found: dict[str, Any] = {"type": _types(kinds)}
    if "enum" in schema:
        found["enum"] = schema["enum"]
    if any("eprecationMessage" in key for key in schema) or schema.get("deprecated"):
        found["deprecated"] = True
    if depth and (members := schema.get("properties")):
        found["members"] = facts(members, depth - 1)
    if depth and isinstance(items := schema.get("items"), dict):
        found["items"] = fact(items, depth - 1)
    if isinstance(values := schema.get("additionalProperties"), dict):
        found["values"] = fact(values, depth - 1)
    if schema.get("additionalProperties") is False:
        found["closed"] = True
    return {key: value for key, value in found.items() if value != []}


def _types(kinds: Iterable[Mapping[str, Any]]) -> list[str]:
    named = [kind["type"] for kind in kinds if "type" in kind]
    return sorted({one for entry in named for one in (entry if isinstance(entry, list) else [entry])})


def facts(schemas: Mapping[str, Mapping[str, Any]], depth: int = DEPTH) -> dict[str, Any]:
    """Reduce the schemas of several named values."""
    return {name: fact(schema, depth) for name, schema in sorted(schemas.items())}


def go_table(package: Mapping[str, Any]) -> dict[str, Any]:
    """Extract what we touch from the package.json of the Go extension."""
    (debugger,) = package["contributes"]["debuggers"]
    settings = package["contributes"]["configuration"]["properties"]
    attributes = {request: facts(one["properties"]) for request, one in debugger["configurationAttributes"].items()}
    gopls = {name: settings["gopls"]["properties"][name] for name in GOPLS}
    return {
        "version": package["version"],
        **attributes,
        "settings": facts({name: settings[name] for name in SETTINGS}, 2),
        "gopls": facts(gopls, 0),
    }


def devcontainer_table(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Extract what we touch from the schema of devcontainer.json."""
    common = schema["definitions"]["devContainerCommon"]["properties"]
    return {"properties": facts({name: common[name] for name in OF_A_CONTAINER}, 1)}


EXTRACTS = {
    "go": ("golang/vscode-go: extension/package.json", go_table),
    "devcontainer": ("devcontainers/spec: schemas/devContainer.base.schema.json", devcontainer_table),
}


def main() -> None:
    """Write a table anew."""
    options = argparse.ArgumentParser(prog="python -m tests.vscode.tables", description=__doc__)
    options.add_argument("name", choices=EXTRACTS)
    options.add_argument("path", type=Path, help="the file to extract from")
    options.add_argument("--commit", required=True, help="the commit it is of")
    given = options.parse_args()
    source, extract = EXTRACTS[given.name]
    made = {"source": source, "commit": given.commit, **extract(json.loads(given.path.read_text(encoding="utf-8")))}
    (HERE / f"{given.name}.json").write_text(written(made), encoding="utf-8")


def written(made: Mapping[str, Any]) -> str:
    """Write a table with a line for each name, so that a difference shows what changed."""
    parts = []
    for key, value in made.items():
        if isinstance(value, dict):
            lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(one)}" for name, one in value.items())
            parts.append(f"  {json.dumps(key)}: {{\n{lines}\n  }}")
        else:
            parts.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
