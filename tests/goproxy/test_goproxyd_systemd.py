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

_SCRIPT = """
place=$HOME/proxy unit=remotego-goproxyd.service
say() {{ printf '%s ' "$1"; {program} status "$place"; }}
apply() {{ printf '%s' "$1" | {program} apply "$place" >/dev/null || echo "failed $?"; }}
main() {{ systemctl --user show -P MainPID $unit; }}
apply '{first}'; say first
printf 'unit "%s %s %s"\\n' "$(systemctl --user is-active $unit)" "$(systemctl --user is-enabled $unit)" "$(main)"
apply '{second}'; say second
was=$(main); kill -9 "$was"
tries=600
until [ "$(main)" != "$was" ] && {program} status "$place" | grep -q '"health":"",' || [ $((tries -= 1)) = 0 ]; do
  sleep 0.1 # systemd tells of no restart by itself
done
say killed
{program} remove "$place"; echo "removed $?"
printf 'left "%s"\\n' "$(ls -A "$HOME" | grep -v '^[.]c'; find "$HOME" -name "$unit"; systemctl --user is-active $unit)"
"""


@pytest.fixture
def program() -> Iterator[Path]:
    """The program where any login can run it."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    built = Workshop().program(PROXY, parse_machine(platform.machine()), say=print).path
    yield Path(shutil.copy(built, folder / "goproxyd"))
    shutil.rmtree(folder)


def test_service_is_kept_by_systemd_and_taken_away(program: Path) -> None:
    """Active and enabled; another configuration leaves the keeper; a killed keeper is started anew; nothing stays."""
    program.chmod(0o755)
    config = {"listen": f"127.0.0.1:{free_port()}", "upstream": "off"}
    order: dict[str, Any] = {"config": config, "program": str(program), "supervisor": "auto", "names": []}
    script = _SCRIPT.format(program=program, first=json.dumps(order), second=json.dumps({**order, "offline": True}))
    answer = UserManager("").run(Script(script))
    assert 0 == answer.exit_code, (answer.stdout + answer.stderr).decode()
    said = dict(line.split(" ", 1) for line in answer.stdout.decode().splitlines())
    assert {"first", "unit", "second", "killed", "removed", "left"} == set(said), answer.stderr.decode()
    first, second, killed = (json.loads(said[name]) for name in ("first", "second", "killed"))
    assert f'"active enabled {first["keeper"]}"' == said["unit"]
    assert [("user", "")] * 3 == [(one["supervisor"], one["health"]) for one in (first, second, killed)]
    assert (True, False, False) == (
        second["keeper"] == first["keeper"],
        second["server"] == first["server"],
        killed["keeper"] in (0, first["keeper"]),
    )
    assert ("0", '"inactive"') == (said["removed"], said["left"])
