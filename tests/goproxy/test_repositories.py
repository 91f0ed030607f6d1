"""Artifactory and Nexus, by a small stand-in of their documented interface: neither product was at hand.

The stand-in takes the requests that create repositories, by the rules of the documents, and serves what was created.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from remotego.goproxy.repositories import ABSENT, KINDS, KNOWN, SUMDB, Finding, advise, plan_repository, settings_for
from remotego.goproxy.server import BadProxyWishError
from remotego.ops.repositories import KNOWN_PATH, check_repository

QUOTE = b'module "rsc.io/quote"\n\nrequire "rsc.io/sampler" v1.3.0\n'
NAME = "golang"
SUMS = "sum.golang.org"


class Product(BaseHTTPRequestHandler):
    """Both products at once: their paths differ."""

    protocol_version = "HTTP/1.0"
    made: dict[str, dict[str, Any]]
    passes_sumdb = True
    page = down = empty = False

    def do_PUT(self) -> None:
        """Artifactory: create a repository; a virtual one includes those that are there."""
        body = self._body()
        key = self.path.removeprefix("/api/repositories/")
        good = key == body["key"] and body["packageType"] == "go" and body["rclass"] in ("remote", "virtual")
        self._create(key, "/api/go/", body, good and self._has(body.get("repositories", [])))

    def do_POST(self) -> None:
        """Nexus: the same; a group has members that are there."""
        body = self._body()
        kind = self.path.removeprefix("/service/rest/v1/repositories/go/")
        has = self._has(body.get("group", {}).get("memberNames", []))
        self._create(body["name"], "/repository/", body, kind in body and body["online"] is True and has)

    def do_GET(self) -> None:
        """Serve what was created as a GOPROXY; a remote repository of Artifactory alone is not."""
        place = next((at for at in self.made if self.path.startswith(f"{at}/")), None)
        path = self.path.removeprefix(f"{place}/")
        usable = place is not None and self.made[place].get("rclass") != "remote"
        if self.page or self.down:
            return self._say(200 if self.page else 503, b"<html>")
        if usable and path == KNOWN_PATH and not self.empty:
            return self._say(200, QUOTE)
        return self._say(200 if usable and path.endswith("/supported") and self.passes_sumdb else 404, b"")

    def _has(self, names: list[str]) -> bool:
        return all(any(at.endswith(f"/{name}") for at in self.made) for name in names)

    def _create(self, name: str, above: str, body: dict[str, Any], good: bool) -> None:
        if good:
            self.made[above + name] = body
        self._say(201 if good else 400, b"")

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return body

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def product(**ways: bool) -> Iterator[str]:
    """Serve one; its URL."""
    own = type("Own", (Product,), {"made": {}, **ways})
    with ThreadingHTTPServer(("127.0.0.1", 0), own) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def set_up(kind: str, base: str) -> tuple[list[int], str]:
    """Send the requests as an administrator would; the statuses, and where clients go."""
    planned = plan_repository(kind, base, NAME, "https://proxy.golang.org")
    opener = build_opener(ProxyHandler({}))
    statuses = []
    for one in planned.requests:
        request = Request(
            one.url, json.dumps(one.body).encode(), {"Content-Type": "application/json"}, method=one.method
        )
        with opener.open(request, timeout=30) as answer:
            statuses.append(answer.status)
    return statuses, planned.url


@pytest.mark.parametrize("kind", KINDS)
def test_requests_set_up_a_proxy_that_works(kind: str) -> None:
    """Each is taken, in this order, and all three checks are fine."""
    with product() as base:
        statuses, url = set_up(kind, base)
        findings = check_repository(url, SUMS)
    assert ([201, 201], [(KNOWN, True), (ABSENT, True), (SUMDB, True)]) == (
        statuses,
        [(one.question, one.fine) for one in findings],
    )


@pytest.mark.parametrize("kind", KINDS)
def test_lacking_checksum_database_is_found_and_the_narrow_remedies_are_named(kind: str) -> None:
    """A proxy before it, or paths of one's own; the database stays on for everything else."""
    with product(passes_sumdb=False) as base:
        _, url = set_up(kind, base)
        findings = check_repository(url, SUMS)
    advice = advise(url, findings, SUMS)
    assert [True, True, False] == [one.fine for one in findings]
    assert [True, True] == [f"deploy-proxy --upstream {url}" in advice[0], "GONOSUMDB=" in advice[1]]


def findings_of(**ways: bool) -> tuple[str, tuple[Finding, ...]]:
    """Check a product with something about it."""
    with product(**ways) as base:
        _, url = set_up("nexus", base)
        return url, check_repository(url, SUMS)


@pytest.mark.parametrize("ways", [{"page": True}, {"down": True}, {"passes_sumdb": False, "empty": True}, {}])
def test_what_shows_nothing_about_the_database_leads_to_no_advice(ways: dict[str, bool]) -> None:
    """A page, a failure, and a repository that has nothing at all; nor does one that is as it should be."""
    assert () == advise(*findings_of(**ways), SUMS)


def test_database_is_never_switched_off() -> None:
    """That would be for all modules."""
    assert {"GOPROXY": "https://p", "GONOPROXY": "none", "GOSUMDB": SUMS} == settings_for("https://p", SUMS)


def test_page_for_everything_is_no_proxy() -> None:
    """As a portal gives it: known bytes are other bytes, and what is absent is there."""
    _, findings = findings_of(page=True)
    assert [False, False, False] == [one.fine for one in findings]


@pytest.mark.parametrize(
    "url", ["https://me:CANARY@nexus.corp", "https://nexus.corp?t=CANARY", "me:CANARY@nexus.corp", "", "https://"]
)
def test_url_with_a_login_and_none_at_all_are_refused_unrepeated(url: str) -> None:
    """Neither stands in GOPROXY, a request or the error; and the help that is named knows the flags."""
    with pytest.raises(BadProxyWishError) as refused:
        plan_repository("nexus", url, NAME, "https://proxy.golang.org")
    assert (False, True) == ("CANARY" in str(refused.value), "proxy.repository --help" in refused.value.advice)


def test_upstream_with_a_login_is_refused_unrepeated() -> None:
    """It would stand in the body of a request."""
    with pytest.raises(BadProxyWishError) as refused:
        plan_repository("nexus", "https://nexus.corp", NAME, "https://me:CANARY@proxy.corp")
    assert "CANARY" not in str(refused.value)


def test_database_with_a_login_is_refused_unrepeated() -> None:
    """It would stand in the variables of clients."""
    with pytest.raises(BadProxyWishError) as refused:
        settings_for("https://p", "https://me:CANARY@sums.corp")
    assert (False, True) == ("CANARY" in str(refused.value), "proxy.repository --help" in refused.value.advice)


@pytest.mark.parametrize("given", [("other", "https://a", "go"), ("nexus", "a", "go"), ("nexus", "https://a", "a/b")])
def test_bad_wish_is_refused(given: tuple[str, str, str]) -> None:
    """Kind, URL and name."""
    with pytest.raises(BadProxyWishError):
        plan_repository(*given, "https://proxy.golang.org")
