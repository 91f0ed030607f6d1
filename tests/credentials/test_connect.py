"""A real git and a real go get private code by a connection, and only by it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.credentials.conftest import Ground
from tests.credentials.forge import CANARY, PROXIED, VERSION, environment, go
from tests.credentials.lent import Fixed, allow, lent

LIMIT_S = 120


def run(*words: str, env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run as somebody on the host would."""
    return subprocess.run(words, env=env, cwd=cwd, capture_output=True, text=True, timeout=LIMIT_S)


def ls_remote(ground: Ground, **more: str) -> subprocess.CompletedProcess[str]:
    """Have git ask for the private repository."""
    url = f"{ground.forge.url}/team/svc.git"
    return run("git", "ls-remote", url, env=environment(ground.home, ground.forge, **more), cwd=ground.home)


def download(ground: Ground, **more: str) -> subprocess.CompletedProcess[str]:
    """Have go ask the private proxy."""
    env = environment(ground.home, ground.forge, GOPROXY=f"{ground.forge.url}/proxy", **more)
    return run(str(go()), "mod", "download", f"{PROXIED}@{VERSION}", env=env, cwd=ground.home)


def test_git_and_go_get_private_code_while_a_connection_lasts(ground: Ground) -> None:
    """Neither gets it before, both get it then, and neither afterwards."""
    url = ground.forge.url
    before = ls_remote(ground).returncode, download(ground).returncode
    with lent(Fixed(ground.host), allow(f"{url}/team", f"{url}/proxy")) as lending:
        during = ls_remote(ground), download(ground)
    after = ls_remote(ground).returncode, download(ground, GOMODCACHE=str(ground.home / "anew")).returncode
    assert ((128, 1), (0, 0), (128, 1)) == (before, tuple(one.returncode for one in during), after), during
    assert {"granted"} == set(lending.outcomes)
    assert "refs/tags/v1.0.0" in during[0].stdout
