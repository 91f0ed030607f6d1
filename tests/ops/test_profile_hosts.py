"""profile.use on real accounts: go says in every context what the profile says, and the file of before comes back."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.settings import Layer, Settings, compose
from remotego.ops.profile.aim import aim_at
from remotego.ops.profile.host import carry_out_there, look_there, plan_there
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
    ways = [f"{sdk}/bin/go env {ASKED}", *(f"{way} '{sdk}/bin/go env {ASKED}'" for way in SHELLS[shell])]
    ways += [f"{way} 'go env {ASKED}'" for way in SHELLS[shell]]
    said = [account.lab.attempt(account.host, f"{way} 2>/dev/null </dev/null").stdout for way in ways]
    count = len(ASKED.split())
    return {tuple(text.splitlines()[-count:]) for text in said}


def expected(profile: str, account: Account) -> set[tuple[str, ...]]:
    """What a profile says, for an account."""
    return {tuple(one.format(home=account.home) for one in SAYS[profile])}


@pytest.mark.parametrize("account", ["sh-bash", "sh-zsh", "sh-fish"], indirect=True)
def test_go_says_what_each_profile_says_and_none_gives_the_bytes_of_before(
    controller: Controller, account: Account, sdk: str
) -> None:
    """In every context, after each change; what is shown before is what is written, and twice is once."""
    for profile in ("intranet", "mixed", "extranet"):
        before = content(account)
        planned = use(controller, account, profile, "--dry")
        assert ("planned", before) == (planned["status"], content(account))
        done, again = use(controller, account, profile), use(controller, account, profile)
        assert ("written", planned["diff"], [], "nothing to do") == (
            done["status"],
            done["diff"],
            done["contradictions"],
            again["status"],
        )
        assert expected(profile, account) == go_says(account, sdk)
    done, again = use(controller, account, "none"), use(controller, account, "none")
    assert ("removed", MINE, "nothing to do") == (done["status"], content(account), again["status"])


def test_nothing_is_left_where_nothing_was(controller: Controller, account: Account) -> None:
    """No file, no directory of go's, and none of ours."""
    account.sh(f"{HOME}; rm -r .config/go")
    before = account.folders()
    use(controller, account, "intranet")
    use(controller, account, "extranet")
    use(controller, account, "none")
    assert before == account.folders()


def test_what_others_write_meanwhile_stays(controller: Controller, account: Account, sdk: str) -> None:
    """Appended by hand, or by go itself, which sorts the file."""
    use(controller, account, "intranet")
    account.sh(f"{HOME}; echo GONOPROXYX=1 >>{GO_FILE}")
    use(controller, account, "mixed")
    account.sh(f"{HOME}; export HOME; {sdk}/bin/go env -w GOINSECURE=x.example; rm -rf .config/go/telemetry")
    use(controller, account, "extranet")
    use(controller, account, "none")
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


@pytest.mark.parametrize("edited", [True, False], ids=["the edit was made", "only the entry was"])
@pytest.mark.parametrize("then", ["extranet", "none", "undo"])
def test_a_change_that_broke_off_is_completed_or_taken_back(
    controller: Controller, account: Account, then: str, edited: bool
) -> None:
    """Power went between the new entry, the edit and the end of the old entry: both entries are there then."""
    use(controller, account, "intranet")
    account.sh(f"{HOME}; cp -a {STORE} old; cp -a {GO_FILE} old.env")
    use(controller, account, "mixed")
    account.sh(f"{HOME}; cp -an old/. {STORE}/; rm -r old")
    account.sh(f"{HOME}; {'rm' if edited else f'cp old.env {GO_FILE}; rm'} old.env")
    if then == "undo":
        assert 0 == controller.run("undo", "--host", account.host).exit_code
    else:
        use(controller, account, then)
        use(controller, account, "none")
    entries = account.sh(f"{HOME}; ls {STORE} 2>/dev/null || true")
    assert (MINE, "") == (content(account), entries)


def test_undo_takes_back_profiles_among_other_changes(controller: Controller, account: Account, sdk: str) -> None:
    """A value that set-env has put beside them goes too, in whatever order they came."""
    use(controller, account, "intranet")
    words = ("--host", account.host, "--remote-go", f"{sdk}/bin/go")
    assert 0 == controller.run("set-env", *words, "--set", "GOINSECURE=x.example").exit_code
    use(controller, account, "mixed")
    assert 0 == controller.run("set-env", *words, "--set", "GOVCS=*:all").exit_code
    done = controller.run("undo", "--host", account.host)
    assert (0, MINE) == (done.exit_code, content(account)), done


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


def settings_of_team() -> Settings:
    """The profiles, as remotego.toml gives them."""
    return compose([Layer("t", {"profile.mixed.private": ["*.corp.example"]})])


def test_round_trips(lab: Lab, account: Account) -> None:
    """A question, a change and a look; one where there is nothing to do."""
    settings, counts = settings_of_team(), []
    with SshNetwork(lab.ssh_config) as network:
        rounds = Rounds(network)
        for _ in range(2):
            place = look_there(rounds, account.host, settings, Silence())
            plan = plan_there(account.host, aim_at("mixed", settings), place)
            carry_out_there(rounds, plan, Silence(), restart=False, dry=False)
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
