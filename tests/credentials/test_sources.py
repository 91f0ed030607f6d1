"""Where credentials come from on this machine: real git, a keyring of the library's own interface, netrc."""

import json
import os
import pty
import stat
import sys
from pathlib import Path

import keyring
import keyring.backend
import keyring.credentials
import pytest

from remotego.adapters import vaults
from remotego.adapters.ledger import MOST_BYTES, note
from remotego.cli.lending import Asker, NobodyToConfirmError
from remotego.cli.render import Printer
from remotego.core.secret import Secret
from remotego.credentials.entry import entries_of
from remotego.credentials.protocol import Question
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


def test_gh_is_asked_for_the_token_of_the_host(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in with gh's documented words: `gh auth token --hostname HOST` prints a token, or fails."""
    gh = home / "gh"
    gh.write_text('#!/bin/sh\n[ "$*" = "auth token --hostname github.com" ] && echo canary\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:{os.environ['PATH']}")
    found = [parts(vaults.from_gh(host, "")) for host in ("github.com", "other.example")]
    assert [("x-access-token", "canary"), "gh is not logged in to other.example"] == found


def test_netrc_is_read_as_go_reads_it(home: Path) -> None:
    """A port that is not https's own is part of the host."""
    (home / ".netrc").write_text(f"machine {NETLOC} login ann password canary\n")
    (home / ".netrc").chmod(0o600)
    reason = "~/.netrc has nothing for git.example.com"
    assert [FOUND, reason] == [parts(vaults.from_netrc(one)) for one in (NETLOC, "git.example.com")]


class Memory(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        """One service is known, and one breaks."""
        if service == "broken":
            raise RuntimeError("canary")
        return "canary" if (service, username) == ("corp", "ann") else None

    def set_password(self, *_: str) -> None:
        """Nothing is ever stored."""
        raise AssertionError


def test_a_keyring_is_asked_by_its_service() -> None:
    """One that fails is named by its error's class: its words may be anything."""
    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    try:
        found = [parts(vaults.from_keyring(service, "ann")) for service in ("corp", "none", "broken")]
    finally:
        keyring.set_keyring(before)
    assert [FOUND, "the keyring has nothing for 'none'", "the keyring fails with RuntimeError"] == found


def test_auto_tries_one_source_after_another_and_says_what_each_lacks(home: Path) -> None:
    """The reasons have no secret in them; another user's credential does not count."""
    (home / ".netrc").write_text("machine git.example.com login bob password canary\n")
    (home / ".netrc").chmod(0o600)
    urls = {"a.url": "https://git.example.com/a", "a.user": "ann", "b.url": "https://git.example.com/b"}
    anns, anyones = (Vault().get(entry) for entry in entries_of(urls, (), None))
    assert ("bob", "canary") == parts(anyones)
    assert isinstance(anns, str)
    assert ("netrc: its user is not ann" in anns, "canary" in anns) == (True, False)


def test_the_log_is_for_its_user_alone_and_does_not_grow_without_end(tmp_path: Path) -> None:
    """It is 0600; when it is full there is one old one."""
    path = tmp_path / "state" / "auth.jsonl"
    note(path, {"event": "granted"})
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    path.write_text("x" * (MOST_BYTES + 1))
    note(path, {"event": "ended"})
    assert ({"event": "ended"}, True) == (json.loads(path.read_text()), path.with_suffix(".old").exists())


def test_confirming_wants_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a pipe nobody could say no."""
    with (tmp_path / "empty").open("w+") as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        with pytest.raises(NobodyToConfirmError):
            Asker(Printer())


def test_always_holds_for_one_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything but yes is no; "a" is asked once."""
    keys, terminal = pty.openpty()
    one, other = entries_of({}, ("https://h.example/a", "https://h.example/b"), None)
    asked = Question(1, "git", "get", "https://h.example/a/x", 1, 1, ("agent", "git"))
    with os.fdopen(terminal, encoding="utf-8") as stdin, os.fdopen(os.dup(terminal), "w", encoding="utf-8") as stderr:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "stderr", stderr)
        asker = Asker(Printer())
        said = []
        for words, entry in ((b"x\n", one), (b"a\n", one), (b"", one), (b"\n", other), (b"y\n", other)):
            os.write(keys, words)
            said.append(asker.confirm(asked, entry))
    os.close(keys)
    assert [False, True, True, False, True] == said
