"""Names resolved by the real ``ssh -G``."""

from __future__ import annotations

import getpass
import os
import pwd
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from remotego.adapters.openssh import ConfigError, resolve
from remotego.adapters.ssh.fallback import NOTE, MisreadError
from remotego.adapters.ssh.names import NameRefusedError
from remotego.adapters.ssh.route import JumpLoopError
from remotego.adapters.ssh.tokens import TokenError
from remotego.core.target import Hop

HANG_S = 10
HOME = Path(pwd.getpwuid(os.getuid()).pw_dir)


def _config(directory: Path, text: str) -> Path:
    path = directory / "config"
    path.write_text(text)
    return path


def _hop(directory: Path, text: str, name: str = "app") -> Hop:
    return resolve(name, _config(directory, text)).target.hop


def _names(directory: Path, text: str, name: str = "app") -> list[str]:
    return [hop.alias for hop in resolve(name, _config(directory, text)).target.route]


def test_host_block_is_resolved(tmp_path: Path) -> None:
    """Host name, port, user and timeouts come from the block."""
    hop = _hop(tmp_path, "Host app\n HostName 10.1.2.3\n Port 2200\n User deploy\n ConnectTimeout 7\n")
    assert ("deploy@10.1.2.3:2200", 7.0) == (hop.address, hop.connect_timeout_s)
    assert "[10.1.2.3]:2200" == hop.key_name


def test_user_and_port_in_the_name_win(tmp_path: Path) -> None:
    """What the user writes wins over the block."""
    hop = _hop(tmp_path, "Host app\n Port 2200\n User deploy\n", "root@app:22")
    assert ("root@app:22", "app") == (hop.address, hop.key_name)


def test_lists_of_revoked_keys_are_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``ssh -G`` leaves tokens, variables and ~ as they were written."""
    monkeypatch.setenv("USER_LIST", "mine")
    hop = _hop(tmp_path, "Host app\n HostName h\n RevokedHostKeys ~/${USER_LIST}_%h\n")
    assert (HOME / "mine_h",) == hop.revoked_keys


def test_include_and_match_are_followed(tmp_path: Path) -> None:
    """ssh itself reads the file, so Include, Match exec and unknown-to-us keywords count."""
    (tmp_path / "more").write_text('Match originalhost app exec "test 1 = 1"\n User from-match\n')
    assert "from-match" == _hop(tmp_path, f"Include {tmp_path}/more\n").user


def test_name_without_a_block_is_a_host(tmp_path: Path) -> None:
    """An unknown alias is a host name with defaults."""
    hop = _hop(tmp_path, "", "10.9.8.7")
    assert (f"{getpass.getuser()}@10.9.8.7:22", HOME / ".ssh/id_rsa") == (hop.address, hop.identities[0])


def test_identities_and_certificates_are_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens, ~ and variables in file names are filled in."""
    monkeypatch.setenv("KEYS", "/keys")
    hop = _hop(
        tmp_path,
        "Host app\n HostName h\n User u\n Port 7\n IdentityFile ~/k_%r@%h_%n_%p%%\n"
        ' IdentityFile "${KEYS}/with space"\n CertificateFile %d/c-cert.pub\n IdentitiesOnly yes\n',
    )
    assert (HOME / "k_u@h_app_7%", Path("/keys/with space")) == hop.identities
    assert ((HOME / "c-cert.pub",), True) == (hop.certificates, hop.identities_only)


@pytest.mark.parametrize("value", ["%Z", "${NO_SUCH_VARIABLE_HERE}"])
def test_unknown_token_is_named(tmp_path: Path, value: str) -> None:
    """A token or variable without a value is an error, not a wrong file name."""
    with pytest.raises(TokenError, match="cannot expand") as caught:
        _hop(tmp_path, f"Host app\n IdentityFile /k{value}\n")
    assert value == caught.value.token


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", "/agent/main"),
        ("IdentityAgent SSH_AUTH_SOCK", "/agent/main"),
        ("IdentityAgent none", None),
        ("IdentityAgent /agent/own", "/agent/own"),
        ("IdentityAgent $OTHER", "/agent/other"),
        ("IdentityAgent ${OTHER}", "/agent/other"),
        ("IdentityAgent ~/agent-%u", str(HOME / f"agent-{pwd.getpwuid(os.getuid()).pw_name}")),
        ("IdentityAgent $MISSING", None),
    ],
)
def test_agent_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, expected: str | None) -> None:
    """Each way of naming the agent's socket."""
    monkeypatch.setenv("SSH_AUTH_SOCK", "/agent/main")
    monkeypatch.setenv("OTHER", "/agent/other")
    assert expected == _hop(tmp_path, f"Host app\n {line}\n").agent


def test_known_hosts_files_are_listed(tmp_path: Path) -> None:
    """User files before global ones; a name with a blank is found because it exists."""
    spaced = tmp_path / "known hosts"
    spaced.touch()
    hop = _hop(
        tmp_path,
        f'Host app\n HostName h\n UserKnownHostsFile "{spaced}" ~/kh_%h\n GlobalKnownHostsFile /etc/one /etc/two\n',
    )
    assert (spaced, HOME / "kh_h", Path("/etc/one"), Path("/etc/two")) == hop.known_hosts


