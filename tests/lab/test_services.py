"""The sample services run, as whom they should, and can be traced by the right people only."""

import pytest
from elftools.elf.elffile import ELFFile

from tests.lab.failure import LabError
from tests.lab.lab import Lab
from tests.lab.places import CHECKOUT
from tests.lab.services import SERVICES, Service

COUNT_TRIES = 50
TRACER = "/opt/ticker/tracer"


def moves_on(lab: Lab, pid: int, host: str = "app") -> bool:
    """Whether the ticker counts further within COUNT_TRIES looks at it, each of which takes a while."""
    before = lab.count(pid, host)
    return any(lab.count(pid, host) > before for _ in range(COUNT_TRIES))


@pytest.mark.parametrize("service", SERVICES["app"], ids=lambda service: service.name)
def test_service_ticks(lab: Lab, service: Service) -> None:
    """The counter of each service goes on."""
    assert moves_on(lab, lab.pid(service.name))


@pytest.mark.parametrize("host", ["hardened", "tiny"])
def test_service_ticks_elsewhere(lab: Lab, host: str) -> None:
    """So does that of the debug ticker on the other hosts."""
    assert moves_on(lab, lab.pid("ticker-debug", host), host)


@pytest.mark.parametrize("service", SERVICES["app"], ids=lambda service: service.name)
def test_service_runs_as_its_user(lab: Lab, service: Service) -> None:
    """dev runs all but ticker-svc."""
    assert f"{service.user}\n" == lab.exec("app", "stat", "-c", "%U", f"/proc/{lab.pid(service.name)}")


@pytest.mark.parametrize("service", SERVICES["app"], ids=lambda service: service.name)
def test_service_answers_on_its_port(lab: Lab, service: Service) -> None:
    """A loopback port of app shows the state too."""
    seen = lab.exec("app", "bash", "-c", f"cat </dev/tcp/127.0.0.1/{service.port}")
    assert seen.startswith(f'{{"PID":{lab.pid(service.name)},"Name":"{service.name}"')


def test_same_user_may_trace(lab: Lab, ticker: int) -> None:
    """ptrace works in app between processes of one user, without any capability."""
    assert f"traced {ticker}\n" == lab.exec("app", TRACER, str(ticker))


def test_traced_ticker_moves_on(lab: Lab, ticker: int) -> None:
    """A ticker that was traced and let go counts further."""
    lab.exec("app", TRACER, str(ticker))
    assert moves_on(lab, ticker)


def test_another_user_may_not_trace(lab: Lab, ticker: int) -> None:
    """ptrace across users is refused."""
    with pytest.raises(LabError) as refusal:
        lab.exec("app", TRACER, str(ticker), user="other")
    assert "operation not permitted" in str(refusal.value)


def test_killed_ticker_is_gone(lab: Lab) -> None:
    """A test can end the ticker it started."""
    pid = lab.spawn()
    lab.kill(pid)
    assert str(pid) not in lab.exec("app", "ls", "/proc").split()


@pytest.mark.parametrize("look", ["ls /home/dev", "cat /proc/{pid}/environ"])
def test_other_cannot_look_into_devs_things(lab: Lab, look: str) -> None:
    """Neither the home nor the process of dev is open to the second account."""
    done = lab.attempt("app-other", look.format(pid=lab.pid("ticker-debug")))
    assert (True, True) == (done.returncode != 0, "Permission denied" in done.stderr)


@pytest.mark.parametrize(
    ("flavour", "has_debug_info"),
    [("debug", True), ("optimised", True), ("stripped", False), ("trimpath", True), ("old", True)],
)
def test_flavour_debug_info(lab: Lab, flavour: str, has_debug_info: bool) -> None:
    """Only the stripped flavour lacks DWARF."""
    with lab.binary(flavour).open("rb") as file:
        assert has_debug_info == ELFFile(file).has_dwarf_info()


@pytest.mark.parametrize(("flavour", "named"), [("debug", True), ("old", True), ("trimpath", False)])
def test_flavour_names_the_checkout(lab: Lab, flavour: str, named: bool) -> None:
    """Binaries carry the path they were built in, unless it was trimmed."""
    assert named == (str(CHECKOUT / "tests").encode() in lab.binary(flavour).read_bytes())


@pytest.mark.parametrize(("flavour", "is_old"), [("debug", False), ("old", True)])
def test_old_flavour_is_from_an_older_go(lab: Lab, flavour: str, is_old: bool) -> None:
    """Its build information names Go 1.24."""
    assert is_old == (b"go1.24." in lab.binary(flavour).read_bytes())


def test_breakpoint_line_is_a_statement(lab: Lab) -> None:
    """The marked line of the ticker's source calls into another package."""
    file, line = lab.breakpoint()
    marked = file.read_text().splitlines()[line - 1].strip()
    assert "s.Count = pace.Next(before, s.Step) // breakpoint here" == marked
