"""The generated ssh_config leads to a real machine behind a real jump host: for ssh and for both of our transports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.failure import LabError
from tests.lab.lab import Lab
from tests.lab.process import run
from tests.ops.controllers import Controller, fresh_store


def table(lab: Lab, kind: str, name: str, alias: str, *lines: str) -> str:
    """Write the table of a machine of the lab, with its own host keys."""
    ask = {key: lab.resolved(alias, key) for key in ("hostname", "user", "port", "identityfile")}
    rows = (lab.run_dir / "known_hosts").read_text().splitlines()
    names = (ask["hostname"], f"[{ask['hostname']}]:{ask['port']}")
    keys = [row.split(" ", 1)[1] for row in rows if row.split()[0] in names]
    said = [f'address = "{ask["hostname"]}"', f'user = "{ask["user"]}"', f"ssh_port = {ask['port']}"]
    said += [f'identity = "{ask["identityfile"]}"', f"host_keys = {keys}", *lines]
    return "\n".join([f"[{kind}.{name}]", *said, ""])


@pytest.fixture(scope="module")
def desk(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A machine that knows the lab by remotego.toml alone, by names that the lab's own ssh_config does not have."""
    folder = tmp_path_factory.mktemp("desk with a blank")
    gate = table(lab, "jumps", "team-gate", lab.resolved("app", "proxyjump"))
    toml = gate + table(lab, "hosts", "team-app", "app", 'jump = "team-gate"')
    (folder / "remotego.toml").write_text(toml)
    made = Controller(lab, folder, fresh_store(), config=folder / "config")
    done = made.run("gen-ssh-config")
    assert 0 == done.exit_code, done.stderr
    yield made
    made.run("undo", "--host", "team-app")


def by_ssh(config: Path) -> str:
    """Log in with the system's ssh."""
    return run("ssh", "-F", config, "-o", "BatchMode=yes", "-o", "IdentityAgent=none", "team-app", "echo reached")


def test_ssh_gets_through_the_jump_host(desk: Controller, tmp_path: Path) -> None:
    """With no known_hosts but ours. By a link, as ssh cannot hand a -F with a blank on to the jump (9.2)."""
    (tmp_path / "link").symlink_to(desk.folder / "config")
    assert "reached\n" == by_ssh(tmp_path / "link")


@pytest.mark.parametrize("transport", ["fabric", "openssh"])
def test_both_transports_get_through_the_jump_host(desk: Controller, transport: str) -> None:
    """As ssh does."""
    done = desk.run("ps", "--host", "team-app", "--transport", transport, "--json")
    assert (0, "team-app") == (done.exit_code, done.document["hosts"][0]["host"]), done.stderr


def test_another_key_than_that_of_the_table_is_refused(desk: Controller, lab: Lab, tmp_path: Path) -> None:
    """By ssh, and by both transports; the user's own file may say what it likes."""
    known = next((desk.folder / "remotego").glob("*.known_hosts")).read_text().splitlines()
    swapped = next(line.split(" ", 1)[1] for line in known if line.startswith("["))
    text = (desk.folder / "remotego.toml").read_text()
    head, _, app = text.partition("[hosts.team-app]")
    lines = [f"host_keys = ['{swapped}']" if line.startswith("host_keys") else line for line in app.splitlines()]
    (tmp_path / "remotego.toml").write_text(head + "[hosts.team-app]" + "\n".join(lines) + "\n")
    (tmp_path / "config").write_text("Host *\n    StrictHostKeyChecking no\n")
    liar = Controller(lab, tmp_path, desk.store, config=tmp_path / "config")
    liar.run("gen-ssh-config")
    with pytest.raises(LabError, match=r"(?i)host key verification failed"):
        by_ssh(tmp_path / "config")
    codes = [liar.run("ps", "--host", "team-app", "--transport", one).exit_code for one in ("fabric", "openssh")]
    assert [3, 3] == codes
