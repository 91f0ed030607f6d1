"""Downloading a module anew, into an empty cache: what is handed out today, and what the checksum database says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from remotego.core.answer import Answer
from remotego.core.terminal import inert
from remotego.goproxy.rules import read_rules
from remotego.modgraph.observed import Fresh
from remotego.ops.modules.ground import Ground

_OF_DATABASE = ("GONOSUMDB", "GOPRIVATE", "GOPROXY", "GOSUMDB")
_CONTRADICTED = re.compile(r"downloaded: (?P<hash>h1:\S+)\s+(?P<database>[^\s:]+): *(?P<theirs>h1:\S+)")


def download_anew(ground: Ground, path: str, version: str) -> Fresh:
    """Download it as the user has go set; where the database cannot be asked, once more without it, and say so."""
    name = f"{path}@{version}"
    asked = _download(ground, name)
    if asked.ok:
        found = json.loads(asked.out)
        return Fresh(found.get("Sum", ""), found.get("GoModSum", ""), vouched=_is_vouched(ground, path) or None)
    said = inert(asked.out + asked.complaint)
    if (contradiction := _CONTRADICTED.search(said.replace("\\n", "\n").replace("\\t", "\t"))) is not None:
        return Fresh(contradiction["hash"], vouched=False, database=contradiction["theirs"])
    plain = _download(ground, name, GONOSUMDB=path)
    if plain.ok:
        found = json.loads(plain.out)
        return Fresh(found.get("Sum", ""), found.get("GoModSum", ""))
    return Fresh(error=_reason(plain))


def _download(ground: Ground, name: str, **settings: str) -> Answer:
    """In an empty folder with an empty cache: no go.sum is near."""
    with TemporaryDirectory(prefix="remotego-anew-") as room:
        places = {"GOMODCACHE": str(Path(room) / "mod"), "GOFLAGS": "-modcacherw", "GOWORK": "off"}
        return ground.go.having(**places, **settings).run(Path(room), "mod", "download", "-json", name)


def _is_vouched(ground: Ground, path: str) -> bool:
    """Whether a database was asked: by go's own rule, with the settings that the download had."""
    said = ground.go.run(Path(ground.go.go).parent, "env", "-json", *_OF_DATABASE, GOWORK="off")
    return said.ok and read_rules(json.loads(said.out)).is_looked_up(path)


def _reason(said: Answer) -> str:
    try:
        return inert(str(json.loads(said.out)["Error"]))
    except (ValueError, KeyError):
        return " ".join(inert(said.complaint).split())[:300]
