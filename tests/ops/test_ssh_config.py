"""gen-ssh-config as its user meets it, and as the real ssh reads the result."""

import json
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.core.errors import RemotegoError
from remotego.core.options import MACHINE, Word
from remotego.core.settings import Layer, compose
from remotego.ops.ssh_config import gen_ssh_config
from tests.adapters.sshd import make_key, public
from tests.cli.test_verbs import command
from tests.lab.fixtures import need

TOML = """
[jumps.jump1]
address = "192.0.2.1"
user = "gate"

[hosts.app1]
address = "10.0.0.7"
user = "dev"
ssh_port = 2222
jump = "jump1"
identity = "~/.ssh/id_team"
host_keys = ["{key}"]
process = "svc"

[hosts.app2]
address = "10.0.0.8"
keep_alive = 0

[hosts.plain]
process = "svc"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A directory with a blank in its name, a remotego.toml, and an ssh_config with something of the user's."""
    need("ssh", "ssh-keygen")
    folder = tmp_path / "my desk"
    folder.mkdir()
    key = public(make_key(tmp_path / "host_key"))
    (folder / "remotego.toml").write_text(TOML.format(key=key))
    (folder / "config").write_text("# mine\nHost old\n    User ann\n")
    return folder


def gen(desk: Path, *words: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run the verb on the desk's ssh_config."""
    return command(*before, "gen-ssh-config", "--ssh-config", "config", *words, cwd=desk)


def resolved(desk: Path, name: str, *keys: str) -> list[str]:
    """Ask the real ssh what a name comes to."""
    said = subprocess.run(
        ["ssh", "-F", str(desk / "config"), "-G", name], capture_output=True, text=True, check=True, timeout=60
    )
    found = dict(line.partition(" ")[::2] for line in said.stdout.splitlines())
    return [found.get(key, "") for key in keys]


def state(desk: Path) -> dict[str, bytes]:
    """What is in the desk's files."""
    return {str(path.relative_to(desk)): path.read_bytes() for path in desk.rglob("*") if path.is_file()}


def test_ssh_reads_what_was_meant(desk: Path) -> None:
    """By name, with the jump host, strictly, in a directory with a blank."""
    gen(desk)
    known = next(desk.glob("remotego/*.known_hosts"))
    keys = ("hostname", "user", "port", "proxyjump", "serveraliveinterval", "stricthostkeychecking")
    assert (
        ["10.0.0.7", "dev", "2222", "jump1", "15", "true"],
        [str(known), "false"],
        ["192.0.2.1", "gate"],
    ) == (
        resolved(desk, "app1", *keys),
        resolved(desk, "app1", "userknownhostsfile", "updatehostkeys"),
        resolved(desk, "jump1", "hostname", "user"),
    )


def test_other_hosts_are_as_they_were(desk: Path) -> None:
    """For ssh, whether the user's file has a block for them or not."""
    asked = ("old", "example.org")
    before = [subprocess.check_output(["ssh", "-F", str(desk / "config"), "-G", name]) for name in asked]
    gen(desk)
    assert before == [subprocess.check_output(["ssh", "-F", str(desk / "config"), "-G", name]) for name in asked]


def test_a_second_run_has_nothing_to_do(desk: Path) -> None:
    """The documents are what the schema says, and no file is touched."""
    documents = [json.loads(gen(desk, "--json").stdout) for _ in range(2)]
    for document in documents:
        validate(document, schema("gen-ssh-config"))
    assert ["written", "nothing to do"] == [document["status"] for document in documents]


def test_dry_writes_nothing(desk: Path) -> None:
    """And shows what it would."""
    before = state(desk)
    shown = gen(desk, before=("--dry",)).stdout
    assert (before, True) == (state(desk), "+    ProxyJump jump1" in shown)


def test_remove_takes_everything_back(desk: Path) -> None:
    """The user's file is byte for byte as it was, and nothing else is left."""
    before = state(desk)
    gen(desk)
    done = json.loads(gen(desk, "--remove", "--json").stdout)
    validate(done, schema("gen-ssh-config"))
    assert (before, False, "removed") == (state(desk), (desk / "remotego").exists(), done["status"])


def test_a_file_that_was_not_there_is_made_private(desk: Path) -> None:
    """And goes again."""
    (desk / "config").unlink()
    gen(desk)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (desk / "config", *sorted((desk / "remotego").iterdir()))]
    gen(desk, "--remove")
    assert ([0o600, 0o600, 0o600], False) == (modes, (desk / "config").exists())


