"""Findings as SARIF 2.1.0, the form that code hosts and editors take (docs.oasis-open.org/sarif/sarif/v2.1.0)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from remotego.modgraph.catalogue import KINDS, Kind, Level
from remotego.modgraph.finding import Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "WORKSPACE"
LEVELS: Mapping[Level, str] = {"failure": "error", "warning": "warning", "note": "note", "unknown": "note"}


def render_sarif(findings: Sequence[Finding], root: str, version: str) -> dict[str, Any]:
    """Give the log. ``root`` is the file URI of the workspace, ``version`` ours."""
    driver = {
        "name": "remotego mod.doctor",
        "semanticVersion": version,
        "informationUri": "https://go.dev/ref/mod",
        "rules": [_rule(kind) for kind in KINDS],
    }
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {ROOT: {"uri": root if root.endswith("/") else f"{root}/"}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one) for one in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(kind: Kind) -> dict[str, Any]:
    return {
        "id": kind.id,
        "shortDescription": {"text": f"{kind.title}."},
        "fullDescription": {"text": kind.meaning},
        "defaultConfiguration": {"level": LEVELS[kind.level]},
    }


def _result(one: Finding) -> dict[str, Any]:
    place = {"uri": quote(one.place.file, errors="surrogateescape"), "uriBaseId": ROOT}
    edit = f" Tried in a copy: {'; '.join(one.proposal.edit.written())}." if one.proposal else ""
    return {
        "ruleId": one.kind,
        "ruleIndex": [kind.id for kind in KINDS].index(one.kind),
        "level": "none" if one.level == "unknown" else LEVELS[one.level],
        "kind": "review" if one.level == "unknown" else "fail",
        "message": {"text": f"{one.evidence}. {one.remedy[:1].upper()}{one.remedy[1:]}.{edit}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": place,
                    "region": {"startLine": one.place.line, "startColumn": one.place.column},
                }
            }
        ],
        "partialFingerprints": {"remotego/v1": hashlib.sha256("\0".join(one.identity).encode()).hexdigest()[:32]},
        "properties": {"module": one.module, "chain": list(one.chain)},
    }
