"""set-env on real accounts: every shell finds one go then, and undo leaves a home as it was."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.host.contexts import BOTH, COMMAND, INTERACTIVE, LOGIN, UNITS
from tests.host.test_shellenv import DEBIAN, DEBIAN_PROFILE, FEDORA, FEDORA_PROFILE
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, Done, finished, fresh_store
from tests.ops.debuggee import UNTOUCHED, Debuggee
from tests.ops.editors import debugging, stopped_editor
from tests.ops.rounds import Rounds
from tests.ops.test_remote_env import EMPTIED, HOME, NOISE, READS_NOTHING, Account
from tests.ops.test_xray import sdk

__all__ = ["sdk"]

OTHER = "other/bin"
INSTALL = f"{HOME}; mkdir -p {OTHER}; printf '#!/bin/sh\\necho another\\n' >{OTHER}/go; chmod 755 {OTHER}/go"
LATER = b'export PATH="$HOME/other/bin:$PATH"\n'
OLD_UBUNTU = b'# ~/.bashrc\n[ -z "$PS1" ] && \\\n  return\n' + LATER
SHELL_CONTEXTS = (COMMAND, LOGIN, INTERACTIVE, BOTH)


@pytest.fixture
def account(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Account]:
    """An account by its name, with another go in ~/other and nothing else."""
    account = Account(lab, getattr(request, "param", "sh-bash"))
    account.sh(f"tar -C {account.home} -cf {account.saved} .")
    account.sh(EMPTIED)
    account.sh(INSTALL)
    yield account
    account.sh(f"chmod -R u+rwX {account.home} 2>/dev/null; {EMPTIED}")
    account.sh(f"tar -C {account.home} -xpf {account.saved} && rm {account.saved}")


def run(controller: Controller, account: Account, sdk: str, *words: str) -> Done:
    """Run the verb on an account, for a go that is whole."""
    return controller.run("set-env", "--host", account.host, "--remote-go", f"{sdk}/bin/go", "--json", *words)


@pytest.fixture
def controller(lab: Lab, tmp_path: Path) -> Controller:
    """A developer's machine; its store is in the home of the account, and goes with it."""
    return Controller(lab, tmp_path)


def told(done: Done) -> dict[str, Any]:
    """The host's part of the document."""
    assert 0 == done.exit_code, done
    validate(done.document, schema("set-env"))
    return dict(done.document["hosts"][0])


def error(done: Done) -> tuple[int, str]:
    """How it failed, and what it says."""
    return done.exit_code, done.document["hosts"][0]["error"]["what"]


def finds(account: Account) -> dict[str, str]:
    """What each context finds, by its own word."""
    shell = account.user.removeprefix("sh-")
    start = f"env -i HOME={account.home} PATH=/usr/local/bin:/usr/bin:/bin {shell}"
    words = {LOGIN: f"{start} -lc 'command -v go'", INTERACTIVE: f"{start} -ic 'command -v go'"}
    said = {name: account.sh(f"{word} 2>/dev/null </dev/null || true") for name, word in words.items()}
    said[COMMAND] = account.lab.attempt(account.host, "command -v go").stdout
    said[BOTH] = account.lab.attempt(account.host, f"{shell} -ilc 'command -v go'").stdout
    found = {name: [line for line in said[name].splitlines() if line.endswith("/go")] for name in SHELL_CONTEXTS}
    return {name: lines[-1] if lines else "none" for name, lines in found.items()}


def quiet(account: Account) -> list[str]:
    """What a command that does nothing prints, and sftp."""
    done = account.lab.attempt(account.host, "true")
    sftp = ["sftp", "-q", "-F", str(account.lab.ssh_config), "-b", "-", account.host]
    listed = subprocess.run(sftp, input="pwd\n", capture_output=True, text=True, timeout=60)
    return [done.stdout, done.stderr, listed.stdout, str(listed.returncode)]


