"""profile.use on real accounts: go says in every context what the profile says, and the file of before comes back."""

import json
import re
import signal
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.settings import Layer, compose
from remotego.core.transport import Network
from remotego.ops.profile.aim import aim_at
from remotego.ops.profile.host import There, carry_out_there, look_there, plan_there
from remotego.ops.set_env import Wish, set_env
from remotego.ops.upkeep import undo
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, Done, running
from tests.ops.rounds import Rounds
from tests.ops.test_remote_env import EMPTIED, HOME, Account
from tests.ops.test_set_env import SERVER
from tests.ops.test_xray import sdk
from tests.patience import eventually

__all__ = ["sdk"]

GO_FILE = ".config/go/env"
MINE = b"# mine\nGOFLAGS=-v\nGOPROXY=https://before.example\n\xff\xfe=1\nGOVCS=*:git"
TOML = """
[profile.intranet]
goproxy = ["https://proxy.corp.example"]
host_goproxy = ["file://~/bundle"]
private = ["*.corp.example"]
goauth = ["netrc"]
[profile.mixed]
goproxy = ["https://proxy.corp.example"]
[profile.extranet]
"""
TABLES = tomllib.loads(TOML)["profile"]
TEAM = compose(
    [Layer("team", {f"profile.{name}.{key}": value for name, own in TABLES.items() for key, value in own.items()})]
)
SAYS = {
    "intranet": ("file://{home}/bundle,off", "none", "*.corp.example", "off", "local", "netrc"),
    "mixed": ("https://proxy.corp.example,off", "none", "*.corp.example", "sum.golang.org", "local", "netrc"),
    "extranet": (
        *("https://proxy.golang.org,direct", "*.corp.example", "*.corp.example", "sum.golang.org", "auto", "netrc"),
    ),
}
ASKED = "GOPROXY GONOPROXY GONOSUMDB GOSUMDB GOTOOLCHAIN GOAUTH"
SHELLS = {
    "bash": ("bash -lc", "bash -ilc", "bash -ic"),
    "zsh": ("zsh -lc", "zsh -ilc", "zsh -ic"),
    "fish": ("fish -lc", "fish -ilc", "fish -ic"),
}


@pytest.fixture
def account(lab: Lab, request: pytest.FixtureRequest, sdk: str) -> Iterator[Account]:
    """An account by its name, whose shell finds a real go, and with a file of go's own."""
    account = Account(lab, getattr(request, "param", "sh-bash"))
    account.sh(f"tar -C {account.home} -cf {account.saved} .")
    account.sh(EMPTIED)
    path = f"export PATH={sdk}/bin:$PATH\n".encode()
    for name in (".bashrc", ".profile", ".zshenv"):
        account.write(name, path)
    account.write(".config/fish/config.fish", f"set -gx PATH {sdk}/bin $PATH\n".encode())
    account.write(GO_FILE, MINE)
    yield account
    account.sh(f"chmod -R u+rwX {account.home} 2>/dev/null; {EMPTIED}")
    account.sh(f"tar -C {account.home} -xpf {account.saved} && rm {account.saved}")


@pytest.fixture
def controller(lab: Lab, tmp_path: Path) -> Controller:
    """A developer's machine with the profiles of a team; its store is in the home of the account."""
    return developer(lab, tmp_path / "one")


def developer(lab: Lab, folder: Path) -> Controller:
    """Make a machine."""
    folder.mkdir()
    (folder / "remotego.toml").write_text(TOML)
    return Controller(lab, folder, variables={"XDG_STATE_HOME": str(folder / "state")})


def use(controller: Controller, account: Account, profile: str, *words: str) -> dict[str, Any]:
    """Run the verb for an account; the host's part of the document."""
    done = controller.run("profile.use", profile, "--host", account.host, "--json", *words)
    return told(done)


def told(done: Done, code: int = 0) -> dict[str, Any]:
    """The first host's part of the document."""
    assert code == done.exit_code, done
    document = done.document
    validate(document, schema("profile-use"))
    return dict(document["hosts"][0])


def content(account: Account, name: str = GO_FILE) -> bytes:
    """The bytes of a file of the home."""
    return bytes.fromhex(account.sh(f"{HOME}; od -An -v -tx1 {name} | tr -d ' \\n'"))


