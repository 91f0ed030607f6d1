"""The internet of the tests is what it says: a real go gets its modules there, and meets every fault."""

import dataclasses
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from remotego.golang.sdk import MODULE
from tests.internet import world
from tests.internet.faults import (
    Fault,
    delay,
    forged,
    hang,
    portal_page,
    portal_redirect,
    reset,
    stale,
    status,
    wrong_bytes,
)
from tests.internet.fixtures import SUMS, Internets
from tests.internet.gopher import Gopher, gopher
from tests.internet.internet import Internet, Request
from tests.internet.toolchain import Toolchain
from tests.patience import eventually

NEWEST = f"{world.WORDS}@v1.2.0"
LIST = f"/{world.WORDS}/@v/list"
INFO, MOD, ZIP = (f"/{world.WORDS}/@v/v1.2.0.{kind}" for kind in ("info", "mod", "zip"))
DELAY_S = 0.5
BEGIN_LIMIT_S = 120
"""For a go that starts on a busy machine to ask its first question."""
FORGED = dataclasses.replace(world.PUBLIC[2], requires={"evil.example/module": "v1.0.0"}).zip()


@pytest.fixture
def somebody(internet: Internet, tmp_path: Path) -> Gopher:
    """A developer who uses it."""
    return gopher(tmp_path / "somebody", internet)


def paths(requests: list[Request]) -> list[str]:
    """Give what was asked for, in its order."""
    return [request.path for request in requests]


def test_go_downloads_a_module_and_checks_it_with_the_database(internet: Internet, somebody: Gopher) -> None:
    """One request after another, in cmd/go's order; the database is asked through the proxy."""
    done = somebody.go("mod", "download", "-json", NEWEST)
    assert (0, "v1.2.0") == (done.returncode, json.loads(done.stdout)["Version"])
    asked = paths(internet.requests())
    assert [INFO, MOD] == asked[:2]
    assert {f"/sumdb/{SUMS}/supported", f"/sumdb/{SUMS}/lookup/{NEWEST}", ZIP} <= set(asked)


def test_the_service_is_built_from_both(internet: Internet, company: Internet, tmp_path: Path) -> None:
    """The private module comes from the company alone, and the public database never hears its name."""
    developer = gopher(
        tmp_path / "developer",
        internet,
        GOPROXY=f"{company.url},{internet.url}",
        GONOSUMDB=world.PRIVATE_PATTERN,
    )
    workspace = world.check_out(tmp_path / "teller")
    assert 0 == developer.go("mod", "tidy", cwd=workspace).returncode
    done = developer.go("run", ".", "once", cwd=workspace)
    assert (0, "clock v1.4.0 step v2.1.0 words v1.2.0\n") == (done.returncode, done.stdout)
    assert [] == [path for path in paths(internet.requests()) if world.CLOCK in path]


def test_the_database_knows_no_private_module(internet: Internet, company: Internet, tmp_path: Path) -> None:
    """As with the public one: without GONOSUMDB a private module cannot be checked."""
    careless = gopher(tmp_path / "careless", internet, GOPROXY=f"{company.url},{internet.url}")
    done = careless.go("mod", "download", f"{world.CLOCK}@v1.4.0")
    assert (1, True) == (done.returncode, f"lookup/{world.CLOCK}@v1.4.0: 404" in done.stderr), done.stderr


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (status(404), "404 Not Found"),
        (status(410), "410 Gone"),
        (status(500, path=ZIP), "500 Internal Server Error"),
        (status(429), "429 Too Many Requests"),
        (reset(), "connection reset by peer"),
        (reset(path=ZIP, after_bytes=100), "connection reset by peer"),
        (portal_page(), "invalid character '<'"),
        (portal_redirect("http://127.0.0.1:9/login"), "connection refused"),
        (wrong_bytes(path=ZIP), "checksum error"),
        (forged(FORGED, path=ZIP), "SECURITY ERROR"),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_go_meets_a_fault_and_a_healed_internet(internet: Internet, somebody: Gopher, fault: Fault, said: str) -> None:
    """It fails with what the fault does to it, the journal names the fault, and without it all is well."""
    internet.inject(fault)
    failed = somebody.go("mod", "download", NEWEST)
    met = {request.fault for request in internet.requests()}
    internet.heal()
    somebody.forget()
    healed = somebody.go("mod", "download", NEWEST)
    assert (1, True, True, 0) == (failed.returncode, said in failed.stderr, fault.name in met, healed.returncode), (
        failed.stderr
    )