FISH_CONFIG = b"set -gx PATH ~/other/bin $PATH\n"
LAYOUTS = {
    "sh-bash": {
        "debian": {".bashrc": DEBIAN + LATER, ".profile": DEBIAN_PROFILE + LATER},
        "old ubuntu": {".bashrc": LATER + OLD_UBUNTU, ".bash_login": LATER + b"[ -t 9 ] && exec bash\n" + LATER},
        "fedora": {".bashrc": FEDORA + LATER, ".bash_profile": FEDORA_PROFILE + LATER},
    },
    "sh-zsh": {"all": dict.fromkeys((".zshenv", ".zprofile", ".zshrc", ".zlogin"), LATER)},
    "sh-fish": {"all": dict.fromkeys((".config/fish/config.fish", ".config/fish/conf.d/a.fish"), FISH_CONFIG)},
    "sh-dash": {"profile": {".profile": LATER}},
    "sh-ash": {"profile": {".profile": NOISE + LATER}},
}
CASES = [(user, layout) for user, layouts in LAYOUTS.items() for layout in layouts]


@pytest.mark.parametrize(("account", "layout"), CASES, indirect=["account"])
def test_every_shell_finds_one_go_and_undo_leaves_no_trace(
    controller: Controller, account: Account, sdk: str, layout: str
) -> None:
    """Though the user's files put another in front; nothing is printed that was not before; twice is once."""
    for name, text in LAYOUTS[account.user][layout].items():
        account.write(name, text)
    account.command(f"{account.user.removeprefix('sh-')} -ilc 'echo let the shell make what it makes by itself'")
    before, folders, said = account.fingerprint(), account.folders(), quiet(account)
    done, again = told(run(controller, account, sdk)), told(run(controller, account, sdk))
    go = f"{sdk}/bin/go"
    expected = {name: "none" if name == COMMAND and account.user in READS_NOTHING else go for name in SHELL_CONTEXTS}
    if account.user in READS_NOTHING:
        expected[INTERACTIVE] = "none"
    assert (expected, said) == (finds(account), quiet(account))
    assert ("written", "nothing to do", account.user not in READS_NOTHING) == (
        done["status"],
        again["status"],
        done["agrees"],
    )
    controller.run("undo", "--host", account.host)
    assert (before, folders) == (account.fingerprint(), account.folders())


@pytest.mark.parametrize("account", ["sh-zsh"], indirect=True)
def test_zsh_finds_one_go_where_zdotdir_has_its_files(controller: Controller, account: Account, sdk: str) -> None:
    """No line of a trace gets into a file that takes its errors; undo leaves no trace there either."""
    account.write(".zshenv", b"export ZDOTDIR=$HOME/.config/zsh\n")
    account.write(".config/zsh/.zshrc", b"exec 2>>$HOME/errors\n" + LATER)
    account.command("zsh -ilc 'echo let the shell make what it makes by itself'")
    before, folders = account.fingerprint(), account.folders()
    done = told(run(controller, account, sdk))
    found, errors = finds(account), account.read("errors")
    controller.run("undo", "--host", account.host)
    assert (dict.fromkeys(SHELL_CONTEXTS, f"{sdk}/bin/go"), "", True, before, folders) == (
        found,
        errors,
        done["agrees"],
        account.fingerprint(),
        account.folders(),
    )


def test_a_place_that_keeps_a_shell_from_agreeing_is_named(controller: Controller, account: Account, sdk: str) -> None:
    """A file that .bashrc reads at its end puts another go in front: its file and line, before and after."""
    account.write(".mine", b"# mine\n" + LATER)
    account.write(".bashrc", DEBIAN + b'. "$HOME/.mine"\n')
    done = told(run(controller, account, sdk))
    controller.run("undo", "--host", account.host)
    rows = {
        one["name"]: (one["before"], one["after"], one["because"]) for one in done["contexts"] if one["name"] != UNITS
    }
    other, go = f"{account.home}/{OTHER}/go", f"{sdk}/bin/go"
    assert {
        COMMAND: (None, go, None),
        LOGIN: (None, go, None),
        INTERACTIVE: (other, other, f"{account.home}/.mine:2"),
        BOTH: (None, go, None),
    } == rows


def test_a_goal_that_is_not_reached_is_said_right_after_the_result(
    controller: Controller, account: Account, sdk: str
) -> None:
    """In the status too; with what to do, and where."""
    account.write(".mine", b"# mine\n" + LATER)
    account.write(".bashrc", DEBIAN + b'. "$HOME/.mine"\n')
    first, again = (
        controller.run("set-env", "--host", account.host, "--remote-go", f"{sdk}/bin/go").stdout.splitlines()
        for _ in range(2)
    )
    place = f"{account.home}/.mine:2"
    assert [
        f"{account.host}: not yet one go everywhere:",
        f"{account.host}:   interactive finds {account.home}/{OTHER}/go, because of {place}",
        f"{account.host}:   try: move or remove {place}; run the same again to see",
    ] == [line for line in first if line.startswith(f"{account.host}: ")]
    assert (True, True) == (
        first[0].startswith(f"{account.host}  written, contexts differ  "),
        "  differs  " in again[0],
    )