def go_says(account: Account, sdk: str) -> set[tuple[str, ...]]:
    """What real go says, in each way of starting it: in a command, and in the login's shell."""
    shell = account.user.removeprefix("sh-")
    asked = [f"{sdk}/bin/go env {ASKED}", *(f"{way} 'go env {ASKED}'" for way in SHELLS[shell])]
    said = account.lab.attempt(account.host, "; ".join(f"echo @; {way} 2>/dev/null </dev/null" for way in asked))
    count = len(ASKED.split())
    answers = said.stdout.split("@\n")[1:]
    assert len(asked) == len(answers), said
    return {tuple(text.splitlines()[-count:]) for text in answers}


@pytest.fixture(scope="module")
def network(lab: Lab) -> Iterator[SshNetwork]:
    """One network for all: a connection per account."""
    with SshNetwork(lab.ssh_config) as network:
        yield network


def turn(network: Network, account: Account, profile: str, *, replace: bool = False) -> There:
    """Do in this process what the verb does for a host."""
    place = look_there(network, account.host, TEAM, Silence())
    plan = plan_there(account.host, aim_at(profile, TEAM, replace=replace), place)
    return carry_out_there(network, plan, Silence(), restart=False, dry=False)


def expected(profile: str, account: Account) -> set[tuple[str, ...]]:
    """What a profile says, for an account."""
    return {tuple(one.format(home=account.home) for one in SAYS[profile])}


@pytest.mark.parametrize("account", ["sh-bash", "sh-zsh", "sh-fish"], indirect=True)
def test_go_says_what_each_profile_says_and_none_gives_the_bytes_of_before(
    network: SshNetwork, account: Account, sdk: str
) -> None:
    """In every context, after each change, and no context says otherwise."""
    for profile in ("intranet", "extranet"):
        done = turn(network, account, profile)
        assert ((), expected(profile, account)) == (done.contradictions, go_says(account, sdk))
    turn(network, account, "none")
    assert MINE == content(account)


def test_the_verb_shows_writes_and_finds_nothing_to_do(controller: Controller, account: Account, sdk: str) -> None:
    """What is shown before is what is written, and twice is once."""
    planned = use(controller, account, "mixed", "--dry")
    assert ("planned", MINE) == (planned["status"], content(account))
    done, again = use(controller, account, "mixed"), use(controller, account, "mixed")
    assert ("written", planned["diff"], [], "nothing to do") == (
        done["status"],
        done["diff"],
        done["contradictions"],
        again["status"],
    )
    assert expected("mixed", account) == go_says(account, sdk)
    done, again = use(controller, account, "none"), use(controller, account, "none")
    assert ("removed", MINE, "nothing to do") == (done["status"], content(account), again["status"])


def test_nothing_is_left_where_nothing_was(network: SshNetwork, account: Account) -> None:
    """No file, no directory of go's, and none of ours."""
    account.sh(f"{HOME}; rm -r .config/go")
    before = account.folders()
    for profile in ("intranet", "extranet", "none"):
        turn(network, account, profile)
    assert before == account.folders()


def test_what_others_write_meanwhile_stays(network: SshNetwork, account: Account, sdk: str) -> None:
    """Appended by hand, or by go itself, which sorts the file."""
    turn(network, account, "intranet")
    account.sh(f"{HOME}; echo GONOPROXYX=1 >>{GO_FILE}")
    turn(network, account, "mixed")
    account.sh(f"{HOME}; export HOME; {sdk}/bin/go env -w GOINSECURE=x.example; rm -rf .config/go/telemetry")
    turn(network, account, "extranet")
    turn(network, account, "none")
    mine = {line for line in MINE.split(b"\n") if b"=" in line and not line.startswith(b"\xff")}
    assert {*mine, b"GOINSECURE=x.example"} <= set(content(account).split(b"\n"))
    ours = re.findall(rb"^(?:GOSUMDB|GOPRIVATE|GONOPROXY|GONOSUMDB|GOTOOLCHAIN|GOAUTH)=", content(account), re.M)
    assert [] == ours


