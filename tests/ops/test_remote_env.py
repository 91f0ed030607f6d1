"""gen-remote-env on real accounts: who finds go then, and that undo leaves a home as it was."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from tests.host.test_shellenv import DEBIAN, DEBIAN_PROFILE, FEDORA, FEDORA_PROFILE
from tests.lab.lab import Lab
from tests.ops.controllers import Controller

SDK = "sdk/go1.27.1"
MACHINE = ".vscode-server/data/Machine/settings.json"
NOISE = b'echo "noise from $0"\n'
HOME = 'cd "$HOME" || exit 1'

INSTALL = f"""{HOME}; mkdir -p {SDK}/bin && echo go1.27.1 >{SDK}/VERSION
printf '#!/bin/sh\\necho a go\\n' >{SDK}/bin/go; chmod 755 {SDK}/bin/go"""

FINGERPRINT = (
    f"""{HOME}; find . ! -type d -printf '%m %y %p %l %T@\\n' | sort; find . -type f -exec sha256sum {{}} + | sort"""
)
EMPTIED = f"{HOME}; find . -mindepth 1 -delete"


class Account:
    """A login of app whose home is put back at the end."""

    def __init__(self, lab: Lab, user: str) -> None:
        self.lab, self.user, self.home, self.saved = lab, user, f"/home/{user}", f"/var/tmp/{user}.tar"

    @property
    def host(self) -> str:
        """Its name in ssh_config."""
        return f"app-{self.user.removeprefix('sh-')}"

    def sh(self, script: str) -> str:
        """Run a script as that user, without SSH and without a start-up file."""
        return self.lab.exec("app", "env", f"HOME={self.home}", "sh", "-c", script, user=self.user)

    def write(self, name: str, text: bytes) -> None:
        """Put a file into the home."""
        octal = "".join(f"\\{byte:03o}" for byte in text)
        self.sh(f"{HOME}; mkdir -p \"$(dirname '{name}')\"; printf '{octal}' >'{name}'")

    def read(self, name: str) -> str:
        """A file of the home."""
        return self.sh(f"{HOME}; cat {name}")

    def fingerprint(self) -> str:
        """Every file of the home: mode, kind, time, bytes."""
        return self.sh(FINGERPRINT)

    def folders(self) -> str:
        """Every directory of the home."""
        return self.sh(f"{HOME}; find . -mindepth 1 -type d | sort")

    def command(self, text: str) -> str:
        """Last line of what `ssh host command` prints."""
        return self.lab.ssh(self.host, text).splitlines()[-1]


@pytest.fixture
def account(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Account]:
    """An account by its name, with a go in its ~/sdk and nothing else."""
    account = Account(lab, request.param)
    account.sh(f"tar -C {account.home} -cf {account.saved} .")
    account.sh(EMPTIED)
    account.sh(INSTALL)
    yield account
    account.sh(EMPTIED)
    account.sh(f"tar -C {account.home} -xpf {account.saved} && rm {account.saved}")


def gen(controller: Controller, account: Account, *words: str) -> dict[str, object]:
    """Run the verb on an account; its part of the document."""
    done = controller.run("gen-remote-env", "--host", account.host, "--json", *words)
    assert 0 == done.exit_code, done
    validate(done.document, schema("gen-remote-env"))
    return dict(done.document["hosts"][0])


LAYOUTS = {
    "sh-bash": {
        "no files": {},
        "debian": {".bashrc": DEBIAN, ".profile": DEBIAN_PROFILE},
        "fedora": {".bashrc": FEDORA, ".bash_profile": FEDORA_PROFILE},
        "noisy": {".bashrc": NOISE, ".bash_login": NOISE + b"[ -t 0 ] && exec bash -i\n", ".profile": b"caf\xe9=1"},
    },
    "sh-dash": {"no files": {}, "noisy": {".profile": NOISE}},
    "sh-ash": {"noisy": {".profile": NOISE}},
    "sh-zsh": {"no files": {}, "noisy": {".zshenv": NOISE, ".zprofile": NOISE, ".zshrc": NOISE}},
    "sh-fish": {"no files": {}, "noisy": {".config/fish/config.fish": b"echo noise\n"}},
}
CASES = [(user, layout) for user, layouts in LAYOUTS.items() for layout in layouts]
READS_NOTHING = ("sh-dash", "sh-ash")


@pytest.mark.parametrize(("account", "layout"), CASES, indirect=["account"])
def test_go_is_found_and_undo_leaves_the_home_as_it_was(controller: Controller, account: Account, layout: str) -> None:
    """In a login shell as VS Code's server asks it, in a command; with a second run that has nothing to do."""
    for name, text in LAYOUTS[account.user][layout].items():
        account.write(name, text)
    shell = account.user.removeprefix("sh-")
    account.command(f"{shell} -ilc 'echo let the shell make what it makes by itself'")
    before, folders = account.fingerprint(), account.folders()
    planned = gen(controller, account, "--dry")
    assert ("planned", before) == (planned["status"], account.fingerprint())
    done, again = gen(controller, account), gen(controller, account)
    assert ("written", "nothing to do", planned["diff"]) == (done["status"], again["status"], done["diff"])
    go = f"{account.home}/{SDK}/bin/go"
    assert go == account.command(f"{shell} -ilc 'command -v go' 2>/dev/null")
    found = account.lab.attempt(account.host, "command -v go").stdout.splitlines()[-1:]
    assert found == ([] if account.user in READS_NOTHING else [go])
    controller.run("undo", "--host", account.host)
    assert (before, folders) == (account.fingerprint(), account.folders())


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_machine_settings_keep_what_is_there(controller: Controller, account: Account) -> None:
    """Comments and foreign keys stay; every editor's server that is there has the tools."""
    mine = b'{\n  // mine\n  "go.alternateTools": {"gopls": "/mine"},\n  "x": "\xc3\xa9" // last\n}\n'
    account.write(MACHINE, mine)
    account.sh(f"{HOME}; mkdir -p .cursor-server")
    gen(controller, account)
    text, go = account.read(MACHINE), f"{account.home}/{SDK}/bin/go"
    expected = mine.decode().replace('"/mine"}', f'"/mine", "go": "{go}"}}')
    cursor = json.loads(account.read(".cursor-server/data/Machine/settings.json"))
    assert (expected, {"go.alternateTools": {"go": go}}) == (text, cursor)


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_settings_changed_since_lose_only_our_tools(controller: Controller, account: Account) -> None:
    """What the user has written after us is the user's; the tool that stood there before us is back."""
    account.write(MACHINE, b'{"go.alternateTools": {"go": "/mine/go"}, "a": 1}\n')
    gen(controller, account)
    account.sh(f'{HOME}; sed -i \'s/"a": 1/"a": 2/\' {MACHINE}')
    done = controller.run("undo", "--host", account.host)
    assert (0, '{"go.alternateTools": {"go": "/mine/go"}, "a": 2}\n') == (done.exit_code, account.read(MACHINE))


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_settings_that_cannot_be_read_are_left_alone(controller: Controller, account: Account) -> None:
    """With file, line and column, and nothing else written either."""
    account.write(MACHINE, b"{\n  oops\n}\n")
    before = account.fingerprint()
    done = controller.run("gen-remote-env", "--host", account.host)
    assert (2, True, before) == (done.exit_code, f"{MACHINE}:2:3" in done.stderr, account.fingerprint())


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_a_read_only_file_keeps_its_mode_and_is_taken_back(controller: Controller, account: Account) -> None:
    """A dotfiles manager's file: its mode is no word about who may change it."""
    account.write(".bashrc", DEBIAN)
    account.sh(f"{HOME}; chmod 444 .bashrc")
    before = account.fingerprint()
    done = controller.run("gen-remote-env", "--host", account.host)
    mode = account.sh(f"{HOME}; stat -c %a .bashrc").split()[-1]
    assert (0, "444") == (done.exit_code, mode), done.stderr
    controller.run("undo", "--host", account.host)
    assert before == account.fingerprint()