def test_wrong_exports_are_named_and_left_alone(controller: Controller, account: Account, sdk: str) -> None:
    """GOROOT always, GOPROXY as it hides what is set in go's own file; with file and line."""
    mine = b"export GOROOT=/wrong\nexport GOPROXY=https://mine.example\nexport GOPATH=/mine\n"
    account.write(".profile", mine)
    done = told(run(controller, account, sdk, "--set", "GOPROXY=off"))
    kept = account.read(".profile").startswith(mine.decode())
    rows = {one["name"]: (one["contexts"], one["because"], one["hides"]) for one in done["exports"]}
    profile = f"{account.home}/.profile"
    expected = {"GOROOT": ([LOGIN, BOTH], f"{profile}:1", False), "GOPROXY": ([LOGIN, BOTH], f"{profile}:2", True)}
    assert (expected, True) == (rows, kept)


GO_FILE = ".config/go/env"


def go_says(account: Account, command: str) -> str:
    """The last line of what go says; that it counts its runs in the home is none of our doing, and is taken away."""
    said = account.command(command)
    account.sh(f"{HOME}; rm -rf .config/go/telemetry; rmdir .config/go .config 2>/dev/null || true")
    return said


FOREIGN = b"# mine\nGOSUMDB=sum.golang.org\nGOFLAGS=-v\nnonsense\n\xff\xfe=1\nGOFLAGS=-x"


def test_values_go_into_the_file_that_go_reads(controller: Controller, account: Account, sdk: str) -> None:
    """Among foreign lines that stay; go itself reads them; undo gives the bytes back."""
    account.write(GO_FILE, FOREIGN)
    before = account.fingerprint()
    words = ("--set", "GOFLAGS=-mod=mod -trimpath", "--set", "GOVCS=*:git")
    done, again = told(run(controller, account, sdk, *words)), told(run(controller, account, sdk, *words))
    said = go_says(account, "go env GOFLAGS GOSUMDB GOVCS | tr '\\n' ';'")
    rows = [(one["name"], one["was"]) for one in done["go_file"]["variables"]]
    controller.run("undo", "--host", account.host)
    assert (
        [("GOFLAGS", "-x"), ("GOVCS", None)],
        "nothing to do",
        "-mod=mod -trimpath;sum.golang.org;*:git;",
        before,
    ) == (rows, again["status"], said, account.fingerprint())


def test_a_profile_goes_into_a_file_that_goenv_names(controller: Controller, account: Account, sdk: str) -> None:
    """Its directory is made, and taken away again."""
    account.write(".bashrc", b"export GOENV=$HOME/elsewhere/go.env\n")
    before, folders = account.fingerprint(), account.folders()
    done = told(run(controller, account, sdk, "--profile", "extranet"))
    proxy = go_says(account, "go env GOPROXY")
    controller.run("undo", "--host", account.host)
    assert (f"{account.home}/elsewhere/go.env", "https://proxy.golang.org,direct", before, folders) == (
        done["go_file"]["path"],
        proxy,
        account.fingerprint(),
        account.folders(),
    )


def test_what_go_has_written_since_stays(controller: Controller, account: Account, sdk: str) -> None:
    """Only our values go; the one before ours is back, the user's new one stays."""
    account.write(GO_FILE, b"GOFLAGS=-v\n")
    told(run(controller, account, sdk, "--set", "GOFLAGS=-x", "--set", "GOSUMDB=off"))
    go_says(account, "go env -w GOVCS=*:git GOPROXY=direct; echo done")
    done = controller.run("undo", "--host", account.host)
    assert (0, "GOFLAGS=-v\nGOPROXY=direct\nGOVCS=*:git\n") == (done.exit_code, account.read(GO_FILE))


