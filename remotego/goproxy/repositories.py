"""Artifactory and Nexus as module proxies: the requests that set them up, and what clients are told.

Sources: JFrog's REST API, "Create Repository" and "Go Repositories" (a remote repository is used through a virtual
one); Sonatype's REST API of Nexus 3, "Repositories API" (go proxy, go group). Neither product was at hand: the requests
are as documented and untried, which is why what comes of them is checked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remotego.goproxy.server import BadProxyWishError

KINDS = ("artifactory", "nexus")


@dataclass(frozen=True, slots=True)
class Request:
    """What an administrator sends, with credentials of theirs, to a URL."""

    method: str
    url: str
    body: Mapping[str, Any]

    def __str__(self) -> str:
        """Write it in one line."""
        return f"{self.method} {self.url} {json.dumps(self.body, sort_keys=True)}"


@dataclass(frozen=True, slots=True)
class Repository:
    """The requests in order, and the ``url`` that clients have as GOPROXY and goproxyd as upstream."""

    requests: tuple[Request, ...]
    url: str


def plan_repository(kind: str, base: str, name: str, upstream: str) -> Repository:
    """Set up ``name`` in a product whose web interface is at ``base``, out of one ``upstream``.

    Raises BadProxyWishError.
    """
    base = base.rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise BadProxyWishError("--url", f"{base!r} is no http or https URL")
    if not (name.isascii() and name.replace("-", "").isalnum()):
        raise BadProxyWishError("--name", f"{name!r} is more than letters, digits and dashes")
    match kind:
        case "artifactory":
            return _artifactory(base, name, upstream)
        case "nexus":
            return _nexus(base, name, upstream)
        case _:
            raise BadProxyWishError("--kind", f"{kind!r} is none of {', '.join(KINDS)}")


def _artifactory(base: str, name: str, upstream: str) -> Repository:
    remote = f"{name}-remote"
    remote_body = {"key": remote, "rclass": "remote", "packageType": "go", "url": upstream}
    virtual_body = {"key": name, "rclass": "virtual", "packageType": "go", "repositories": [remote]}
    requests = (
        Request("PUT", f"{base}/api/repositories/{remote}", remote_body),
        Request("PUT", f"{base}/api/repositories/{name}", virtual_body),
    )
    return Repository(requests, f"{base}/api/go/{name}")


def _nexus(base: str, name: str, upstream: str) -> Repository:
    proxy, repositories = f"{name}-proxy", f"{base}/service/rest/v1/repositories/go"
    common = {"online": True, "storage": {"blobStoreName": "default", "strictContentTypeValidation": True}}
    proxy_body = {
        **common,
        "name": proxy,
        "proxy": {"remoteUrl": upstream, "contentMaxAge": 1440, "metadataMaxAge": 1440},
        "negativeCache": {"enabled": True, "timeToLive": 60},
        "httpClient": {"blocked": False, "autoBlock": True},
    }
    group_body = {**common, "name": name, "group": {"memberNames": [proxy]}}
    requests = (
        Request("POST", f"{repositories}/proxy", proxy_body),
        Request("POST", f"{repositories}/group", group_body),
    )
    return Repository(requests, f"{base}/repository/{name}")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was asked of a repository, what it should do, and what it does; ``fine`` where that is the same."""

    question: str
    fine: bool
    said: str


def settings_for(url: str, findings: tuple[Finding, ...], sumdb: str) -> dict[str, str]:
    """Give variables for clients; a repository that does not pass the checksum database on takes GOSUMDB=off.

    That gives verification up, so it is only for clients that cannot reach the database; goproxyd in front of the
    repository verifies for them.
    """
    passes = all(one.fine for one in findings if one.question == SUMDB)
    return {"GOPROXY": url, "GONOPROXY": "none", "GOSUMDB": sumdb if passes else "off"}


SUMDB, KNOWN, ABSENT = "checksum database", "known module", "absent module"
