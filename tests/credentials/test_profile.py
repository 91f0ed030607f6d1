"""Profiles beside an auth.connect: both write GOAUTH, and neither takes the other's away."""

from pathlib import Path

import pytest

from remotego.core.progress import Silence
from remotego.core.settings import Layer, Settings, compose
from remotego.ops.profile.aim import aim_at
from remotego.ops.profile.host import There, carry_out_there, look_there, plan_there
from remotego.ops.upkeep import undo
from tests.credentials.conftest import Ground
from tests.credentials.forge import go
from tests.credentials.lent import Fixed, Ready, allow, lent
from tests.credentials.test_connect import ls_remote

GOAUTH = ["git /home/dev/src", "netrc"]
TEAM = compose([Layer("team", {"profile.extranet.goauth": GOAUTH, "profile.intranet.private": ["*.corp.example"]})])
AGENT = "/store/agent-"


def turn(ground: Ground, profile: str) -> There:
    """Do what profile.use does on the host."""
    network = Fixed(ground.host)
    plan = plan_there("here", aim_at(profile, TEAM), look_there(network, "here", TEAM, Silence()))
    return carry_out_there(network, plan, Silence(), restart=False, dry=False)


def goauth(ground: Ground) -> str:
    """What go's own file says, without the agent's digest."""
    file = ground.home / ".config/go/env"
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition("=")[2] for line in lines if line.startswith("GOAUTH=")), "")


def kept(ground: Ground) -> dict[str, bytes]:
    """Give all files of the home, but those that go keeps for itself."""
    files = {str(path.relative_to(ground.home)): path for path in ground.home.rglob("*") if path.is_file()}
    own = (".cache/", ".config/go/telemetry/")
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith(own)}


@pytest.fixture
def login(ground: Ground) -> Ground:
    """A host whose shells find a go."""
    for name in (".profile", ".bashrc"):
        (ground.home / name).write_text(f"export PATH={go().parent}:$PATH\n")
    return ground


def test_a_profile_that_goes_leaves_a_connection_alone(login: Ground) -> None:
    """Its socket, what git includes, and what go asks."""
    with lent(Fixed(login.host), allow(f"{login.forge.url}/team")) as lending:
        ready = next(one for one in lending.told if isinstance(one, Ready))
        for profile in ("extranet", "none"):
            turn(login, profile)
            assert (0, True) == (ls_remote(login).returncode, Path(ready.up.socket).exists())
            assert AGENT in goauth(login).split(";")[0]


def test_what_the_documentation_shows_is_what_go_says(login: Ground) -> None:
    """A goauth with arguments does not differ from itself, alone or beside a connection, and twice is once."""
    first = turn(login, "extranet")
    with lent(Fixed(login.host), allow(f"{login.forge.url}/team")):
        pass
    beside = turn(login, "extranet")
    assert ([(), ()], [True, False]) == (
        [one.contradictions for one in (first, beside)],
        [one.plan.is_due for one in (first, beside)],
    )
    assert "git /home/dev/src;netrc" == goauth(login).partition(";")[2]


@pytest.mark.parametrize("none", [True, False])
def test_after_both_the_home_is_as_before(login: Ground, none: bool) -> None:
    """A profile, a connection, the end of the profile, undo: nothing of either stays."""
    before = kept(login)
    turn(login, "extranet")
    with lent(Fixed(login.host), allow(f"{login.forge.url}/team")):
        pass
    if none:
        turn(login, "none")
        assert "netrc" == goauth(login).partition(";")[2]
    undo(Fixed(login.host), "here", Settings(), Silence(), dry=False)
    assert before == kept(login)
