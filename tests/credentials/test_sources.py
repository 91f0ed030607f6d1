"""Where credentials come from on this machine: real git, a keyring of the library's own interface, netrc."""

import os
from pathlib import Path

import pytest

from remotego.adapters import vaults
from remotego.core.secret import Secret
from remotego.credentials.entry import entries_of
from remotego.ops.auth.vault import Vault
from tests.lab.fixtures import need

NETLOC = "git.example.com:8443"
FOUND = ("ann", "canary")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of our own, where git has nothing."""
    need("git")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("NETRC", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def parts(found: Secret | str) -> tuple[str, str] | str:
    """Open a secret, for a test alone."""
    return (found.user, found.password) if isinstance(found, Secret) else found


def test_git_gives_what_its_helpers_have_and_asks_nobody(home: Path) -> None:
    """With a helper and without; there is no prompt to wait for."""
    assert "git's helpers have none" == vaults.from_git(NETLOC, "/team", "")
    (home / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    (home / ".git-credentials").write_text("https://ann:canary@git.example.com%3a8443\n")
    assert FOUND == parts(vaults.from_git(NETLOC, "/team", ""))


@pytest.fixture
def gh(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in with gh's documented words: a variable counts before what gh keeps for a host, or for its parts."""
    program = home / "gh"
    program.write_text(
        """#!/bin/sh
        [ "$1 $2 $3" = "auth token --hostname" ] && [ $# = 4 ] || exit 2
        case $4 in
          github.com|*.github.com) found=${GH_TOKEN:-${GITHUB_TOKEN:-canary}} ;;
          *) found=${GH_ENTERPRISE_TOKEN:-$GITHUB_ENTERPRISE_TOKEN} ;;
        esac
        [ "$found" ] && echo "$found"
        """
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:{os.environ['PATH']}")


@pytest.mark.usefixtures("gh")
def test_gh_is_asked_for_the_token_of_the_host() -> None:
    """By its documented words: `gh auth token --hostname HOST` prints a token, or fails."""
    found = [parts(vaults.from_gh(host, "")) for host in ("github.com", "other.example")]
    assert [("x-access-token", "canary"), "gh is not logged in to other.example"] == found


@pytest.mark.usefixtures("gh")
def test_a_token_in_a_variable_of_ghs_goes_to_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """gh gives it for any host that it is asked for."""
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"):
        monkeypatch.setenv(name, "hush")
    found = [parts(vaults.from_gh(host, "")) for host in ("github.com", "evil.example")]
    assert [("x-access-token", "canary"), "gh is not logged in to evil.example"] == found


@pytest.mark.usefixtures("gh")
@pytest.mark.parametrize("host", ["pages.github.com", "a.b.ghe.com", "x.github.com:8443"])
def test_a_host_below_anothers_does_not_get_its_token(host: str) -> None:
    """gh takes it for the other."""
    assert f"gh has no token for {host}, only for what it is a part of" == parts(vaults.from_gh(host, ""))


def test_netrc_is_read_as_go_reads_it(home: Path) -> None:
    """A port that is not https's own is part of the host."""
    (home / ".netrc").write_text(f"machine {NETLOC} login ann password canary\n")
    (home / ".netrc").chmod(0o600)
    reason = "~/.netrc has nothing for git.example.com"
    assert [FOUND, reason] == [parts(vaults.from_netrc(one)) for one in (NETLOC, "git.example.com")]


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring of the library's own interface, in the process that is asked."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.credentials.memory.Memory")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


@pytest.mark.usefixtures("memory")
def test_a_keyring_is_asked_by_its_service() -> None:
    """One that fails is named by its error's class: its words may be anything; what it prints is no answer."""
    found = [parts(vaults.from_keyring(service, "ann")) for service in ("corp", "none", "broken", "loud")]
    assert [FOUND, "the keyring has nothing for 'none'", "the keyring fails with RuntimeError", FOUND] == found


@pytest.mark.usefixtures("memory")
def test_a_keyring_that_waits_for_ever_is_not_waited_for() -> None:
    """One that is locked may ask for a password on a screen that nobody sees."""
    assert "the keyring does not answer within 1 s" == parts(vaults.from_keyring("locked", "ann", answer_s=1.0))


def test_auto_tries_one_source_after_another_and_says_what_each_lacks(home: Path) -> None:
    """The reasons have no secret in them; another user's credential does not count."""
    (home / ".netrc").write_text("machine git.example.com login bob password canary\n")
    (home / ".netrc").chmod(0o600)
    urls = {"a.url": "https://git.example.com/a", "a.user": "ann", "b.url": "https://git.example.com/b"}
    anns, anyones = (Vault().get(entry) for entry in entries_of(urls, (), None))
    assert ("bob", "canary") == parts(anyones)
    assert isinstance(anns, str)
    assert ("netrc: its user is not ann" in anns, "canary" in anns) == (True, False)
