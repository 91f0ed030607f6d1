"""Settings as they lie about: flags, variables and files."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.adapters.configuration import (
    HostsTwiceError,
    OpenSettingsError,
    UnreadableSettingsError,
    UntrustedSettingsError,
    load_settings,
    user_settings_file,
)
from remotego.core.settings import SettingError, Settings


def load(cwd: Path, toml: str = "", *, user: str = "", **variables: str) -> Settings:
    """Write both files and load from a folder two levels below the first."""
    if toml:
        (cwd / "remotego.toml").write_text(toml)
    below = cwd / "cmd" / "svc"
    below.mkdir(parents=True, exist_ok=True)
    (cwd / "user.toml").write_text(user)
    return load_settings({}, cwd=below, environ=variables, user_file=cwd / "user.toml")


def test_the_file_is_found_upwards(tmp_path: Path) -> None:
    """A command in a package's folder uses the settings of its repository."""
    assert 23999 == load(tmp_path, "local_port = 23999").local_port


def test_a_value_remembers_file_and_line(tmp_path: Path) -> None:
    """The origin is a place an editor can open."""
    settings = load(tmp_path, '# mine\nparallel = 2\n\n[hosts.app1]\nprocess = "svc"\n')
    assert [f"{tmp_path}/remotego.toml:{line}" for line in (2, 4, 5)] == [
        settings.origin("parallel"),
        settings.origin("hosts"),
        settings.of("app1").origin("process"),
    ]


def test_the_nearest_file_wins_alone(tmp_path: Path) -> None:
    """A file further up is not mixed in."""
    (tmp_path / "cmd").mkdir()
    (tmp_path / "cmd" / "remotego.toml").write_text("parallel = 3")
    settings = load(tmp_path, "local_port = 1\nparallel = 2")
    assert (23450, 3) == (settings.local_port, settings.parallel)


def test_the_layers_stand_in_their_order(tmp_path: Path) -> None:
    """Flags before variables before remotego.toml before the user's file."""
    toml, user = tmp_path / "remotego.toml", tmp_path / "user.toml"
    toml.write_text('local_port = 3\nparallel = 3\nprocess = "toml"')
    user.write_text('local_port = 4\nparallel = 4\nprocess = "user"\ndlv_version = "1.27.1"')
    environ = {"REMOTEGO_LOCAL_PORT": "2", "REMOTEGO_PARALLEL": "2"}
    settings = load_settings({"local_port": "1", "pid": None}, cwd=tmp_path, environ=environ, user_file=user)
    assert (1, 2, "toml", "1.27.1") == (
        settings.local_port,
        settings.parallel,
        settings.process,
        settings.dlv_version,
    )
    assert ["--local-port", "REMOTEGO_PARALLEL", f"{toml}:3", f"{user}:4"] == [
        settings.origin(name) for name in ("local_port", "parallel", "process", "dlv_version")
    ]


def test_hosts_in_a_variable_are_separated_by_commas(tmp_path: Path) -> None:
    """Spaces serve as well."""
    assert ("app1", "app2", "app3") == load(tmp_path, REMOTEGO_HOSTS="app1, app2 app3").hosts


def test_an_empty_variable_is_not_given(tmp_path: Path) -> None:
    """An exported variable without a value takes nothing away."""
    assert 5 == load(tmp_path, "local_port = 5", REMOTEGO_LOCAL_PORT="").local_port


def test_paths_count_from_where_they_are_written(tmp_path: Path) -> None:
    """A file's from its directory, a variable's from the working directory; a bare go is a name."""
    settings = load(tmp_path, 'ssh_config = "ssh/config"\ngo = "go1.27"', REMOTEGO_WORKSPACE="..")
    assert (f"{tmp_path}/ssh/config", "go1.27", f"{tmp_path}/cmd/svc/..") == (
        settings.ssh_config,
        settings.go,
        settings.workspace,
    )


