"""Artifactory and Nexus as module proxies: the requests that set them up, and what clients are told.

Sources: JFrog's REST API, "Create Repository" and "Go Repositories" (a remote repository is used through a virtual
one); Sonatype's REST API of Nexus 3, "Repositories API" (go proxy, go group). Neither product was at hand: the requests
are as documented and untried, which is why what comes of them is checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from remotego.core.tables import secret_in
from remotego.goproxy.server import BadProxyWishError, check_sumdb

KINDS = ("artifactory", "nexus")
VERB = "proxy.repository"


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
    for flag, url in (("--url", base), ("--upstream", upstream)):
        _check_url(flag, url)
    base = base.rstrip("/")
    if not (name.isascii() and name.replace("-", "").isalnum()):
        raise BadProxyWishError("--name", f"{name!r} is more than letters, digits and dashes", VERB)
    match kind:
        case "artifactory":
            return _artifactory(base, name, upstream)
        case "nexus":
            return _nexus(base, name, upstream)
        case _:
            raise BadProxyWishError("--kind", f"{kind!r} is none of {', '.join(KINDS)}", VERB)


def _check_url(flag: str, url: str) -> None:
    """Refuse what is no URL of a place, or holds a login, which would stand in GOPROXY and in each request."""
    if secret_in("profile.intranet.goproxy", url) or "#" in url:
        raise BadProxyWishError(
            flag, "it has a user, a password or a query in it; ~/.netrc is the place for those", VERB
        )
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        known = False
    if not known or re.search(r"[\s,|]", url):
        raise BadProxyWishError(flag, f"{url!r} is no http or https URL" if url else "it is needed", VERB)


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
    """What was asked of a repository, and what it said; ``fine`` where that is what it should.

    ``absent``: it said that there is no such thing, which is more than a failure shows.
    """

    question: str
    fine: bool
    said: str
    absent: bool = False


SUMDB, KNOWN, ABSENT = "checksum database", "known module", "absent module"


def settings_for(url: str, sumdb: str) -> dict[str, str]:
    """Give variables for clients. The checksum database stays on, whatever is found: go asks it itself if it has to.

    Raises BadProxyWishError.
    """
    check_sumdb(sumdb, VERB)
    return {"GOPROXY": url, "GONOPROXY": "none", "GOSUMDB": sumdb}


def advise(url: str, findings: Sequence[Finding], sumdb: str) -> tuple[str, ...]:
    """Say what to do where a repository has shown that it works and passes no checksum database on; () elsewhere."""
    found = {one.question: one for one in findings}
    if not (SUMDB in found and found[SUMDB].absent and found[KNOWN].fine):
        return ()
    return (
        (
            f"it does not pass {sumdb} on, so go asks that itself; where clients cannot, "
            f"`remotego deploy-proxy --upstream {url}` puts a proxy before it that can, and verifies what it hands out"
        ),
        (
            f"{sumdb} does not know modules of your own: name their paths alone, such as GONOSUMDB=corp.example/*; "
            "GOSUMDB=off would have go take anything for any module"
        ),
    )