def test_what_the_user_has_changed_is_named_and_stays(controller: Controller, account: Account) -> None:
    """Through a change of profile, and to none; --replace takes its place."""
    use(controller, account, "intranet")
    account.sh(f"{HOME}; sed -i 's/^GOSUMDB=.*/GOSUMDB=sum.mine.example/' {GO_FILE}")
    shown = controller.run("profile.show", "--host", account.host, "--json").document
    validate(shown, schema("profile-show"))
    host = shown["hosts"][0]
    changed = [{"name": "GOSUMDB", "value": "sum.mine.example"}]
    assert ("drifted", "intranet", changed) == (host["status"], host["profile"], host["changed"])
    done = use(controller, account, "mixed")
    assert ("written, differs", changed) == (done["status"], done["changed"])
    again = use(controller, account, "mixed")
    assert ("differs", b"GOSUMDB=sum.mine.example\n" in content(account)) == (again["status"], True)
    replaced = use(controller, account, "mixed", "--replace")
    assert ("written", b"GOSUMDB=sum.golang.org\n" in content(account)) == (replaced["status"], True)


def test_one_host_that_cannot_be_reached_stops_no_other(controller: Controller, account: Account, lab: Lab) -> None:
    """It is named, with what to do; the next run finds the others done."""
    words = ("profile.use", "mixed", "--json", "--host", "nobody.invalid", "--host", account.host)
    done, again = controller.run(*words), controller.run(*words)
    rows = [[(one["host"], one["status"]) for one in each.document["hosts"]] for each in (done, again)]
    assert (3, [("nobody.invalid", "failed"), (account.host, "written")]) == (done.exit_code, rows[0])
    assert [("nobody.invalid", "failed"), (account.host, "nothing to do")] == rows[1]


def test_a_file_that_may_not_be_written_is_as_it_was(controller: Controller, account: Account) -> None:
    """A directory without the right to write: named, and the same run later does it."""
    account.sh(f"{HOME}; chmod 500 .config/go")
    done = controller.run("profile.use", "mixed", "--host", account.host, "--json")
    host = told(done, done.exit_code)
    assert ("failed", "locked-place", MINE) == (host["status"], host["error"]["code"], content(account))
    account.sh(f"{HOME}; chmod 700 .config/go")
    assert "written" == use(controller, account, "mixed")["status"]


STORE = ".local/share/remotego/journal"


@pytest.mark.parametrize(("edited", "then"), [(True, "extranet"), (False, "extranet"), (True, "none"), (False, "undo")])
def test_a_change_that_broke_off_is_completed_or_taken_back(
    network: SshNetwork, account: Account, then: str, edited: bool
) -> None:
    """Power went between the new entry, the edit and the end of the old entry: both entries are there then."""
    turn(network, account, "intranet")
    account.sh(f"{HOME}; cp -a {STORE} old; cp -a {GO_FILE} old.env")
    turn(network, account, "mixed")
    account.sh(f"{HOME}; cp -an old/. {STORE}/; rm -r old; {'rm' if edited else f'cp old.env {GO_FILE}; rm'} old.env")
    if then == "undo":
        undo(network, account.host, TEAM, Silence(), dry=False)
    else:
        turn(network, account, then)
        turn(network, account, "none")
    assert (MINE, "") == (content(account), account.sh(f"{HOME}; ls {STORE} 2>/dev/null || true"))


def test_undo_takes_back_profiles_among_other_changes(network: SshNetwork, account: Account, sdk: str) -> None:
    """A value that set-env has put beside them goes too, in whatever order they came."""
    settings = replace(TEAM, remote_go=f"{sdk}/bin/go")
    for profile, name in (("intranet", "GOINSECURE"), ("mixed", "GOVCS")):
        turn(network, account, profile)
        set_env(network, account.host, settings, Wish({name: "x.example:git"}), Silence(), dry=False)
    undo(network, account.host, TEAM, Silence(), dry=False)
    assert MINE == content(account)


def test_undo_takes_back_changes_between_which_somebody_wrote(network: SshNetwork, account: Account, sdk: str) -> None:
    """The file is as the last of them left it, and was never as the one before did: only our values go."""
    settings = replace(TEAM, remote_go=f"{sdk}/bin/go")
    set_env(network, account.host, settings, Wish({"GOINSECURE": "x.example"}), Silence(), dry=False)
    account.sh(f"{HOME}; echo GOAMD64=v2 >>{GO_FILE}")
    set_env(network, account.host, settings, Wish({"GOFLAGS": "-x"}), Silence(), dry=False)
    undo(network, account.host, TEAM, Silence(), dry=False)
    assert MINE + b"\nGOAMD64=v2\n" == content(account)