def test_percent_sign_in_a_known_hosts_name_is_one(tmp_path: Path) -> None:
    """ssh has expanded the names of these files already; nothing is expanded twice."""
    hop = _hop(tmp_path, "Host app\n UserKnownHostsFile /50%%/kh\n")
    assert Path("/50%/kh") == hop.known_hosts[0]


def test_host_key_alias_names_the_key(tmp_path: Path) -> None:
    """HostKeyAlias stands alone, without the port."""
    assert "cluster" == _hop(tmp_path, "Host app\n Port 2200\n HostKeyAlias cluster\n").key_name


def test_host_name_is_lowered_for_the_key(tmp_path: Path) -> None:
    """known_hosts has names in lower case."""
    assert "app.example" == _hop(tmp_path, "Host app\n HostName App.Example\n").key_name


def test_proxy_command_is_expanded(tmp_path: Path) -> None:
    """Tokens of a ProxyCommand are filled in."""
    hop = _hop(tmp_path, "Host app\n HostName h\n Port 9\n User u\n ProxyCommand nc %h %p # %r %n %%\n")
    assert "nc h 9 # u app %" == hop.proxy_command


def test_proxy_jump_is_followed_with_each_hops_own_settings(tmp_path: Path) -> None:
    """A jump host has its own block, with a jump host of its own."""
    text = (
        "Host app\n ProxyJump inner\n User a\n"
        "Host inner\n ProxyJump outer\n User i\n Port 2201\n"
        "Host outer\n HostName gate\n User o\n IdentityFile /keys/outer\n"
    )
    route = resolve("app", _config(tmp_path, text)).target.route
    assert ["o@gate:22", "i@inner:2201", "a@app:22"] == [hop.address for hop in route]
    assert (Path("/keys/outer"),) == route[0].identities


def test_jump_list_goes_hop_by_hop(tmp_path: Path) -> None:
    """In a list only the first hop keeps its own ProxyJump; users and ports in it win."""
    text = "Host app\n ProxyJump me@a:2200,b\nHost a\n ProxyJump gate\nHost b\n ProxyJump elsewhere\n"
    assert ["gate", "me@a:2200", "b", "app"] == _names(tmp_path, text)


def test_jump_none_stops_the_chain(tmp_path: Path) -> None:
    """``ProxyJump none`` exempts the jump host from the pattern."""
    assert ["jump", "app"] == _names(tmp_path, "Host jump\n ProxyJump none\nHost *\n ProxyJump jump\n")


def test_proxy_command_of_a_hop_behind_a_jump_is_not_used(tmp_path: Path) -> None:
    """A hop in the middle is reached through the hop before it, as ssh -J does."""
    text = "Host app\n ProxyJump a,b\nHost b\n ProxyCommand nc %h %p\nHost a\n ProxyCommand nc a %p\n"
    route = resolve("app", _config(tmp_path, text)).target.route
    assert ["nc a 22", None, None] == [hop.proxy_command for hop in route]


def test_loop_is_refused_by_name(tmp_path: Path) -> None:
    """A circle of jump hosts is an error that shows it."""
    with pytest.raises(JumpLoopError) as caught:
        _names(tmp_path, "Host app\n ProxyJump a\nHost a\n ProxyJump b\nHost b\n ProxyJump a\n")
    assert "app -> a -> b -> a" == caught.value.chain


def test_growing_chain_is_refused(tmp_path: Path) -> None:
    """A pattern that feeds itself ends after a bounded number of hops."""
    with pytest.raises(JumpLoopError):
        _names(tmp_path, "Host *\n ProxyJump x%n\n")


def test_broken_config_is_reported_with_sshs_words(tmp_path: Path) -> None:
    """What ssh says about a bad file reaches the user."""
    with pytest.raises(ConfigError, match=r"(?i)bad configuration"):
        _hop(tmp_path, "NoSuchKeyword yes\n")


def test_missing_config_is_reported(tmp_path: Path) -> None:
    """A config file that is not there is an error."""
    with pytest.raises(ConfigError, match="nowhere"):
        resolve("app", tmp_path / "nowhere")


def test_command_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Match exec runs outlives the ssh that ran it, and holds its standard error open."""
    monkeypatch.setattr("remotego.adapters.openssh.TIMEOUT_S", 1.0)
    begun_s = time.monotonic()
    with pytest.raises(ConfigError, match="no answer in 1 s"):
        _hop(tmp_path, f'Match exec "exec sleep {HANG_S}"\n User deploy\n')
    assert time.monotonic() - begun_s < HANG_S / 2


def test_option_like_name_reaches_nobody(tmp_path: Path) -> None:
    """A name that looks like an option is refused before ssh starts."""
    canary = tmp_path / "canary"
    with pytest.raises(NameRefusedError):
        resolve(f"-oProxyCommand=touch${{IFS}}{canary}", _config(tmp_path, ""))
    assert not canary.exists()


def test_option_like_jump_is_refused(tmp_path: Path) -> None:
    """A jump host in a config file is no more trusted than a name on the command line."""
    with pytest.raises((NameRefusedError, ConfigError)):
        _names(tmp_path, "Host app\n ProxyJump -oProxyCommand=x\n")


def test_workspace_config_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A poisoned ssh_config in the working directory has no say."""
    canary = tmp_path / "canary"
    for name in ("config", "ssh_config"):
        (tmp_path / name).write_text(f'Match exec "touch {canary}"\n User poisoned\n')
    monkeypatch.chdir(tmp_path)
    empty = tmp_path / "elsewhere"
    empty.mkdir()
    assert ("app", False) == (_hop(empty, "").hostname, canary.exists())


