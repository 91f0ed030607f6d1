"""What a command must not pay for: counts and imports, never times."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
HEAVY = ("fabric", "jsonschema", "networkx", "paramiko", "platformdirs", "rich", "semver", "tomllib")


def python(*arguments: str, **variables: str) -> str:
    """Standard output of this Python in the checkout; ``variables`` are added to its environment."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        (sys.executable, *arguments),
        capture_output=True,
        cwd=CHECKOUT,
        env={**usual, **variables},
        text=True,
        timeout=60,
    )
    assert "" == done.stderr
    return done.stdout


@pytest.mark.parametrize("modules", ["tasks", "tasks, remotego.ops.deploy, remotego.adapters.ssh.network"])
def test_nothing_heavy_is_imported_before_it_is_used(modules: str) -> None:
    """Naming the tasks, and beginning to deploy, loads no SSH library, table or schema."""
    loaded = python("-c", f"import json, sys, {modules}; print(json.dumps(sorted(sys.modules)))")
    assert set() == set(HEAVY) & set(json.loads(loaded))


def test_a_deploy_without_a_process_reads_no_go_binaries() -> None:
    """The readers of Go binaries load only where a process is named."""
    loaded = python("-c", "import sys, remotego.ops.deploy; print('remotego.golang.elf' in sys.modules)")
    assert "False\n" == loaded


INVOKED = "import sys; sys.dont_write_bytecode = True; import remotego.cli; print(sys.dont_write_bytecode)"


def test_bytecode_is_kept_though_invoke_forbids_it() -> None:
    """Invoke switches it off before it loads tasks; every run would compile all modules anew."""
    assert "False\n" == python("-c", INVOKED)


def test_bytecode_is_not_kept_where_the_user_forbids_it() -> None:
    """Python's own variable still counts."""
    assert "True\n" == python("-c", INVOKED, PYTHONDONTWRITEBYTECODE="1")


def test_the_collector_skips_everything_at_the_end() -> None:
    """At exit all objects are frozen, so no collection walks over them."""
    show = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0))"
    assert "True\n" == python("-c", f"{show}; import remotego.cli")
