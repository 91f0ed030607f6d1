"""What go says of what it cannot have: real go, a proxy that answers as told, and names that look like causes."""

import pytest

from tests.goproxy.scripted import Answer, Request, refusing, site
from tests.modgraph.lab import MAIN, Lab, diagnose, one_of, said
from tests.modgraph.proxy import gomod

ALIKE = "example.com/certificate/EOF"
LATER = "v0.0.0-20240404041050-500404410503"
"""A path and a version that have words of failures in them."""

GONE = Answer(404, b"not found: i/o timeout\n500 Internal Server Error: dial tcp: EOF\n")
"""Whatever a proxy has to say beside its status."""

OUTCOMES = {
    "404": (GONE, "module-missing"),
    "410": (Answer(410, b"gone"), "module-missing"),
    "403": (Answer(403, b"not found"), "module-unreachable"),
    "429": (Answer(429, b"404 Not Found"), "module-unreachable"),
    "500": (Answer(500, b"unknown revision"), "module-unreachable"),
    "reset": (Answer(fault="reset"), "module-unreachable"),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_module_is_missing_only_where_somebody_says_so(
    modlab: Lab, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """By the status alone: neither its name, nor its version, nor the text of the answer makes a difference."""
    answer, kind = OUTCOMES[name]
    folder = modlab.workspace("w", gomod(MAIN, f"require {ALIKE} {LATER}"), ALIKE, tidy=False)
    with site(lambda _: answer) as proxy:
        modlab.set(monkeypatch, {"GOPROXY": proxy.url})
        found = diagnose(folder, edits=False)
    assert ALIKE == one_of(found, kind).module


def test_the_module_at_the_end_of_a_chain_is_named(modlab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What go says about it stands in the line below."""

    def answer(request: Request) -> Answer:
        mod = f"module example.com/b\n\ngo 1.16\n\nrequire {ALIKE} {LATER}\n"
        return Answer(200, mod.encode()) if "/b/" in request.path else Answer(503, b"busy")

    folder = modlab.workspace("w", gomod(MAIN, "require example.com/b v1.0.0", go="1.16"), "example.com/b", tidy=False)
    with site(answer) as proxy:
        modlab.set(monkeypatch, {"GOPROXY": proxy.url})
        found = diagnose(folder, edits=False)
    assert ("module-unreachable", ALIKE) in said(found)


def test_a_package_is_missing_whatever_it_is_called(modlab: Lab) -> None:
    """Nobody has to be asked for what go.mod does not name."""
    folder = modlab.workspace("w", gomod(MAIN), ALIKE, tidy=False)
    assert ALIKE == one_of(diagnose(folder, edits=False), "module-missing").module


def test_a_login_in_an_address_is_not_shown(modlab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its name nor its password, nor what it asks for; the rest of the address is."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {ALIKE} v1.0.0"), ALIKE, tidy=False)
    with refusing() as closed:
        modlab.set(monkeypatch, {"GOPROXY": f"{closed.replace('://', '://canary:canary@')}?tok=canary"})
        found = diagnose(folder, edits=False)
    assert (False, True) == ("canary" in repr(found.findings), f"://***@{closed[7:]}/" in repr(found.findings))