def test_two_controllers_at_once_leave_one_profile_whole(lab: Lab, account: Account, tmp_path: Path) -> None:
    """Whoever comes second is told so or comes after; none gives the bytes of before."""
    machines = [developer(lab, tmp_path / name) for name in ("a", "b")]
    wanted = ("intranet", "extranet")
    words = ("--host", account.host, "--json")
    children = [one.start("profile.use", name, *words) for one, name in zip(machines, wanted, strict=True)]
    for child in children:
        with running(child):
            child.communicate(timeout=240)
    host = machines[0].run("profile.show", "--host", account.host, "--json").document["hosts"][0]
    assert (True, []) == (host["profile"] in wanted, host["differences"])
    use(machines[0], account, "none")
    assert MINE == content(account)


def test_a_killed_command_leaves_the_old_or_the_new(controller: Controller, account: Account) -> None:
    """SIGKILL as soon as anything of the new one is there; the next run completes it."""
    use(controller, account, "intranet")
    old = content(account)
    count = int(account.sh(f"{HOME}; ls {STORE} | wc -l"))
    with running(controller.start("profile.use", "extranet", "--host", account.host)) as child:
        assert eventually(
            lambda: (
                child.poll() is not None
                or count != int(account.sh(f"{HOME}; ls {STORE} | wc -l"))
                or old != content(account)
            )
        )
        child.send_signal(signal.SIGKILL)
    use(controller, account, "extranet")
    new = b"GOPROXY=https://proxy.golang.org,direct\n" in content(account)
    use(controller, account, "none")
    assert (True, MINE) == (new, content(account))


def test_an_export_that_hides_the_profile_is_named_with_its_line(controller: Controller, account: Account) -> None:
    """It is left alone; go says there what it says."""
    account.sh(f"{HOME}; echo 'export GOPROXY=https://exported.example' >>.profile")
    done = use(controller, account, "mixed")
    rows = [(one["name"], one["value"], one["cause"]) for one in done["contradictions"]]
    assert ("written, differs", [("GOPROXY", "https://exported.example", f"{account.home}/.profile:2")]) == (
        done["status"],
        rows,
    )


def test_a_server_with_an_older_value_is_named_and_ended_on_demand(controller: Controller, account: Account) -> None:
    """One that exports nothing is no matter: its go reads the file."""
    start = f"""{HOME}; mkdir -p {SERVER}/out; cp /bin/dash {SERVER}/node
echo 'while :; do sleep 0.2; done' >{SERVER}/out/server-main.js
GOPROXY=https://old.example setsid {SERVER}/node "$HOME/{SERVER}/out/server-main.js" >/dev/null 2>&1 </dev/null &
echo $!"""
    pid = int(account.sh(start))
    named = use(controller, account, "mixed")["servers"]
    ended = use(controller, account, "mixed", "--restart-server")
    again = use(controller, account, "mixed", "--restart-server")
    assert ([(pid, "kept")], [(pid, "ended")], "restarted", "nothing to do") == (
        [(one["pid"], one["outcome"]) for one in named],
        [(one["pid"], one["outcome"]) for one in ended["servers"]],
        ended["status"],
        again["status"],
    )


def test_round_trips(network: SshNetwork, account: Account) -> None:
    """A question, a change and a look; one where there is nothing to do."""
    rounds, counts = Rounds(network), []
    for _ in range(2):
        turn(rounds, account, "mixed")
        counts.append(rounds.take())
    assert [3, 1] == counts


def test_a_profile_that_leaks_is_refused_before_anything_is_asked(controller: Controller, account: Account) -> None:
    """By the same rule as gen-settings; what only hosts ask is held to it too."""
    text = TOML.replace('["file://~/bundle"]', '["https://proxy.golang.org"]')
    (controller.folder / "remotego.toml").write_text(text)
    done = controller.run("profile.use", "intranet", "--host", account.host, "--json")
    assert (2, "leaking-profile", MINE) == (
        done.exit_code,
        json.loads(done.stdout)["error"]["code"],
        content(account),
    )