def test_a_read_only_home_is_an_error_with_its_cause(controller: Controller) -> None:
    """And nothing is left in the store."""
    done = controller.run("gen-remote-env", "--host", "app-rohome", "--remote-go", "/usr/bin/env")
    again = controller.run("undo", "--host", "app-rohome")
    assert (7, True, True) == (
        done.exit_code,
        "Read-only file system" in done.stderr,
        "undone" in again.stdout or "nothing to do" in again.stdout,
    )


def test_a_shell_we_do_not_know_gets_settings_only(controller: Controller) -> None:
    """tcsh reads none of the files we write, and the report says so."""
    done = controller.run(
        "gen-remote-env", "--host", "app-tcsh", "--remote-go", "/opt/ticker/ticker-debug", "--json", "--dry"
    )
    one = done.document["hosts"][0]
    assert ([f"/home/sh-tcsh/{MACHINE}"], {"login": False, "command": False}) == (one["files"], one["reaches"])


def test_a_go_that_is_not_there_is_an_error(controller: Controller) -> None:
    """With the way to name another."""
    done = controller.run("gen-remote-env", "--host", "app", "--remote-go", "/nowhere/go")
    assert (5, True) == (done.exit_code, "there is no go command at /nowhere/go" in done.stderr)


@pytest.mark.parametrize("account", ["sh-dash"], indirect=True)
def test_one_question_and_one_answer(controller: Controller, account: Account, lab: Lab) -> None:
    """A connection is one round trip to ask and one to write; a second run asks only."""
    from remotego.adapters.ssh.network import SshNetwork
    from remotego.core.progress import Silence
    from remotego.core.settings import Settings
    from remotego.ops.remote_env import gen_remote_env
    from tests.ops.rounds import Rounds

    settings = Settings(store=controller.store)
    with SshNetwork(lab.ssh_config) as network:
        rounds = Rounds(network)
        counts = []
        for _ in range(2):
            gen_remote_env(rounds, account.host, settings, Silence(), dry=False)
            counts.append(rounds.take())
    controller.run("undo", "--host", account.host)
    assert [2, 1] == counts


