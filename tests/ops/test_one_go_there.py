"""sdk.use on real accounts: every shell, and `go` in `ssh host`, say the version that the workspace here says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.ops.sdk.hosts import Delivery, install_sdk
from tests.golang.specimens import DWARF4, NOW, go
from tests.host.test_shellenv import DEBIAN, DEBIAN_PROFILE
from tests.lab.lab import Lab
from tests.ops.controllers import Controller
from tests.ops.small_sdks import small_sdk
from tests.ops.test_remote_env import EMPTIED, MACHINE, Account

OLD = DWARF4.removeprefix("go")


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[Delivery]:
    """Two real versions of Go."""
    folder = tmp_path_factory.mktemp("sdks")
    return [small_sdk(toolchain, folder) for toolchain in (DWARF4, NOW)]


@pytest.fixture
def account(
    lab: Lab, request: pytest.FixtureRequest, controller: Controller, deliveries: list[Delivery]
) -> Iterator[Account]:
    """An account by its name whose store has two SDKs of ours, and whose home is put back at the end."""
    account = Account(lab, request.param)
    account.sh(f"tar -C {account.home} -cf {account.saved} .")
    account.sh(EMPTIED)
    settings = Settings(store=controller.store)
    with SshNetwork(lab.ssh_config) as network:
        for one in deliveries:
            supply = {one.note.goarch: one}.__getitem__
            install_sdk(network, account.host, one.note.version, settings, Silence(), supply, switch=False, dry=False)
    yield account
    controller.run("undo", "--host", account.host)
    account.sh(EMPTIED)
    account.sh(f"tar -C {account.home} -xpf {account.saved} && rm {account.saved}")


def use(controller: Controller, account: Account, version: str = OLD, *words: str) -> Any:
    """Run the verb for an account, and give its part of what it says."""
    done = controller.run(
        "sdk.use",
        version,
        "--host",
        account.host,
        "--json",
        *words,
    )
    assert 0 == done.exit_code, done
    validate(done.document, schema("sdk-use"))
    return done.document["hosts"][0]


def ssh_version(account: Account) -> str:
    """What `go version` in `ssh host` says."""
    return account.command("go version").split()[2]


def agreement(host: Any) -> dict[str, bool]:
    """Which of a host's shells agree."""
    return {one["by"]: one["agrees"] for one in host["agreement"]}


@pytest.mark.parametrize("account", ["sh-zsh", "sh-fish"], indirect=True)
def test_ssh_and_every_shell_say_the_version(controller: Controller, account: Account) -> None:
    """Nothing is left to do, and no other Go is ever fetched."""
    first, second = (use(controller, account) for _ in range(2))
    fetches = account.command("go env GOTOOLCHAIN")
    assert (DWARF4, "local", "written", "nothing to do", [True] * 4) == (
        ssh_version(account),
        fetches,
        first["status"],
        second["status"],
        list(agreement(second).values()),
    )


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_the_workspace_here_and_the_host_say_the_same(controller: Controller, account: Account, tmp_path: Path) -> None:
    """VS Code's rule, a task, a terminal, and ssh: one command, one version; a change of versions reaches all."""
    account.write(".bashrc", DEBIAN)
    account.write(".profile", DEBIAN_PROFILE)
    home = tmp_path / "home"
    (home / "sdk").mkdir(parents=True)
    newer = go("env", "GOVERSION").strip().removeprefix("go")
    for version, toolchain in ((OLD, DWARF4), (newer, NOW)):
        (home / f"sdk/go{version}").symlink_to(go("env", "GOROOT", toolchain=toolchain).strip())
    (controller.folder / "go.mod").write_text("module x.example/svc\n\ngo 1.24\n")
    found = []
    for version in (OLD, newer):
        done = controller.run(
            "sdk.use",
            version,
            "--host",
            account.host,
            "--json",
            HOME=str(home),
            SHELL="/bin/bash",
            XDG_STATE_HOME=str(home),
        )
        assert 0 == done.exit_code, done
        here = {one["version"] for one in done.document["workspace"]["agreement"]}
        there = {one["version"] for one in done.document["hosts"][0]["agreement"]}
        found.append((here, there, ssh_version(account)))
    assert [({one}, {one}, f"go{one}") for one in (OLD, newer)] == found


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_undo_leaves_the_home_as_it_was(controller: Controller, account: Account) -> None:
    """Start-up files, settings of editors' servers, go's own file, byte for byte; a dry run writes nothing."""
    account.write(".bashrc", DEBIAN)
    account.write(MACHINE, b'{\n  // mine\n  "go.alternateTools": {"go": "/mine/go"}\n}\n')
    account.write(".config/go/env", b"GOPROXY=off\nGOTOOLCHAIN=auto")
    before = files(account)
    done = controller.run("--dry", "sdk.use", OLD, "--host", account.host, "--json")
    validate(done.document, schema("sdk-use"))
    dry = files(account)
    use(controller, account)
    settings = json.loads(account.read(MACHINE).replace("// mine", ""))["go.alternateTools"]["go"]
    controller.run("undo", "--host", account.host)
    assert (before, "planned", f"{controller.store}/sdk/current/bin/go", before) == (
        dry,
        done.document["hosts"][0]["status"],
        settings,
        files(account),
    )


def files(account: Account) -> str:
    """Mode and bytes of all files, without what go counts of its own use (go help telemetry)."""
    found = account.sh('cd "$HOME"; find . -type f -printf "%m %p\\n" -exec sha256sum {} +')
    return "\n".join(sorted(line for line in found.splitlines() if "/go/telemetry/" not in line))


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_shims_first_in_path_are_passed_by(controller: Controller, account: Account) -> None:
    """A start-up file puts them first, as goenv's and mise's do; they are left as they are."""
    account.write(".goenv/shims/go", b"#!/bin/sh\necho go version go1.1 linux/amd64\n")
    account.sh('chmod 755 "$HOME"/.goenv/shims/go')
    account.write(".bashrc", DEBIAN + b'\nexport PATH="$HOME/.goenv/shims:$PATH"\n')
    account.write(".profile", DEBIAN_PROFILE)
    shown = use(controller, account)
    assert (DWARF4, {True}) == (ssh_version(account), set(agreement(shown).values()))


@pytest.mark.parametrize("account", ["sh-dash"], indirect=True)
def test_what_cannot_be_is_named(controller: Controller, account: Account) -> None:
    """dash reads no file in a command; a version that is not there comes with the command that puts it there."""
    done = controller.run("sdk.use", OLD, "--host", account.host)
    other = controller.run("sdk.use", "1.22.1", "--host", account.host)
    assert (True, 5, True) == (
        "`ssh host command` reads no file in dash" in done.stdout,
        other.exit_code,
        "sdk.install 1.22.1" in other.stderr,
    ), (done, other)
