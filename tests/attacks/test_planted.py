"""What the other account has prepared in places that anybody may write, before a session begins."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.ops.controllers import Controller, fresh_store
from tests.ops.debuggee import UNTOUCHED, Debuggee

TRAPS = {
    "a directory": 'mkdir -m 777 "$1"',
    "a link to a directory": 'mkdir -m 777 "$1-trap" && ln -s "$1-trap" "$1"',
    "a link that leads nowhere": 'ln -s "$1-trap" "$1"',
    "a file": ': >"$1" && chmod 666 "$1"',
    "a whole store": 'mkdir -m 777 "$1" "$1/store" "$1/journal" "$1/sessions"',
    "a socket's name": 'mkdir -m 777 "$1" && ln -s /dev/null "$1/sessions"',
}
CLEAR = 'rm -rf "$1" "$1-trap"'
WRITTEN = 'find "$1" "$1-trap" -user dev 2>/dev/null; true'


@pytest.fixture
def controller(lab: Lab, tmp_path: Path) -> Iterator[Controller]:
    """A developer whose store lies in a directory anybody may write to."""
    controller = Controller(lab, tmp_path, fresh_store())
    yield controller
    lab.exec("app", "sh", "-c", CLEAR, "sh", str(controller.store), user="root")


@pytest.mark.parametrize("trap", TRAPS)
def test_planted_store(lab: Lab, controller: Controller, ticker: int, trap: str) -> None:
    """What lies there already and is not ours is neither used nor written to."""
    store = str(controller.store)
    lab.exec("app", "sh", "-c", TRAPS[trap], "sh", store, user="other")
    done = controller.run("debug", "--host", "app", "--pid", str(ticker), "--local-port", "0", "--json")
    written = lab.exec("app", "sh", "-c", WRITTEN, "sh", store, user="root")
    assert ("", UNTOUCHED) == (written, Debuggee(lab, ticker, store).state())
    assert done.exit_code in (4, 7), done


def test_store_that_nobody_planted(lab: Lab, controller: Controller) -> None:
    """The control: the same place is good while nobody was there before."""
    done = controller.run("deploy-dlv", "--host", "app")
    assert 0 == done.exit_code, done.stderr
