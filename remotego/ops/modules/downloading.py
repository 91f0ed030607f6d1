"""Downloading a module anew, into an empty cache: what is handed out today, and what the checksum database says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from remotego.core.answer import Answer
from remotego.core.terminal import inert
from remotego.modgraph.observed import Fresh
from remotego.ops.modules.ground import Ground

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
        return ground.go.run(Path(room), "mod", "download", "-json", name, **{**places, **settings})


def _is_vouched(ground: Ground, path: str) -> bool:
    """Whether a database was asked: it is unless it is off, or the module is one that it is not asked for."""
    import fnmatch

    said = ground.go.run(Path(ground.go.go).parent, "env", "-json", "GOSUMDB", "GONOSUMDB", GOWORK="off")
    settings = json.loads(said.out) if said.ok else {}
    if settings.get("GOSUMDB", "off") == "off":
        return False
    patterns = [one.strip() for one in settings.get("GONOSUMDB", "").split(",") if one.strip()]
    prefixes = {pattern: "/".join(path.split("/")[: pattern.count("/") + 1]) for pattern in patterns}
    return not any(fnmatch.fnmatchcase(prefix, pattern) for pattern, prefix in prefixes.items())


def _reason(said: Answer) -> str:
    try:
        return inert(str(json.loads(said.out)["Error"]))
    except (ValueError, KeyError):
        return " ".join(inert(said.complaint).split())[:300]
