"""Recipes that do nothing, by examples."""

import json
from typing import Any

import pytest

from remotego.vscode.inert import FILES, WORKSPACE, Finding, inspect
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.launch import configuration
from remotego.vscode.recipes import RULES

ATTACH = {"name": "a", "type": "go", "request": "attach", "mode": "remote"}


def look(**texts: str) -> tuple[Finding, ...]:
    """Inspect documents given by their kinds."""
    return inspect({kind: [parse_jsonc(text, file=kind)] for kind, text in texts.items()})


def rules(**values: Any) -> list[str]:
    """Names of the rules that documents break."""
    return [finding.rule for finding in look(**{kind: json.dumps(value) for kind, value in values.items()})]


def attach(**attributes: Any) -> dict[str, Any]:
    """A launch.json with one remote attach."""
    return {"version": "0.2.0", "configurations": [{**ATTACH, **attributes}]}


def before(**task: Any) -> dict[str, Any]:
    """A launch.json and a tasks.json whose task runs before the session."""
    return {"launch": attach(preLaunchTask="t"), "tasks": {"version": "2.0.0", "tasks": [{"label": "t", **task}]}}


@pytest.mark.parametrize(
    ("rule", "documents"),
    [
        ("remote-env-setting", {"settings": {"remoteEnv": {"PATH": "/opt/go/bin"}}}),
        ("remote-env-setting", {"settings": {"terminal.integrated.remoteEnv": {}}}),
        ("remote-env-setting", {"settings": {"terminal.integrated.env.linux": {"remoteEnv": "x"}}}),
        ("container-env-of-vscode", {"devcontainer": {"remoteEnv": {"PATH": "/opt/go/bin:${env:PATH}"}}}),
        ("mode-attach", {"launch": attach(mode="attach")}),
        ("process-id-in-remote-attach", {"launch": attach(processId=7)}),
        ("process-name-in-remote-attach", {"launch": attach(processId="svc")}),
        ("process-name-in-remote-attach", {"launch": attach(processId="${command:pickProcess}")}),
        ("wait-for", {"launch": attach(waitFor="svc")}),
        ("wait-for", {"launch": attach(mode="local", waitFor="svc")}),
        ("api-version", {"launch": attach(apiVersion=2)}),
        ("api-version", {"settings": {"go.delveConfig": {"apiVersion": 2}}}),
        ("remote-path", {"launch": attach(remotePath="/src")}),
        ("remote-path", {"launch": attach(cwd="/src")}),
        ("words-for-a-local-dlv", {"launch": attach(dlvFlags=["--log"])}),
        ("words-for-a-local-dlv", {"launch": attach(showLog=True)}),
        ("default-of-a-variable", {"launch": attach(host="${env:HOST:-127.0.0.1}")}),
        ("default-of-a-variable", {"settings": {"go.gopath": "${env:GOPATH:-/go}"}}),
        ("default-of-a-variable", {"tasks": {"tasks": [{"label": "t", "args": ["${env:X:y}"]}]}}),
        ("go-goroot", {"settings": {"go.goroot": "/opt/go"}}),
        ("tools-without-names", {"settings": {"go.alternateTools": ["/opt/go/bin/go"]}}),
        ("tools-without-names", {"settings": {"go.alternateTools": "/opt/go/bin/go"}}),
        ("go-diagnostics-enabled", {"settings": {"go.diagnostics.enabled": ["dependencies"]}}),
        ("path-for-the-extension", {"settings": {"go.toolsEnvVars": {"GOROOT": "/opt/go"}}}),
        ("terminal-path", {"settings": {"terminal.integrated.env.linux": {"PATH": "/opt/go/bin:${env:PATH}"}}}),
        ("terminal-variable", {"settings": {"terminal.integrated.env.osx": {"GOFLAGS": "-mod=vendor"}}}),
        ("no-sum-check", {"settings": {"go.toolsEnvVars": {"GONOSUMCHECK": "1"}}}),
        ("task-for-environment", before(command="goenv use 1.21.0")),
        ("task-for-environment", before(type="shell", command="export GOROOT=/opt/go; go version")),
        ("task-for-environment", before(command="bash", args=["-c", {"value": "export GOROOT=/opt/go"}])),
        ("mode-attach", {"workspace": {"folders": [], "launch": attach(mode="attach")}}),
        ("go-goroot", {"workspace": {"settings": {"go.goroot": "/opt/go"}}}),
    ],
)
def test_an_inert_recipe_is_found(rule: str, documents: dict[str, Any]) -> None:
    """By its own rule, and no other."""
    assert [rule] == rules(**documents)


