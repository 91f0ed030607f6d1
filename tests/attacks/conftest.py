"""Fixtures of the attacks: one session, which has to outlive them all."""

import json
from collections.abc import Iterator

import pytest

from tests.attacks.people import Victim
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, fresh_store
from tests.ops.debuggee import Debuggee
from tests.ops.editors import debugging

CANARY = "canary-5e1f9c0a"
"""Stands for every secret of the developer's: it is in the environment of the controller."""

COPY = 'cp "$1"/store/agent-* "$2" && chmod 755 "$2"'


@pytest.fixture(scope="package")
def victim(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """A session of dev's on app."""
    controller = Controller(
        lab, tmp_path_factory.mktemp("machine"), store := fresh_store(), variables={"SECRET_TOKEN": CANARY}
    )
    debuggee = Debuggee(lab, lab.spawn(), store)
    relay = f"{store}-relay"
    with debugging(controller, debuggee) as (_, ready):
        record = json.loads(lab.exec("app", "cat", f"{ready['directory']}/session.json"))
        lab.exec("app", "sh", "-c", COPY, "sh", store, relay, user="root")
        yield Victim(lab, store, ready, record, relay, debuggee.pid)
    lab.exec("app", "rm", "-f", relay, user="root")
    controller.run("undo", "--host", "app")
    lab.kill(debuggee.pid)