@pytest.mark.parametrize("word", ["GOROOT=/opt/go", "GOPROXIES=off", "GOPROXY=https://me:word@proxy.example"])
def test_what_go_env_refuses_is_refused_before_anything_is_asked(controller: Controller, word: str) -> None:
    """And what holds a secret, which is not repeated."""
    done = controller.run("set-env", "--host", "nowhere.example", "--set", word)
    assert (2, False) == (done.exit_code, "me:word" in done.stdout + done.stderr)


BROKEN = {
    "sh-bash": (".bashrc", b"if true; then\n"),
    "sh-zsh": (".zshenv", b"if true; then\n"),
    "sh-dash": (".profile", b"case a in\n"),
    "sh-ash": (".profile", b"echo 'open\n"),
    "sh-fish": (".config/fish/config.fish", b"set -gx PATH /x $PATH\nif true\n"),
}


@pytest.mark.parametrize("account", BROKEN, indirect=True)
def test_a_file_that_its_shell_cannot_read_is_left_as_it_was(
    controller: Controller, account: Account, sdk: str
) -> None:
    """In the words of that shell, with the name of the file; no other file is written either."""
    name, text = BROKEN[account.user]
    account.write(name, text)
    before = account.fingerprint()
    code, said = error(run(controller, account, sdk))
    path = f"{account.home}/{name}"
    assert (7, True, True, False, before) == (
        code,
        said.startswith(f"{path} was left as it was: "),
        "cannot read it even without our lines: " in said,
        "-check" in said,
        account.fingerprint(),
    )


def test_what_bash_reads_with_extglob_is_no_fault(controller: Controller, account: Account, sdk: str) -> None:
    """Files turn that on themselves, and a bash that only reads does not obey them."""
    account.write(".bashrc", b"shopt -s extglob\ncase x in !(a|b)) ;; esac\n")
    assert "written" == told(run(controller, account, sdk))["status"]