@pytest.mark.parametrize(
    "documents",
    [
        {"launch": attach(substitutePath=[], port=23450, host="127.0.0.1")},
        {"launch": attach(mode="local", processId=7, apiVersion=None) | {"configurations": []}},
        {"launch": {"configurations": [{"type": "node", "request": "attach", "processId": 7, "mode": "attach"}]}},
        {"launch": {"configurations": [{"type": "go", "request": "launch", "cwd": "/x", "showLog": True, "env": {}}]}},
        {"launch": attach(host="${env:HOST}")},
        {"launch": {"configurations": "none"}},
        {"settings": {"go.alternateTools": {"go": "/opt/go/bin/go"}, "go.toolsEnvVars": {"GOFLAGS": "-v"}}},
        {"settings": {"terminal.integrated.env.linux": {"PATH": "/opt/node/bin:${env:PATH}"}}},
        {
            "settings": {
                "go.alternateTools": {"go": "/opt/go/bin/go"},
                "terminal.integrated.env.linux": {"PATH": "/opt/go/bin:${env:PATH}"},
            }
        },
        {
            "settings": {
                "go.toolsEnvVars": {"GOFLAGS": "-v"},
                "terminal.integrated.env.linux": {"GOFLAGS": "-v"},
            }
        },
        {"devcontainer": {"remoteEnv": {"PATH": "/opt/go/bin:${containerEnv:PATH}", "U": "${localEnv:USER:nobody}"}}},
        {"tasks": {"tasks": [{"label": "t", "command": "export X=1; go build"}]}},
        before(command="go", args=["build", "-o", "export"]),
        {"settings": []},
        {"settings": {"go.alternateTools": {}}},
        {"settings": {"go.alternateTools": None}},
        {"workspace": {"folders": [{"path": "."}]}},
    ],
)
def test_what_works_is_not_found(documents: dict[str, Any]) -> None:
    """No rule cries wolf."""
    assert [] == rules(**documents)


def test_our_own_entry_is_not_found() -> None:
    """What gen-launch writes is none of these recipes."""
    entry = configuration("Attach svc@app1", 23450, (), workspace="/w")
    assert [] == rules(launch={"version": "0.2.0", "configurations": [entry]})


def test_a_finding_has_line_and_column() -> None:
    """As an editor counts them; comments are no recipes."""
    (found,) = look(settings='{\n  // "go.goroot": "/x",\n  "a": 1, "go.goroot": "/opt/go"\n}')
    assert ("settings", 3, 11, "go.goroot") == (found.file, found.line, found.column, found.found)


def test_findings_stand_in_the_order_of_lines() -> None:
    """Whatever the order of the rules."""
    text = '{\n"go.goroot": "/x",\n"remoteEnv": {}\n}'
    assert ["go-goroot", "remote-env-setting"] == [finding.rule for finding in look(settings=text)]


def test_every_rule_has_a_name_of_its_own() -> None:
    """Machines tell them by it."""
    assert len(RULES) == len({rule.name for rule in RULES})


def test_every_kind_has_a_place() -> None:
    """Rules are for documents that are read."""
    assert set(FILES) == {kind for rule in RULES for kind in rule.kinds}
    assert WORKSPACE not in FILES
