"""What plain sh can tell of processes, as an inventory."""

import pytest

from remotego.host.inventory import take_inventory
from remotego.host.processes import Process, ProcessTable

ME = 1000


def process(**changed: object) -> Process:
    """A process of this login that nobody traces."""
    facts = {"pid": 10, "start": 5, "name": "svc", "state": "S", "uid": ME, "tracer": 0, "exe": "/opt/svc"}
    return Process(**{**facts, **changed})  # type: ignore[arg-type]


def pids(*found: Process, everything: bool) -> list[int]:
    """The pids that an inventory of these keeps."""
    inventory = take_inventory(ProcessTable(found, None), uid=ME, everything=everything)
    return [one.pid for one in inventory.processes]


@pytest.mark.parametrize(("everything", "expected"), [(False, [10]), (True, [10, 11, 12])])
def test_others_are_listed_on_demand(everything: bool, expected: list[int]) -> None:
    """Other users' processes, and those without a program that can be seen."""
    table = (process(), process(pid=11, uid=0, exe=None), process(pid=12, exe=None))
    assert expected == pids(*table, everything=everything)


def test_list_goes_by_pid() -> None:
    """Not by how the shell sorts directories."""
    assert [9, 10, 100] == pids(process(), process(pid=100), process(pid=9), everything=False)


def test_zombies_are_not_listed() -> None:
    """What has ended cannot be debugged."""
    assert [] == pids(process(state="Z"), everything=True)


@pytest.mark.parametrize(
    ("changed", "can", "codes"),
    [({}, None, []), ({"tracer": 4}, False, ["traced"]), ({"uid": 0}, False, ["uid"]), ({"uid": None}, None, [])],
)
def test_only_what_is_certain_is_told(changed: dict[str, object], can: bool | None, codes: list[str]) -> None:
    """Without the kernel's answer a yes would be a guess."""
    found = take_inventory(ProcessTable((process(**changed),), None), uid=ME, everything=True)
    verdict = found.processes[0].attach
    assert (can, codes) == (verdict.can, [cause.code for cause in verdict.causes])
