"""The command line of a master."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from remotego.adapters.multiplex.command import FORCED, FORCED_SINCE, Program, master_argv, parse_version, passage_by
from remotego.core.target import Hop
from tests.lab.fixtures import need

HOP = Hop(alias="dev@app:2222", hostname="10.0.0.7", port=2222, user="dev", key_name="[10.0.0.7]:2222")
OLD, NEW = Program("/usr/bin/ssh", (7, 6)), Program("/usr/bin/ssh", (10, 0))


def _argv(program: Program = NEW, hop: Hop = HOP, passage: str | None = None) -> tuple[str, ...]:
    return master_argv(program, hop, Path("/run/x/2"), passage=passage, config=None, asks=False)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("OpenSSH_9.2p1 Debian-2+deb12u6, OpenSSL 3.0.19 27 Jan 2026", (9, 2)),
        ("OpenSSH_10.0p2, LibreSSL 3.3.6", (10, 0)),
        ("OpenSSH_for_Windows_9.5p1, LibreSSL 3.8.2", (9, 5)),
        ("Sun_SSH_1.1.5, SSH protocols 1.5/2.0", (0, 0)),
    ],
)
def test_version_is_read(said: str, version: tuple[int, int]) -> None:
    """An unknown ssh counts as an old one."""
    assert version == parse_version(said)


def test_name_stands_behind_the_options() -> None:
    """User and port go by flags, and nothing in the name can be read as an option."""
    assert ("-l", "dev", "-p", "2222", "--", "app") == _argv()[-6:]


def test_old_ssh_is_not_asked_for_what_it_does_not_know() -> None:
    """An unknown option ends ssh."""
    newer = {option for _, option in FORCED_SINCE}
    assert (set(), newer) == (newer & set(_argv(OLD)), newer & set(_argv(NEW)))


def test_first_hop_starts_no_jump_of_its_own() -> None:
    """The way is the one that was resolved, whatever the configuration says by now."""
    assert "ProxyJump=none" in _argv()


def test_hop_behind_another_goes_through_its_master_or_not_at_all() -> None:
    """A percent sign in a path is no token, at any depth."""
    argv = _argv(passage=passage_by(NEW, Path("/run/100%/1")))
    expected = "ProxyCommand=/usr/bin/ssh -F none -S /run/100%%%%/1 -o ProxyCommand=false -W '[%h]:%p' -- gateway"
    assert expected in argv


def test_every_forced_option_is_known_to_ssh(tmp_path: Path) -> None:
    """The installed ssh takes them all."""
    need("ssh")
    words = [word for option in FORCED for word in ("-o", option)]
    run = subprocess.run(("ssh", "-G", "-F", "none", *words, "host"), capture_output=True, text=True, check=False)
    assert (0, "") == (run.returncode, run.stderr)
