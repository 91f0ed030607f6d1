"""An editor that is told the schema of remotego.toml reports what is wrong in that file.

Asked is taplo, the program inside of Even Better TOML for VS Code.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remotego.adapters.files import schema

TAPLO = Path(sys.executable).parent / "taplo"


@pytest.fixture(scope="module")
def schema_line(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the line that `remotego config` says to put at the top."""
    command = [sys.executable, "-m", "remotego", "config", "--json"]
    said = subprocess.run(
        command, cwd=tmp_path_factory.mktemp("empty"), capture_output=True, text=True, timeout=60, check=True
    )
    return f"#:schema {json.loads(said.stdout)['toml_schema']}"


def checked(folder: Path, *lines: str) -> tuple[int, str]:
    """Check a remotego.toml: 0 and nothing, or 1 and what is wrong."""
    (folder / "remotego.toml").write_text("\n".join(lines) + "\n")
    command = [str(TAPLO), "check", "--colors", "never", "remotego.toml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "lines",
    [
        ('hosts = ["app1", "dev@10.0.0.7:2222"]', 'process = "svc"', 'lease = "30s"', "local_port = 23450"),
        ("[hosts.app1]", 'unit = "svc.service"', 'ptrace = "none"', "[hosts.app2]"),
        ("[profile.intranet]", 'goproxy = ["https://proxy.corp.example"]', "[terminal.linux]", 'PAGER = ""'),
    ],
)
def test_a_sound_file_passes(tmp_path: Path, schema_line: str, lines: tuple[str, ...]) -> None:
    """What remotego takes, the editor takes."""
    assert 0 == checked(tmp_path, schema_line, *lines)[0]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (('proces = "svc"',), "'proces' was unexpected"),
        (('channel = "udp"',), '"udp" is not one of'),
        (('ptrace = "never"',), '"never" is not one of'),
        (('hosts = ["-oProxyCommand=x"]',), "-oProxyCommand=x"),
        (("local_port = 70000",), "70000 is greater than the maximum"),
        (('process = "svc"', "pid = 7"), "is not allowed"),
    ],
)
def test_a_fault_is_reported(tmp_path: Path, schema_line: str, lines: tuple[str, ...], said: str) -> None:
    """A key that does not exist, a word that is none of those, a number out of bounds, two ways to name a process."""
    code, errors = checked(tmp_path, schema_line, *lines)
    assert (1, True) == (code, said in errors)


def test_without_the_line_nothing_is_checked(tmp_path: Path) -> None:
    """It is the line that does it, and nothing else on this machine."""
    assert 0 == checked(tmp_path, 'proces = "svc"')[0]


def references(part: Any) -> Iterator[dict[str, Any]]:
    """Give every part of a schema that refers to another."""
    if isinstance(part, dict) and "$ref" in part:
        yield part
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from references(one)


def test_a_reference_stands_alone() -> None:
    """Editors that know drafts before 2019-09 only, as taplo, take no notice of what stands beside one."""
    assert [] == [part for part in references(schema("remotego")) if len(part) > 1]
