"""goproxyd as a service of a real user manager of systemd: started, killed, replaced, removed."""

import json
import platform
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remotego.core.transport import Script
from remotego.delve.platforms import parse_machine
from remotego.ops.building import PROXY, Workshop
from tests.goproxy.goproxyd import free_port
from tests.ops.user_manager import UserManager

_COMMON = """
place=$HOME/proxy unit=remotego-goproxyd.service
say() {{ printf '%s ' "$1"; {program} status "$place"; }}
apply() {{ printf '%s' "$1" | {program} apply "$place" >/dev/null || echo "failed $?"; }}
main() {{ systemctl --user show -P MainPID $unit; }}
active() {{ systemctl --user is-active $unit; }}
state() {{ printf 'unit "%s %s %s"\\n' "$(active)" "$(systemctl --user is-enabled $unit)" "$(main)"; }}
remove() {{
  {program} remove "$place"; echo "removed $?"
  printf 'left "%s"\\n' "$(ls -A "$HOME" | grep -v '^[.]c'; find "$HOME" -name "$unit"; active)"
}}
"""

_KEPT = """
apply '{first}'; say first
state
apply '{second}'; say second
was=$(main); kill -9 "$was"
tries=600
until [ "$(main)" != "$was" ] && {program} status "$place" | grep -q '"health":"",' || [ $((tries -= 1)) = 0 ]; do
  sleep 0.1 # systemd tells of no restart by itself
done
say killed
remove
"""

_BACK = """
apply '{plain}'; say before
apply '{auto}'; say auto
printf '%s' '{user}' | {program} apply "$place" 2>&1 >/dev/full # it serves, and that cannot be said
say after
state
remove
"""


@pytest.fixture
def program() -> Iterator[Path]:
    """The program where any login can run it."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    built = Workshop().program(PROXY, parse_machine(platform.machine()), say=print).path
    copied = Path(shutil.copy(built, folder / "goproxyd"))
    copied.chmod(0o755)
    yield copied
    shutil.rmtree(folder)


def say(program: Path, script: str, **orders: dict[str, Any]) -> dict[str, str]:
    """Run a script beside a user manager; what it says, by the first word of each line."""
    text = (_COMMON + script).format(program=program, **{name: json.dumps(order) for name, order in orders.items()})
    answer = UserManager("").run(Script(text))
    assert 0 == answer.exit_code, (answer.stdout + answer.stderr).decode()
    return dict(line.split(" ", 1) for line in answer.stdout.decode().splitlines())


def order(program: Path, supervisor: str, **more: Any) -> dict[str, Any]:
    """Give what ``apply`` reads."""
    config = {"listen": f"127.0.0.1:{free_port()}", "upstream": "off"}
    return {"config": config, "program": str(program), "supervisor": supervisor, "names": [], **more}


def test_service_is_kept_by_systemd_and_taken_away(program: Path) -> None:
    """Active and enabled; another configuration leaves the keeper; a killed keeper is started anew; nothing stays."""
    wish = order(program, "auto")
    said = say(program, _KEPT, first=wish, second={**wish, "offline": True})
    assert {"first", "unit", "second", "killed", "removed", "left"} == set(said)
    first, second, killed = (json.loads(said[name]) for name in ("first", "second", "killed"))
    assert f'"active enabled {first["keeper"]}"' == said["unit"]
    assert [("user", "")] * 3 == [(one["supervisor"], one["health"]) for one in (first, second, killed)]
    assert (True, False, False) == (
        second["keeper"] == first["keeper"],
        second["server"] == first["server"],
        killed["keeper"] in (0, first["keeper"]),
    )
    assert ("0", '"inactive"') == (said["removed"], said["left"])


def test_who_looks_after_it_stays_and_comes_back(program: Path) -> None:
    """A plain keeper where auto would take systemd for a first one, and where systemd was tried and is taken back."""
    wish = order(program, "plain")
    auto, user = {**wish, "supervisor": "auto", "offline": True}, {**wish, "supervisor": "user"}
    said = say(program, _BACK, plain=wish, auto=auto, user=user)
    before, kept, after = (json.loads(said[name]) for name in ("before", "auto", "after"))
    assert True is said["goproxyd:"].endswith("what served before serves again")
    assert [("plain", "")] * 3 == [(one["supervisor"], one["health"]) for one in (before, kept, after)]
    assert (before["keeper"], True) == (kept["keeper"], after["keeper"] > 0)
    assert ('"inactive  0"', "0", '"inactive"') == (said["unit"], said["removed"], said["left"])
