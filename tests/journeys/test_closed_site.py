"""From an open laptop to a closed site and back: the same service, built and debugged at each stop."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.demo.service import Line
from tests.internet import world
from tests.internet.fixtures import Internets
from tests.internet.internet import Request
from tests.journeys.dap.client import Breakpoint
from tests.journeys.site import UNOPTIMISED, Seen, Site, site
from tests.lab.lab import Lab

OPEN = "jump"
PROGRAM = "teller"


@dataclass(frozen=True, slots=True)
class Stop:
    """What a stop of the journey was like: what the program said of its modules, and what the debugger showed."""

    said: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class Journey:
    """``lines`` are where breakpoints belong, by function."""

    lines: dict[str, Line]
    open: Stop
    asked: list[Request]


@pytest.fixture(scope="module")
def journey(lab: Lab, internets: Internets, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """All of it, once."""
    folder = tmp_path_factory.mktemp("journey")
    with internets.start(folder / "company", internets.private, "sum.corp.example") as company, site(lab, folder) as at:
        yield _travel(at, company.url)


def _travel(at: Site, company: str) -> Journey:
    internet, before = at.lab.internet, at.lab.internet.heard()
    at.developer.run("deploy-dlv", "--host", OPEN)
    at.prefer_go(GOPROXY=f"{company},{internet.url}", GOSUMDB=internet.sumdb, GONOSUMDB=world.PRIVATE_PATTERN)
    at.go("mod", "tidy")
    return Journey(at.lines(), _open(at), internet.requests(before))


def _open(at: Site) -> Stop:
    """Built on the laptop, run on a host that has the internet too."""
    at.go("build", UNOPTIMISED, "-o", PROGRAM, ".")
    folder = f"{at.store}-open"
    at.put(OPEN, folder, at.workspace / PROGRAM)
    return _stop(at, OPEN, f"{folder}/{PROGRAM}")


def _stop(at: Site, host: str, program: str) -> Stop:
    said = at.lab.exec(host, program, "once")
    with at.running(host, program) as pid:
        return Stop(said, at.debugged(host, pid))


def test_open_the_program_is_of_private_and_public_modules(journey: Journey) -> None:
    """As its go.mod wants them."""
    assert "clock v1.4.0 words v1.2.0\n" == journey.open.said


def test_open_breakpoints_bind_in_the_program_and_in_the_private_module(journey: Journey) -> None:
    """By the paths that the editor here has."""
    assert [Breakpoint(True, line.number, "") for line in journey.lines.values()] == journey.open.seen.bound
    assert journey.lines == journey.open.seen.places
