"""Where sshd leaves only the third rung dlv listens on loopback, and it alone keeps others out."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.people import ATTEMPTS, OTHER, OWNER, STATE, Victim
from tests.lab.lab import Lab
from tests.lab.variants import Variant, variants
from tests.ops.controllers import Controller, finished, fresh_store
from tests.ops.debuggee import UNTOUCHED, Debuggee
from tests.ops.editors import debugging

ASK = """\
for _ in $(seq "$2"); do
  exec 3<>"/dev/tcp/127.0.0.1/$1" && printf %s "$3" >&3 && timeout 5 head -n 1 <&3
  exec 3>&-
done 2>/dev/null
true
"""


@pytest.fixture
def debuggee(lab: Lab, ticker: int) -> Debuggee:
    """A service that only this test knows."""
    return Debuggee(lab, ticker, fresh_store())


@pytest.fixture
def victim(lab: Lab, tmp_path: Path, debuggee: Debuggee) -> Iterator[Victim]:
    """A session that listens on a port of the target; it must end well."""
    with variants(lab, tmp_path, Variant("app", "rung", ("AllowStreamLocalForwarding=no", "MaxSessions=1"))) as config:
        controller = Controller(lab, tmp_path, debuggee.store, config)
        with debugging(controller, debuggee, "app-rung") as (child, ready):
            record = json.loads(lab.exec("app", "cat", f"{ready['directory']}/session.json"))
            yield Victim(lab, debuggee.store, ready, record, "", debuggee.pid)
            child.terminate()
            assert (0, UNTOUCHED) == (finished(child).exit_code, debuggee.state())
        controller.run("undo", "--host", "app-rung")


def test_loopback_port(victim: Victim) -> None:
    """The other account gets no answer at dlv's port, directly or through a forward of its own; the owner does."""
    port = str(victim.record["port"])
    words = (port, "1", STATE.decode())
    owners = victim.sh(OWNER, ASK, *words)[1]
    others = victim.sh(OTHER, ASK, port, str(ATTEMPTS), STATE.decode())[1]
    ways = [victim.through(alias, f"127.0.0.1:{port}", STATE) for alias in ("app", "app-other")]
    assert (True, "", True, b"") == ('"result"' in owners, others, b'"result"' in ways[0], ways[1])