@pytest.mark.parametrize("toml", ["port = ", "port = 1\nport = 2", "a = " + "[" * 5000, "\x00", "p = 1" * 300_000])
def test_what_is_not_toml_is_named_by_file(tmp_path: Path, toml: str) -> None:
    """A file that cannot be read is an error, not a missing file."""
    with pytest.raises(UnreadableSettingsError) as caught:
        load(tmp_path, toml)
    assert str(tmp_path / "remotego.toml") == caught.value.file


def test_what_is_not_text_is_named_by_file(tmp_path: Path) -> None:
    """TOML is UTF-8."""
    (tmp_path / "remotego.toml").write_bytes(b'process = "\xff"')
    with pytest.raises(UnreadableSettingsError):
        load(tmp_path)


def test_an_unknown_key_is_named_by_line(tmp_path: Path) -> None:
    """A misspelt setting does not silently do nothing."""
    with pytest.raises(SettingError) as caught:
        load(tmp_path, "\n[hosts.app1]\nproces = 'svc'\n")
    assert f"{tmp_path}/remotego.toml:3" == caught.value.origin


def test_a_host_that_is_no_table_is_refused(tmp_path: Path) -> None:
    """hosts.app1 = 3 says nothing."""
    with pytest.raises(SettingError):
        load(tmp_path, "[hosts]\napp1 = 3")


def test_hosts_as_a_list_and_as_tables_are_told_apart_from_bad_toml(tmp_path: Path) -> None:
    """The two ways to write hosts exclude each other, and the remedy says so."""
    with pytest.raises(HostsTwiceError) as caught:
        load(tmp_path, 'hosts = ["app1", "app2"]\n\n[hosts.app2]\nprocess = "svc"\n')
    assert "[hosts.NAME]" in caught.value.advice


def test_the_example_of_the_readme_can_be_loaded(tmp_path: Path) -> None:
    """What a user copies from there works."""
    readme = Path(__file__).parents[2] / "README.md"
    (example,) = re.findall(r"```toml\n(.*?)```", readme.read_text(), re.DOTALL)
    assert ("app1", "app2") == load(tmp_path, example).hosts


def test_a_wrong_host_is_blamed_on_the_flag_that_gave_it(tmp_path: Path) -> None:
    """The flag is --host, once for each."""
    with pytest.raises(SettingError) as caught:
        load_settings({"hosts": ["app", "a b"]}, cwd=tmp_path, environ={}, user_file=tmp_path / "none")
    assert ("--host", True) == (caught.value.origin, "'a b'" in caught.value.reason)


@pytest.fixture
def root() -> None:
    """Need the right to give files away."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files to another user: run this as root")


def load_as(uid: int, folder: Path) -> str:
    """Load the settings in a folder as another user; give the port, or the error's name.

    All modules are loaded first: the user may have no access to where Python is.
    """
    code = (
        "import os, sys, pathlib, tomllib; from remotego.adapters.configuration import load_settings;"
        "from remotego.core.errors import RemotegoError; os.setgid(uid := int(sys.argv[1])); os.setuid(uid)\n"
        "try:\n"
        "    here = pathlib.Path(sys.argv[2])\n"
        "    print(load_settings({}, cwd=here, environ={}, user_file=here / 'none').local_port)\n"
        "except RemotegoError as error:\n"
        "    print(error.code)\n"
    )
    run = subprocess.run((sys.executable, "-c", code, str(uid), str(folder)), capture_output=True, text=True)
    assert "" == run.stderr
    return run.stdout.strip()


@pytest.fixture
def open_folder(root: None) -> Iterator[Path]:
    """Make a folder that every user of this machine can look into."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("place", [".", "remotego.toml"])