def test_a_stale_mirror_lacks_the_newest(internet: Internet, somebody: Gopher) -> None:
    """What is hidden from the list is not the latest version."""
    internet.inject(stale("v1.2.0"))
    found = json.loads(somebody.go("list", "-m", "-json", f"{world.WORDS}@latest").stdout)
    internet.heal()
    again = json.loads(somebody.go("list", "-m", "-json", f"{world.WORDS}@latest").stdout)
    assert ["v1.1.0", "v1.2.0"] == [found["Version"], again["Version"]]


def test_a_delay_is_only_a_delay(internet: Internet, somebody: Gopher, seconds: Callable[[], float]) -> None:
    """The answer is right, and late."""
    internet.inject(delay(DELAY_S, path=INFO))
    assert (0, True) == (somebody.go("mod", "download", NEWEST).returncode, seconds() >= DELAY_S)


@pytest.fixture
def seconds() -> Callable[[], float]:
    """How long the test has run."""
    began = time.monotonic()
    return lambda: time.monotonic() - began


def test_go_waits_as_long_as_the_internet_hangs(internet: Internet, somebody: Gopher) -> None:
    """It has no limit of its own, and goes on when the answer comes."""
    internet.inject(hang(path=INFO))
    ended: list[int] = []
    waiting = threading.Thread(target=lambda: ended.append(somebody.go("mod", "download", NEWEST).returncode))
    waiting.start()
    seen = eventually(lambda: paths(internet.requests()) == [INFO], BEGIN_LIMIT_S)
    held = list(ended)
    internet.heal()
    waiting.join()
    assert (True, [], [0]) == (seen, held, ended)


def test_a_fault_can_pass_after_some_requests(internet: Internet, somebody: Gopher) -> None:
    """Here the first request alone fails."""
    internet.inject(status(503, times=1))
    assert [1, 0] == [somebody.go("mod", "download", NEWEST).returncode for _ in range(2)]


def test_a_fault_may_hold_for_one_host_alone(internet: Internet, tmp_path: Path) -> None:
    """Two proxies of one internet: a bar leads past the one that fails."""
    first, second = internet.sites
    internet.inject(status(502, host=first))
    done = gopher(tmp_path / "g", internet, GOPROXY="|".join(internet.sites.values())).go("mod", "download", NEWEST)
    served = {request.host for request in internet.requests() if not request.fault}
    assert (0, {second}) == (done.returncode, served)


def test_tls_is_for_those_who_trust_its_authority(internet: Internet, tmp_path: Path) -> None:
    """SSL_CERT_FILE decides."""
    settings = {"GOPROXY": internet.tls_url, "GOSUMDB": "off"}
    trusting = gopher(tmp_path / "trusting", internet, SSL_CERT_FILE=str(internet.ca), **settings)
    stranger = gopher(tmp_path / "stranger", internet, **settings).go("mod", "download", NEWEST)
    assert (0, 1, True) == (
        trusting.go("mod", "download", NEWEST).returncode,
        stranger.returncode,
        "certificate signed by unknown authority" in stranger.stderr,
    )
    assert {True} == {request.tls for request in internet.requests()}


def test_a_module_is_the_same_bytes_each_time(internets: Internets) -> None:
    """So that what a run has recorded of it holds for the next."""
    module = world.PUBLIC[0]
    place = internets.public / module.path / "@v" / f"{module.version}.zip"
    assert module.zip() == place.read_bytes()


def test_go_takes_a_toolchain_that_the_database_vouches_for(
    toolchain: Toolchain, internet: Internet, somebody: Gopher
) -> None:
    """A real one but for what a small service does not need; a changed one is refused whatever GONOSUMDB says."""
    wanted = toolchain.sdk.module
    taken = Path(json.loads(somebody.go("mod", "download", "-json", wanted).stdout)["Zip"]).stat().st_size
    somebody.forget()
    evil = io.BytesIO()
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr(f"{wanted}/VERSION", "go1.27.3-evil\n")
    internet.inject(forged(evil.getvalue(), path=f"/{MODULE}/@v/{toolchain.sdk.module_version}.zip"))
    careless = dataclasses.replace(somebody, settings=somebody.settings | {"GONOSUMDB": "*"})
    refused = careless.go("mod", "download", wanted)
    assert (toolchain.zip.stat().st_size, 1, True) == (
        taken,
        refused.returncode,
        "SECURITY ERROR" in refused.stderr,
    ), refused.stderr