def test_directories_that_were_not_there_go_again(desk: Path) -> None:
    """Those that we made, and only if they are empty."""
    (desk / "old").mkdir()
    left = []
    for others in ((), ("old/new/key",)):
        command("gen-ssh-config", "--ssh-config", "old/new/newer/config", cwd=desk)
        for other in others:
            (desk / other).touch()
        for _ in range(2):
            command("gen-ssh-config", "--ssh-config", "old/new/newer/config", "--remove", cwd=desk)
        left.append(sorted(str(path.relative_to(desk)) for path in (desk / "old").rglob("*")))
    assert [[], ["old/new", "old/new/key"]] == left


def test_the_mode_and_the_link_of_the_users_file_stay(desk: Path) -> None:
    """Dotfiles are often kept elsewhere."""
    (desk / "config").rename(desk / "dotfile")
    (desk / "dotfile").chmod(0o640)
    (desk / "config").symlink_to("dotfile")
    gen(desk)
    mode = stat.S_IMODE((desk / "dotfile").stat().st_mode)
    assert (True, 0o640, True) == ((desk / "config").is_symlink(), mode, "Include" in (desk / "dotfile").read_text())


def test_the_users_own_value_is_kept_and_named(desk: Path) -> None:
    """With its line as it is then; ssh agrees."""
    (desk / "config").write_text("Host app1\n    User ann\nHost *\n    StrictHostKeyChecking no\n")
    done = json.loads(gen(desk, "--host", "app1", "--json").stdout)
    named = [(one["host"], one["keyword"], one["kept"]) for one in done["conflicts"]]
    lines = (desk / "config").read_text().splitlines()
    assert (
        [
            ("app1", "User", "theirs"),
            ("app1", "StrictHostKeyChecking", "ours"),
            ("jump1", "StrictHostKeyChecking", "ours"),
        ],
        "    User ann",
        ["ann", "true"],
    ) == (named, lines[done["conflicts"][0]["line"] - 1], resolved(desk, "app1", "user", "stricthostkeychecking"))


def test_a_host_key_goes_by_the_name_the_user_gave_the_machine(desk: Path) -> None:
    """Else ssh would look for another name in our file."""
    (desk / "config").write_text("Host app1\n    HostName app1.corp.example\n")
    gen(desk, "--host", "app1")
    assert "\n[app1.corp.example]:2222 ssh-ed25519 " in next(desk.glob("remotego/*.known_hosts")).read_text()


@pytest.mark.parametrize(
    ("line", "noted"),
    [('address = "10.0.0.7"', True), ('address = "10.0.0.7"\nssh_port = 22', False), ('user = "ann"', False)],
)
def test_port_in_place_of_ssh_port_is_noted(desk: Path, line: str, noted: bool) -> None:
    """It is taken, as it has a meaning, but seldom this one."""
    (desk / "remotego.toml").write_text(f"[hosts.app1]\n{line}\nport = 2222\n")
    notes = json.loads(gen(desk, "--json").stdout)["notes"]
    assert noted is any("for app1: `port` chooses a process" in note for note in notes)


def test_two_projects_have_a_file_each(desk: Path) -> None:
    """Taking one away leaves the other's, and the Include."""
    other = desk / "other"
    other.mkdir()
    (other / "remotego.toml").write_text('[hosts.db1]\naddress = "10.0.1.1"\n')
    gen(desk)
    command("gen-ssh-config", "--ssh-config", "../config", cwd=other)
    gen(desk, "--remove")
    assert (["10.0.1.1"], ["app1"]) == (resolved(desk, "db1", "hostname"), resolved(desk, "app1", "hostname"))


def test_a_broken_config_is_named_as_the_users(desk: Path) -> None:
    """With the file that the user knows and its line as it is there, before our Include is in it and after that."""
    broken, said = "Host a\n    Nonsense yes\n", []
    for text in ("", (gen(desk), (desk / "config").read_text())[1]):
        (desk / "config").write_text(text + broken)
        before = state(desk)
        done = gen(desk)
        number = text.count("\n") + 2
        said.append((done.returncode, state(desk) == before, f"{desk}/config: line {number}: Bad" in done.stderr))
    assert [(2, True, True)] * 2 == said, done.stderr


