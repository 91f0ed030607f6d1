"""What several test runs share is there as long as one of them uses it."""

import subprocess
import sys
from pathlib import Path

from tests.lab.places import CHECKOUT
from tests.lab.tenancy import Tenancy

USE_UNTIL_KILLED = """
import sys
from pathlib import Path
from tests.lab.tenancy import Tenancy
held = Tenancy(Path(sys.argv[1]), "thing").move_in()
print("in", flush=True)
sys.stdin.read()
"""


def test_nobody_uses_a_new_thing(tmp_path: Path) -> None:
    """Without a user it is free."""
    assert not Tenancy(tmp_path, "thing").is_used()


def test_a_user_keeps_it_used(tmp_path: Path) -> None:
    """It is in use from moving in until the file is closed."""
    tenancy = Tenancy(tmp_path, "thing")
    with tenancy.move_in():
        during = tenancy.is_used()
    assert (True, False) == (during, tenancy.is_used())


def test_two_users_may_use_it_at_once(tmp_path: Path) -> None:
    """When one of two leaves it is still in use."""
    tenancy = Tenancy(tmp_path, "thing")
    with tenancy.move_in():
        tenancy.move_in().close()
        assert tenancy.is_used()


def test_looking_does_not_make_a_user(tmp_path: Path) -> None:
    """The question whether it is used leaves it free."""
    tenancy = Tenancy(tmp_path, "thing")
    tenancy.is_used()
    assert not tenancy.is_used()


def test_a_killed_process_uses_nothing(tmp_path: Path) -> None:
    """The kernel lets go for a process that cannot."""
    tenancy = Tenancy(tmp_path, "thing")
    argv = [sys.executable, "-c", USE_UNTIL_KILLED, str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=CHECKOUT) as user:
        assert user.stdout
        user.stdout.readline()
        before = tenancy.is_used()
        user.kill()
    assert (True, False) == (before, tenancy.is_used())