ODD = {
    "unreadable": ("chmod 000 .bashrc", "you may not read it"),
    "huge": ("head -c 300000 /dev/zero | tr '\\0' '#' >.bashrc", "it is larger than 256 KiB"),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_file_that_we_cannot_edit_is_named(controller: Controller, account: Account, sdk: str, odd: str) -> None:
    """And nothing else is written either."""
    account.write(".bashrc", DEBIAN)
    account.sh(f"{HOME}; {ODD[odd][0]}")
    before = account.fingerprint()
    done = error(run(controller, account, sdk))
    assert ((2, f"{account.home}/.bashrc was left alone: {ODD[odd][1]}"), before) == (done, account.fingerprint())


def test_a_file_of_somebody_elses_is_left_alone(controller: Controller, account: Account, sdk: str) -> None:
    """Replaced, it would be ours."""
    account.write(".bashrc", DEBIAN)
    account.lab.exec("app", "chown", "root", f"{account.home}/.bashrc", user="root")
    assert (2, f"{account.home}/.bashrc was left alone: it belongs to somebody else") == error(
        run(controller, account, sdk)
    )


def test_a_link_into_a_repository_of_dotfiles_stays_one(controller: Controller, account: Account, sdk: str) -> None:
    """The file it leads to is edited, with its line ends of another system, and put back byte for byte."""
    account.write("dotfiles/bashrc", DEBIAN + b"# caf\xe9\r\nalias l='ls'\r\n" + LATER)
    account.sh(f"{HOME}; ln -s dotfiles/bashrc .bashrc")
    before = account.fingerprint()
    told(run(controller, account, sdk))
    found, link = finds(account)[INTERACTIVE], account.sh(f"{HOME}; readlink .bashrc").strip()
    controller.run("undo", "--host", account.host)
    assert (f"{sdk}/bin/go", "dotfiles/bashrc", before) == (found, link, account.fingerprint())


def test_a_read_only_home_is_an_error_with_its_cause(controller: Controller, sdk: str) -> None:
    """A file system that cannot be written."""
    done = controller.run("set-env", "--host", "app-rohome", "--remote-go", f"{sdk}/bin/go")
    controller.run("undo", "--host", "app-rohome")
    assert (7, True) == (done.exit_code, "read-only file system" in done.stderr.lower())


def test_a_full_disk_is_an_error_with_its_cause(controller: Controller, lab: Lab, sdk: str) -> None:
    """No file loses its content."""
    full = Account(lab, "full")
    full.sh(f"{HOME}; echo '# mine' >.bashrc; cat /dev/zero >fill 2>/dev/null || true")
    done = controller.run("set-env", "--host", "app-full", "--remote-go", f"{sdk}/bin/go", "--json")
    kept = full.read(".bashrc")
    full.sh(f"{HOME}; rm -f fill")
    controller.run("undo", "--host", "app-full")
    full.sh(f"{HOME}; rm -f .bashrc")
    assert (7, "# mine\n") == (done.exit_code, kept)


def test_dry_shows_every_difference_and_touches_nothing(controller: Controller, account: Account, sdk: str) -> None:
    """The lines that are then written; a secret beside them is blotted out."""
    account.write(GO_FILE, b"GOPROXY=https://me:word@proxy.example\n")
    before = account.fingerprint()
    planned = told(run(controller, account, sdk, "--dry", "--set", "GOFLAGS=-v"))
    untouched = before == account.fingerprint()
    done = told(run(controller, account, sdk, "--set", "GOFLAGS=-v"))
    assert ("planned", True, planned["diff"], True, False) == (
        planned["status"],
        untouched,
        done["diff"],
        "+GOFLAGS=-v" in done["diff"],
        "me:word" in str(planned),
    )


def test_a_second_run_is_one_question(account: Account, sdk: str, lab: Lab) -> None:
    """The first asks, writes, and looks again."""
    from remotego.ops.set_env import Wish, set_env

    settings = Settings(remote_go=f"{sdk}/bin/go")
    with SshNetwork(lab.ssh_config) as network:
        rounds, counts = Rounds(network), []
        for _ in range(2):
            set_env(rounds, account.host, settings, Wish({"GOFLAGS": "-v"}), Silence(), dry=False)
            counts.append(rounds.take())
    assert [3, 1] == counts


SERVER = ".vscode-server/cli/servers/Stable-0123/server"
START = f"""{HOME}; mkdir -p {SERVER}/out; cp /bin/dash {SERVER}/node
echo 'while :; do sleep 0.2; done' >{SERVER}/out/server-main.js
export PATH="$HOME/other/bin:/usr/bin:/bin"
setsid {SERVER}/node "$HOME/{SERVER}/out/server-main.js" --port=0 >/dev/null 2>&1 </dev/null &
echo $!"""


def test_a_server_with_an_old_environment_is_named_and_ended(
    controller: Controller, account: Account, sdk: str
) -> None:
    """A process of the shape of VS Code's server, by its number; another user's and one that is no server stay."""
    pid = int(account.sh(START))
    bystander = int(account.sh("setsid sleep 300 >/dev/null 2>&1 </dev/null & echo $!"))
    named = told(run(controller, account, sdk))["servers"]
    ended = told(run(controller, account, sdk, "--restart-server"))
    again = told(run(controller, account, sdk, "--restart-server"))
    lives = account.sh(f"kill -0 {bystander} && echo yes; kill {bystander}").strip()
    rows = [(one["pid"], one["what"], one["go"], one["outcome"]) for one in (*named, *ended["servers"])]
    other = f"{account.home}/{OTHER}/go"
    assert (
        [(pid, "VS Code server", other, "kept"), (pid, "VS Code server", other, "ended")],
        ("restarted", "nothing to do", []),
        "yes",
    ) == (rows, (ended["status"], again["status"], again["servers"]), lives)


def test_a_debug_session_of_ours_goes_on(
    stocked: Controller, debuggee: Debuggee, lab: Lab, sdk: str, tmp_path: Path
) -> None:
    """While servers are ended beside it: its breakpoint is still hit then, and the process freed."""
    own = Controller(lab, tmp_path, fresh_store())
    with debugging(stocked, debuggee) as (child, ready):
        pid = int(lab.exec("app", "sh", "-c", START.replace("$HOME/other/bin:", "")))
        done = own.run("set-env", "--host", "app", "--remote-go", f"{sdk}/bin/go", "--restart-server", "--json")
        own.run("undo", "--host", "app")
        lab.exec("app", "sh", "-c", f"{HOME}; rm -rf .vscode-server")
        with stopped_editor(ready, debuggee):
            child.send_signal(signal.SIGINT)
            ended = finished(child)
    outcomes = {one["pid"]: one["outcome"] for one in told(done)["servers"]}
    assert ("ended", 0, UNTOUCHED) == (outcomes[pid], ended.exit_code, debuggee.state())