def test_settings_of_another_user_are_refused_unread(tmp_path: Path, place: str) -> None:
    """Settings start programs: root too obeys no file, and none in a directory, that someone else owns."""
    (tmp_path / "remotego.toml").write_text("this is not read, or it would be no TOML")
    os.chown(tmp_path / place, 1234, 1234)
    with pytest.raises(UntrustedSettingsError) as caught:
        load(tmp_path)
    assert (tmp_path / place, 1234) == (Path(caught.value.place), caught.value.owner)


def test_settings_of_root_count_for_a_user(open_folder: Path) -> None:
    """An administrator may preset what only root can change."""
    (open_folder / "remotego.toml").write_text("local_port = 1")
    assert "1" == load_as(1234, open_folder)


@pytest.mark.parametrize("place", [".", "remotego.toml"])
@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_settings_of_root_that_others_may_change_are_refused(open_folder: Path, place: str, mode: int) -> None:
    """What stands in a directory like /tmp is anybody's."""
    (open_folder / "remotego.toml").write_text("local_port = 1")
    (open_folder / place).chmod(mode)
    assert "untrusted-settings" == load_as(1234, open_folder)


def test_settings_of_one_user_are_refused_to_another(open_folder: Path) -> None:
    """A colleague's checkout starts nothing on your account."""
    (open_folder / "remotego.toml").write_text("local_port = 1")
    for place in (open_folder, open_folder / "remotego.toml"):
        os.chown(place, 1234, 1234)
    assert ["1", "untrusted-settings"] == [load_as(uid, open_folder) for uid in (1234, 1235)]


def test_a_file_of_ones_own_is_trusted_whatever_its_mode(tmp_path: Path) -> None:
    """File systems without permissions show 0777 for everything."""
    (tmp_path / "remotego.toml").write_text("local_port = 1")
    (tmp_path / "remotego.toml").chmod(0o777)
    assert 1 == load(tmp_path).local_port


def test_the_users_file_is_in_the_place_for_it() -> None:
    """The name a user has to know."""
    assert ("remotego", "config.toml") == user_settings_file().parts[-2:]


def test_a_tilde_that_is_nobodys_is_the_name_of_a_file(tmp_path: Path) -> None:
    """It ends no command with a traceback."""
    assert f"{tmp_path}/~nobody-of-that-name/go" == load(tmp_path, 'go = "~nobody-of-that-name/go"').go


def test_machines_have_their_own_paths_and_places(tmp_path: Path) -> None:
    """A key lies beside the file that names it; a jump host is no host to work on."""
    toml = '[jumps.gate]\nidentity = "keys/id"\n[hosts.app1]\naddress = "10.0.0.7"\n'
    settings = load(tmp_path, toml)
    assert (("app1",), f"{tmp_path}/keys/id", f"{tmp_path}/remotego.toml:4") == (
        settings.hosts,
        settings.sources["jumps.gate.identity"].value,
        settings.sources["hosts.app1.address"].origin,
    )


def test_jumps_that_are_no_tables_are_refused(tmp_path: Path) -> None:
    """With the key."""
    with pytest.raises(SettingError, match=r"jumps: a table for each machine"):
        load(tmp_path, 'jumps = ["gate"]')


@pytest.mark.parametrize("mode", [0o666, 0o602])
def test_what_says_who_is_lent_what_may_not_be_anybodys(tmp_path: Path, mode: int) -> None:
    """Whoever can write it could have a credential go elsewhere."""
    (tmp_path / "remotego.toml").write_text('[auth.team]\nurl = "https://git.example/team"\n')
    (tmp_path / "remotego.toml").chmod(mode)
    with pytest.raises(OpenSettingsError, match="anybody may write"):
        load(tmp_path)


def test_a_group_may_write_what_says_who_is_lent_what(tmp_path: Path) -> None:
    """With a umask of 002 it is the user's own."""
    (tmp_path / "remotego.toml").write_text('[auth.team]\nurl = "https://git.example/team"\n')
    (tmp_path / "remotego.toml").chmod(0o664)
    assert {"team.url": "https://git.example/team"} == load(tmp_path).table("auth")
