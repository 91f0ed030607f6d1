"""Asking a repository of Artifactory or Nexus what it does for go."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from remotego.adapters.doors import AbsentError, NoAnswerError
from remotego.adapters.web import Web
from remotego.goproxy.repositories import ABSENT, KNOWN, SUMDB, Finding

KNOWN_PATH = "rsc.io/quote/@v/v1.5.2.mod"
KNOWN_SUM = "h1:LzX7hefJvL54yjefDEDHNONDjII0t9xZLPXsUe+TKr0="
"""As in the checksum database: the hash of a go.mod is that of a tree with this one file (dirhash, Hash1)."""

ABSENT_PATH = "rsc.io/remotego-asks-whether-this-is-absent/@v/list"
CAP_BYTES = 1 << 20


def check_repository(url: str, sumdb: str) -> tuple[Finding, ...]:
    """Ask for a known module, an absent one, and the checksum database. Nothing is raised: an error is a finding."""
    web = Web(url, tries=1)
    return (
        _ask(web, KNOWN, KNOWN_PATH, lambda body: _sum_of(body) == KNOWN_SUM),
        _ask(web, ABSENT, ABSENT_PATH, None),
        _ask(web, SUMDB, f"sumdb/{sumdb}/supported", lambda body: not body.lstrip().startswith(b"<")),
    )


def _sum_of(body: bytes) -> str:
    row = f"{hashlib.sha256(body).hexdigest()}  go.mod\n"
    return "h1:" + base64.b64encode(hashlib.sha256(row.encode()).digest()).decode()


def _ask(web: Web, question: str, path: str, judge: Callable[[bytes], bool] | None) -> Finding:
    """Ask for one path; ``judge`` looks at what comes, None expects nothing."""
    try:
        body = web.read(path, CAP_BYTES)
    except AbsentError:
        return Finding(question, judge is None, "404 or 410", absent=True)
    except NoAnswerError as error:
        return Finding(question, False, str(error))
    if judge is None:
        return Finding(question, False, "200, though there is no such module: go would take it for the module")
    fine = judge(body)
    return Finding(question, fine, "200" if fine else "200 with other bytes: a page, or another module")