def test_a_comment_in_latin_1_is_no_hindrance(desk: Path) -> None:
    """ssh takes any bytes there: they stay as they are, are shown, and come back."""
    before = b"# f\xfcr uns\nHost app1\n    User m\xfcller\n"
    (desk / "config").write_bytes(before)
    shown = gen(desk, before=("--dry",))
    done = json.loads(gen(desk, "--json").stdout)
    written = (desk / "config").read_bytes()
    gen(desk, "--remove")
    assert (0, True, ["m\ufffdller"], True, before) == (
        shown.returncode,
        "# f\ufffdr uns" in shown.stdout,
        [one["theirs"] for one in done["conflicts"]],
        written.endswith(before),
        (desk / "config").read_bytes(),
    ), shown.stderr


def test_what_is_no_file_is_refused_with_a_remedy_for_ssh_config(desk: Path) -> None:
    """It has nothing to do with a workspace."""
    done = command("gen-ssh-config", "--ssh-config", ".", cwd=desk)
    assert (2, True) == (done.returncode, "--ssh-config" in done.stderr), done.stderr


@pytest.mark.parametrize(
    ("line", "exit_code"),
    [
        ('user = "dev\\nProxyCommand touch x"', 2),
        ('address = "%h"', 2),
        ('jump = "-oProxyCommand=touch"', 2),
        ('identity = "/k\\" \\"/x"', 2),
        ('host_keys = ["ssh-ed25519 AAAA"]', 2),
    ],
)
def test_what_is_no_value_is_refused(desk: Path, line: str, exit_code: int) -> None:
    """And nothing is written."""
    (desk / "remotego.toml").write_text(f"[hosts.app1]\n{line}\n")
    before = state(desk)
    assert (exit_code, before) == (gen(desk).returncode, state(desk))


@pytest.mark.parametrize("name", ["plain", "nowhere", "dev@10.0.0.7"])
def test_a_host_that_no_table_describes_is_refused_by_name(desk: Path, name: str) -> None:
    """Without --host it is passed over."""
    assert (2, 0) == (gen(desk, "--host", name).returncode, gen(desk).returncode)


def likely(name: str) -> st.SearchStrategy[str | None]:
    """Make values for an option, of which it takes every one; some are there to break out of a line of ssh_config."""
    option = MACHINE[name]
    assert isinstance(option, Word)
    return st.none() | st.from_regex(option.pattern, fullmatch=True, alphabet=st.sampled_from("aZ0._-@:[],/ #=~\t"))


def asked(config: Path, name: str) -> dict[str, str]:
    """Ask ssh, which may refuse: an empty answer then."""
    said = subprocess.run(
        ["ssh", "-F", str(config), "-G", name], capture_output=True, text=True, timeout=60, check=False
    )
    return dict(line.partition(" ")[::2] for line in said.stdout.splitlines())


@given(st.fixed_dictionaries({name: likely(name) for name in ("address", "user", "jump", "identity")}))
def test_no_value_becomes_anything_else(values: dict[str, str | None]) -> None:
    """Whatever the options let pass, ssh reads it as meant, or nothing is written; no command comes of it."""
    need("ssh")
    table = {f"hosts.box.{name}": value for name, value in values.items() if value is not None}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config")
        try:
            layer = Layer("a.toml", {"hosts": ["box"], **table, "ssh_config": str(config)})
            gen_ssh_config(compose([layer]), None, dry=False)
        except RemotegoError:
            assert [] == list(Path(folder).iterdir())
            return
        found, plain = asked(config, "box"), asked(Path("/dev/null"), "box")
    changed = {key for key in found if found[key] != plain.get(key)}
    assert (True, None, None) == (changed <= MEANT, found.get("proxycommand"), found.get("localcommand"))


MEANT = {
    *("host", "hostname", "user", "port", "proxyjump", "identityfile", "userknownhostsfile", "updatehostkeys"),
    *("serveralivecountmax", "serveraliveinterval", "stricthostkeychecking"),
}
