"""Local ports of configurations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.vscode.ports import COUNT, FIRST, NoFreePortError, choose, preferred, used_ports

LAST = FIRST + COUNT - 1


@given(st.text())
def test_a_name_has_one_port_in_the_range(name: str) -> None:
    """It is the same each time."""
    assert (True, preferred(name)) == (FIRST <= preferred(name) <= LAST, preferred(name))


def test_a_known_name_keeps_its_port() -> None:
    """A new version of remotego moves nobody's port."""
    assert 24107 == preferred("Attach ticker-debug@app")


@pytest.mark.parametrize(
    ("taken", "bound", "expected"),
    [((), (), FIRST), ((FIRST,), (), FIRST + 1), ((FIRST,), (FIRST + 1,), FIRST + 2)],
)
def test_a_port_that_is_not_free_is_passed_over(taken: tuple[int, ...], bound: tuple[int, ...], expected: int) -> None:
    """Neither another configuration's nor one that something listens on."""
    assert expected == choose(FIRST, taken, lambda port: port not in bound)


def test_after_the_last_comes_the_first() -> None:
    """The range is a ring."""
    assert FIRST == choose(LAST, (LAST,), lambda _: True)


def test_a_full_range_is_an_error() -> None:
    """With what to do."""
    with pytest.raises(NoFreePortError):
        choose(FIRST, (), lambda _: False)


def test_used_ports_are_those_of_others() -> None:
    """Entries without a port have none, and those to be written do not stand in their own way."""
    entries = [{"name": "a", "port": 1}, {"name": "b", "port": "2"}, {"name": "c"}, {"name": "d", "port": 4}]
    assert {"d": 4} == used_ports(entries, but=("a",))


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", {"a": 1}), ("localhost", {"a": 1}), ("10.0.0.7", {}), ("${input:h}", {})]
)
def test_a_port_of_another_machine_is_no_local_port(host: str, expected: dict[str, int]) -> None:
    """An entry that attaches elsewhere stands in nobody's way."""
    assert expected == used_ports([{"name": "a", "host": host, "port": 1}])