@pytest.mark.parametrize("account", ["sh-dash"], indirect=True)
def test_a_devcontainer_gets_the_path(controller: Controller, account: Account) -> None:
    """Its comments stay; a second run changes nothing."""
    file = controller.folder / ".devcontainer" / "devcontainer.json"
    file.parent.mkdir()
    file.write_text('{\n\t// mine\n\t"image": "x"\n}\n')
    done = [
        controller.run("gen-remote-env", "--host", account.host, "--json").document["devcontainer"] for _ in range(2)
    ]
    controller.run("undo", "--host", account.host)
    path = f"{account.home}/{SDK}/bin:${{containerEnv:PATH}}"
    expected = f'{{\n\t// mine\n\t"image": "x",\n\t"remoteEnv": {{\n\t\t"PATH": "{path}"\n\t}}\n}}\n'
    assert (["written", "nothing to do"], expected) == ([one["status"] for one in done], file.read_text())


@pytest.mark.parametrize("account", ["sh-dash"], indirect=True)
def test_print_writes_nothing(controller: Controller, account: Account, tmp_path: Path) -> None:
    """The block is there to copy."""
    (tmp_path / ".devcontainer.json").write_text("{}\n")
    before = account.fingerprint()
    done = controller.run("gen-remote-env", "--host", account.host, "--print")
    block = json.loads("{" + done.stdout + "}")
    expected = {"remoteEnv": {"PATH": f"{account.home}/{SDK}/bin:${{containerEnv:PATH}}"}}
    assert (expected, before, "{}\n") == (block, account.fingerprint(), (tmp_path / ".devcontainer.json").read_text())
