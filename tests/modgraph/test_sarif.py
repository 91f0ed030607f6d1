"""SARIF 2.1.0: what the specification requires of a log, a run, a rule and a result."""

from jsonschema import Draft202012Validator

from remotego.modgraph.catalogue import KINDS
from remotego.modgraph.finding import Finding
from remotego.modgraph.modfiles import Place
from remotego.modgraph.sarif import render_sarif

MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
URI = {"type": "string", "format": "uri-reference", "pattern": "^[^ \\\\]+$"}
REGION = {"startLine": {"type": "integer", "minimum": 1}, "startColumn": {"type": "integer", "minimum": 1}}
RESULT = {
    "type": "object",
    "required": ["message", "ruleId", "ruleIndex", "locations"],
    "properties": {
        "ruleId": {"enum": [kind.id for kind in KINDS]},
        "ruleIndex": {"type": "integer", "minimum": 0, "maximum": len(KINDS) - 1},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "kind": {"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
        "message": MESSAGE,
        "locations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["physicalLocation"],
                "properties": {
                    "physicalLocation": {
                        "type": "object",
                        "required": ["artifactLocation", "region"],
                        "properties": {
                            "artifactLocation": {"type": "object", "properties": {"uri": URI}, "required": ["uri"]},
                            "region": {"type": "object", "properties": REGION, "required": ["startLine"]},
                        },
                    }
                },
            },
        },
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "if": {"properties": {"kind": {"const": "fail"}}},
    "else": {"properties": {"level": {"const": "none"}}},
}
RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "shortDescription": MESSAGE,
        "fullDescription": MESSAGE,
        "defaultConfiguration": {"properties": {"level": {"enum": ["none", "note", "warning", "error"]}}},
    },
}
RUN = {
    "type": "object",
    "required": ["tool", "results"],
    "properties": {
        "tool": {
            "type": "object",
            "required": ["driver"],
            "properties": {
                "driver": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"rules": {"type": "array", "uniqueItems": True, "items": RULE}},
                }
            },
        },
        "originalUriBaseIds": {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"uri": {"pattern": "^file:///.*/$"}}},
        },
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
}
ESSENTIALS = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {"version": {"const": "2.1.0"}, "$schema": URI, "runs": {"type": "array", "items": RUN}},
}
"""From docs.oasis-open.org/sarif/sarif/v2.1.0, sections 3.13, 3.14, 3.27 and 3.49."""

FOUND = [
    Finding(kind.id, "example.com/a", "it is so", "do that", Place("sub dir/go.mod", 5, 9), ("a", "b"))
    for kind in KINDS
]


def test_a_log_is_what_the_specification_wants() -> None:
    """Every kind of finding is a rule and a result."""
    log = render_sarif(FOUND, "file:///home/ann/svc", "0.1.0")
    faults = [f"{one.json_path}: {one.message}" for one in Draft202012Validator(ESSENTIALS).iter_errors(log)]
    assert ([], len(KINDS)) == (faults, len(log["runs"][0]["results"]))


def test_a_result_belongs_to_its_rule_by_name_and_by_number() -> None:
    """Readers may go by either."""
    run = render_sarif(FOUND, "file:///w/", "0.1.0")["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [one["ruleId"] for one in run["results"]] == [rules[one["ruleIndex"]]["id"] for one in run["results"]]