def test_ssh_runs_once_per_hop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain of three costs three ``ssh -G``."""
    log = tmp_path / "runs"
    real = subprocess.run(("which", "ssh"), capture_output=True, text=True, check=True).stdout.strip()
    wrapper = tmp_path / "bin" / "ssh"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho run >> {log}\nexec {real} "$@"\n')
    wrapper.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    _names(tmp_path, "Host app\n ProxyJump a,b\n")
    assert 3 == len(log.read_text().splitlines())


def test_resolving_does_not_load_paramiko(tmp_path: Path) -> None:
    """Names are resolved without the weight of the SSH library."""
    config = _config(tmp_path, "Host app\n ProxyJump a\n")
    code = (
        "import sys, pathlib; from remotego.adapters.openssh import resolve; "
        "import remotego.adapters.ssh.network, remotego.adapters.multiplex.network, remotego.adapters.forward; "
        "resolve('app', pathlib.Path(sys.argv[1])); "
        "print(sorted({'paramiko', 'fabric', 'cryptography', 'invoke'} & set(sys.modules)))"
    )
    run = subprocess.run((sys.executable, "-c", code, str(config)), capture_output=True, text=True, check=True)
    assert "[]\n" == run.stdout


@pytest.fixture
def no_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the ssh program."""
    monkeypatch.setattr("remotego.adapters.openssh.SSH", "no-such-program")


@pytest.mark.usefixtures("no_ssh")
def test_without_ssh_the_note_says_who_read_the_config(tmp_path: Path) -> None:
    """paramiko's reader stands in, and says so."""
    assert NOTE == resolve("app", _config(tmp_path, "")).note


@pytest.mark.parametrize(
    "text",
    [
        "Host app\n HostName h\n Port 2200\n User u\n",
        "Host app\n ProxyJump me@a:2200,b\nHost a\n ProxyJump gate\n HostName aa\n",
        "Host *\n User u\n IdentityFile ~/one\n IdentityFile ~/two_%h\n",
        "Host app\n HostKeyAlias Alias\n Port 99\n ConnectTimeout 3\n IdentitiesOnly yes\n",
        "Host app\n ProxyJump none\n UserKnownHostsFile /a /b\n GlobalKnownHostsFile /c\n",
        "Match host app\n User matched\n",
        "Host app\n HostName h\n RevokedHostKeys ~/revoked_%h\n",
        "Host app\n RevokedHostKeys none\nHost *\n RevokedHostKeys /r\n",
        'Host app\n ProxyJump a\nHost a\n RevokedHostKeys "/etc/my keys"\n',
        "Host app\n ProxyCommand nc %h %p\n IdentityAgent none\n",
    ],
)
def test_both_readers_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """On what paramiko can read it comes to the same route as ssh."""
    by_ssh = resolve("app", _config(tmp_path, f"{text}\nHost *\n IdentityFile /k\n")).target
    monkeypatch.setattr("remotego.adapters.openssh.SSH", "no-such-program")
    by_paramiko = resolve("app", tmp_path / "config").target
    assert by_ssh == by_paramiko


@pytest.mark.usefixtures("no_ssh")
@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("Host a\n  include = other\n", "Include"),
        ("Match localnetwork 10.0.0.0/8\n User x\n", "Match localnetwork"),
        ("Match host a tagged t\n User x\n", "Match tagged"),
        ("match !host b sessiontype shell\n", "Match sessiontype"),
        ("Match exec true\n User x\n", "Match exec"),
    ],
)
def test_what_paramiko_would_misread_is_refused(tmp_path: Path, text: str, keyword: str) -> None:
    """A line it would silently get wrong is named with its place."""
    with pytest.raises(MisreadError) as caught:
        resolve("app", _config(tmp_path, "# first\n" + text))
    assert keyword == caught.value.keyword
    assert caught.value.place.startswith(f"{tmp_path}/config:")


@pytest.mark.usefixtures("no_ssh")
def test_an_include_at_the_top_is_read_without_ssh(tmp_path: Path) -> None:
    """What stands behind it is for all hosts again, whatever Host the included file ends with."""
    folder = tmp_path / "with blank"
    folder.mkdir()
    (folder / "a.conf").write_text("Host app\n  HostName 192.0.2.7\n")
    config = _config(tmp_path, f'# mine\nInclude "{folder}/*.conf"\nUser ann\n')
    found = [resolve(name, config).target.hop for name in ("app", "other")]
    assert [("192.0.2.7", "ann"), ("other", "ann")] == [(hop.hostname, hop.user) for hop in found]
