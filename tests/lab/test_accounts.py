"""Accounts of app with the shells people have, and with the homes that go wrong."""

import pytest

from tests.lab.lab import Lab

PROGRAMS = {
    "bash": "/usr/bin/bash",
    "dash": "/usr/bin/dash",
    "ash": "/usr/bin/busybox",
    "zsh": "/usr/bin/zsh",
    "fish": "/usr/bin/fish",
    "tcsh": "/usr/bin/tcsh",
}
NOISY = {"bash", "zsh", "fish", "tcsh"}
OWN_PID = {"fish": "$fish_pid"}


@pytest.mark.parametrize("shell", PROGRAMS)
def test_shell_account_runs_its_shell(lab: Lab, shell: str) -> None:
    """Commands of each account are run by the shell it is named after."""
    # A second command keeps a shell from turning into the first.
    command = f"/usr/bin/readlink /proc/{OWN_PID.get(shell, '$$')}/exe; exit"
    assert PROGRAMS[shell] == lab.ssh(f"app-{shell}", command).splitlines()[-1]


@pytest.mark.parametrize("shell", PROGRAMS)
def test_start_up_file_makes_noise(lab: Lab, shell: str) -> None:
    """Shells that read a start-up file for every command print what it says before the answer."""
    assert (shell in NOISY) == lab.ssh(f"app-{shell}", "echo answer").startswith("noise")


@pytest.mark.parametrize("shell", ["dash", "ash"])
def test_login_file_makes_noise(lab: Lab, shell: str) -> None:
    """dash and ash read theirs only as login shells."""
    assert lab.ssh(f"app-{shell}", f"{shell} -lc 'echo answer'").startswith("noise")


def test_nologin_account_runs_nothing(lab: Lab) -> None:
    """Its shell only says that it is not available."""
    done = lab.attempt("app-nologin", "echo answer")
    assert (1, "This account is currently not available.\n") == (done.returncode, done.stdout)


def test_rbash_account_runs_commands(lab: Lab) -> None:
    """The restricted shell runs a command."""
    assert "answer\n" == lab.ssh("app-rbash", "echo answer")


def test_rbash_account_is_restricted(lab: Lab) -> None:
    """It does not leave its home."""
    assert "restricted" in lab.attempt("app-rbash", "cd /").stderr


def test_nohome_account_starts_in_the_root(lab: Lab) -> None:
    """Its home is missing."""
    told = lab.ssh("app-nohome", 'echo $PWD $HOME; test -e "$HOME" || echo missing')
    assert "/ /home/nohome\nmissing\n" == told


@pytest.mark.parametrize(
    ("account", "command", "message"),
    [
        ("rohome", "touch ~/file", "Read-only file system"),
        ("full", "head -c 5000000 /dev/zero > ~/file; rc=$?; rm ~/file; exit $rc", "No space left on device"),
        ("noinodes", "cd && touch 1 2 3 4 5 6 7 8; rc=$?; rm -f ?; exit $rc", "No space left on device"),
        ("noexec", "cp /bin/true ~/true && ~/true; rc=$?; rm ~/true; exit $rc", "Permission denied"),
    ],
)
def test_bad_home(lab: Lab, account: str, command: str, message: str) -> None:
    """Each home fails in its own way."""
    done = lab.attempt(f"app-{account}", command)
    assert (True, True) == (done.returncode != 0, message in done.stderr)


def test_noinodes_home_has_free_bytes(lab: Lab) -> None:
    """It runs out of inodes, not of room."""
    command = "head -c 1000000 /dev/zero > ~/file && stat -c %s ~/file; rm ~/file"
    assert "1000000\n" == lab.ssh("app-noinodes", command)
