"""Planning start-up files of shells."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.transport import Answer, Script, Sent
from remotego.host.block import BEGIN, BLOCK, END, FISH_BLOCK
from remotego.host.homeedit import HomeEdit
from remotego.host.homefiles import (
    BASHRC_D_FILE,
    ENV_FILE,
    FISH_CONFIG,
    FISH_FILE,
    Home,
    UnfitHomeFileError,
    home_files,
)
from remotego.host.shellenv import plan_shellenv
from remotego.ops.engine import ask
from tests.lab.fixtures import need
from tests.ops.local_transport import LocalTransport

GO = ("/opt/go/bin",)
DEBIAN = b"""# ~/.bashrc: executed by bash(1) for non-login shells.

# If not running interactively, don't do anything
case $- in
    *i*) ;;
      *) return;;
esac
HISTSIZE=1000
"""
DEBIAN_PROFILE = b"""if [ -n "$BASH_VERSION" ]; then
    if [ -f "$HOME/.bashrc" ]; then
\t. "$HOME/.bashrc"
    fi
fi
"""
FEDORA = b"""if [ -f /etc/bashrc ]; then
    . /etc/bashrc
fi
if [ -d ~/.bashrc.d ]; then
    for rc in ~/.bashrc.d/*; do
        if [ -f "$rc" ]; then
            . "$rc"
        fi
    done
fi
unset rc
"""
FEDORA_PROFILE = b"if [ -f ~/.bashrc ]; then\n    . ~/.bashrc\nfi\n"


class Zsh(LocalTransport):
    """A login that has zsh."""

    def __init__(self, home: Path) -> None:
        need("zsh")
        super().__init__(home)

    def run(self, script: Script, *, timeout_s: float = 60.0, sent: Sent | None = None) -> Answer:
        """Run with its shell."""
        told = Script(f"export SHELL=/usr/bin/zsh\n{script.text}")
        return super().run(told, timeout_s=timeout_s, sent=sent)


def home(shell: str, odd: dict[str, str] | None = None, **files: bytes) -> Home:
    """Make a home; ``_bashrc`` stands for .bashrc."""
    named = {f".{name.removeprefix('_')}": data for name, data in files.items()}
    return Home("/h", f"/bin/{shell}", named, odd or {}, frozenset(), (), {})


def texts(at: Home, directories: tuple[str, ...] = GO) -> dict[str, bytes]:
    """Give the files as they shall be, by name."""
    return {edit.name: edit.after for edit in plan_shellenv(at, directories).edits}


def after(at: Home) -> Home:
    """Give a home with the plan done."""
    return Home(at.path, at.shell, {**at.files, **texts(at)}, at.odd, at.dirs, at.gos, at.tools)


BLOCK_BYTES = BLOCK.encode()


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (home("bash"), {ENV_FILE, ".profile", ".bashrc"}),
        (home("bash", _profile=b"", _bashrc=DEBIAN), {ENV_FILE, ".profile", ".bashrc"}),
        (home("bash", _bash_profile=b"", _profile=b""), {ENV_FILE, ".bash_profile", ".bashrc"}),
        (home("bash", _bash_login=b"", _profile=b""), {ENV_FILE, ".bash_login", ".bashrc"}),
        (home("bash", _bash_profile=FEDORA_PROFILE, _bashrc=FEDORA), {ENV_FILE, ".bash_profile", BASHRC_D_FILE}),
        (home("bash", _bashrc=DEBIAN + FEDORA), {ENV_FILE, ".profile", ".bashrc"}),
        (home("zsh"), {ENV_FILE, ".zshenv", ".zprofile"}),
        (home("dash", _bashrc=DEBIAN), {ENV_FILE, ".profile"}),
        (home("ash"), {ENV_FILE, ".profile"}),
        (home("fish"), {FISH_FILE}),
        (home("tcsh"), set()),
        (home("nologin"), set()),
    ],
)
def test_a_block_stands_where_the_shell_reads(at: Home, expected: set[str]) -> None:
    """Each shell has its own files, and no file of another shell is made or touched."""
    assert expected == set(texts(at))


def test_in_bashrc_it_stands_above_the_guard() -> None:
    """Below it, nothing is read for a command; right above it, since what stands there may change PATH too."""
    before, case, after = DEBIAN.partition(b"case ")
    assert before + BLOCK_BYTES + case + after == texts(home("bash", _bashrc=DEBIAN))[".bashrc"]


def test_a_shebang_stays_first() -> None:
    """Some people have one."""
    text = b"#!/bin/bash\nreturn\n"
    assert b"#!/bin/bash\n" + BLOCK_BYTES + b"return\n" == texts(home("bash", _bashrc=text))[".bashrc"]


LATER = b"export PATH=/usr/local/go/bin:$PATH\n"


@pytest.mark.parametrize(
    ("at", "name"),
    [
        (home("bash", _bashrc=DEBIAN + LATER, _profile=b""), ".bashrc"),
        (home("bash", _bashrc=FEDORA + LATER, _profile=b""), ".bashrc"),
        (home("bash", _profile=b"[ -t 0 ] || return\n" + LATER), ".profile"),
        (home("zsh", _zshrc=LATER), ".zshrc"),
        (home("zsh", _zshrc=b'eval "$(goenv init -)"\n'), ".zshrc"),
        (home("zsh", _zlogin=b"path+=(/opt/bin)\n"), ".zlogin"),
    ],
)
def test_what_may_change_path_behind_the_block_is_followed_by_another(at: Home, name: str) -> None:
    """So that the same go is first in a terminal."""
    assert True is texts(at)[name].endswith(BLOCK_BYTES)


def test_a_config_of_fish_that_changes_path_is_followed_by_ours() -> None:
    """conf.d is read before it."""
    text = b"fish_add_path /usr/local/go/bin\n"
    plan = plan_shellenv(Home("/h", "/usr/bin/fish", {FISH_CONFIG: text}, {}, frozenset(), (), {}), GO)
    assert text + FISH_BLOCK.encode() == {edit.name: edit.after for edit in plan.edits}[FISH_CONFIG]


@pytest.mark.parametrize(
    "text", [DEBIAN + b"export MANPATH=/x:$MANPATH GOPATH=/y\n# PATH=/x\n", DEBIAN + b"if x; then\n" + LATER]
)
def test_there_is_one_block_where_another_would_not_help(text: bytes) -> None:
    """Nothing changes PATH, or the end of the file is in some branch."""
    assert 1 == texts(home("bash", _bashrc=text, _profile=b""))[".bashrc"].count(BLOCK_BYTES)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (DEBIAN_PROFILE, len(DEBIAN_PROFILE)),
        (b"a\nexec zsh\nb\n", 2),
        (b"a\nif [ -t 1 ]; then\n  exec zsh\nfi\n", 2),
        (b"a\nif [ -t 1 ]; then\nexec zsh\nfi\n", 2),
        (b"a\n[ -t 1 ] && exec zsh\n", 2),
        (b"a\nf() {\n  return 1\n}\nb\n", 2),
        (b"a\n# exec zsh\nb\n", 15),
        (b"a\nfi\nb\n", 0),
        (b"#!/bin/sh\nif a; then\n", 10),
        (b"if a; then b; fi\nexit\n", 17),
        (b"case $- in *i*) ;; *) ;; esac\nreturn\n", 30),
    ],
)
def test_in_a_profile_it_stands_at_the_last_sure_place(text: bytes, place: int) -> None:
    """Behind what may reset PATH, before what leaves, and in no branch."""
    assert text[:place] + BLOCK_BYTES + text[place:] == texts(home("dash", _profile=text))[".profile"]


def test_a_last_line_without_end_gets_one() -> None:
    """The block is lines of its own."""
    assert b"a\n" + BLOCK_BYTES == texts(home("dash", _profile=b"a"))[".profile"]


@given(st.binary(max_size=60), st.sampled_from(["bash", "dash", "zsh", "fish"]))
def test_a_second_plan_has_nothing_to_do(text: bytes, shell: str) -> None:
    """Whatever the files say, in whatever encoding."""
    at = home(shell, _profile=text, _bashrc=text, _zshenv=text, _zprofile=text)
    assert () == plan_shellenv(after(at), GO).edits


@given(st.binary(max_size=60))
def test_nothing_of_the_users_is_lost(text: bytes) -> None:
    """An edit is an insertion; a last line without an end gets one."""
    inserted = texts(home("bash", _bashrc=text, _profile=b""))[".bashrc"]
    assert text.removesuffix(b"\n") == inserted.replace(BLOCK_BYTES, b"").removesuffix(b"\n")


def test_a_block_of_another_version_is_replaced() -> None:
    """In its place."""
    old = f"a\n{BEGIN}\n. /old\n{END}\nb\n".encode()
    assert b"a\n" + BLOCK_BYTES + b"b\n" == texts(home("dash", _profile=old))[".profile"]


def test_another_directory_changes_only_our_own_file() -> None:
    """The blocks stay as they are."""
    assert {ENV_FILE} == set(texts(after(home("bash")), ("/usr/local/go/bin",)))


def test_a_directory_of_every_path_needs_nothing() -> None:
    """Debian's go is /usr/bin/go."""
    assert () == plan_shellenv(home("bash"), ("/usr/bin",)).edits


def test_what_cannot_be_read_is_named() -> None:
    """Nothing is planned past it."""
    with pytest.raises(UnfitHomeFileError) as caught:
        plan_shellenv(home("bash", odd={".bash_profile": "it is a link that leads nowhere"}), GO)
    assert "/h/.bash_profile" == caught.value.path


def path_of(tmp_path: Path, shell: str, start: str) -> str:
    """PATH after a shell of this machine has read our own file twice, from ``start``."""
    env = next(edit for edit in plan_shellenv(home("dash"), ("/a b/bin", "/c/bin")).edits if edit.name == ENV_FILE)
    (tmp_path / "env.sh").write_bytes(env.after)
    script = f"set -eu; . {tmp_path}/env.sh; . {tmp_path}/env.sh; /usr/bin/printenv PATH; ! /usr/bin/env | /bin/grep GO"
    done = subprocess.run([shell, "-c", script], env={"PATH": start}, capture_output=True, text=True, timeout=60)
    assert "" == done.stderr
    return done.stdout


@pytest.mark.parametrize("shell", ["/usr/bin/dash", "/usr/bin/bash"])
def test_directories_are_set_once_and_in_their_order(tmp_path: Path, shell: str) -> None:
    """Silent, with nothing but PATH changed, also when it is read a second time and with set -eu."""
    assert "/a b/bin:/c/bin:/usr/bin\n" == path_of(tmp_path, shell, "/usr/bin")


@pytest.mark.parametrize("shell", ["/usr/bin/dash", "/usr/bin/bash"])
@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("/usr/bin:/a b/bin:/x", "/a b/bin:/c/bin:/usr/bin:/x"),
        ("/usr/bin:/a b/bin:/a b/bin:", "/a b/bin:/c/bin:/usr/bin:"),
        ("/c/bin:/a b/bin", "/a b/bin:/c/bin"),
        ("/a b/bin:/usr/bin:/c/bin", "/a b/bin:/usr/bin:/c/bin"),
        ("", "/a b/bin:/c/bin"),
    ],
)
def test_the_directory_of_go_is_first_and_the_rest_stays(tmp_path: Path, shell: str, start: str, expected: str) -> None:
    """Another go that the user's files have put in front comes behind; the order of all else is the user's."""
    assert f"{expected}\n" == path_of(tmp_path, shell, start)


def test_an_edit_knows_what_it_makes() -> None:
    """Its content afterwards is the old one but for one piece."""
    assert b"aXYd" == HomeEdit("f", b"abcd", 1, 2, "XY").after


def test_zsh_has_its_files_where_it_looks_for_them(tmp_path: Path) -> None:
    """ZDOTDIR as .zshenv sets it, exported or not; a terminal and a login find our go."""
    (tmp_path / ".zshenv").write_text('ZDOTDIR="$HOME/.config/zsh/"\n')
    (tmp_path / ".config/zsh").mkdir(parents=True)
    (tmp_path / ".config/zsh/.zshrc").write_text("PATH=/oops:$PATH\n")
    found = ask(Zsh(tmp_path), home_files())
    expected = {ENV_FILE, ".zshenv", ".config/zsh/.zprofile", ".config/zsh/.zshrc"}
    assert expected == {edit.name for edit in plan_shellenv(found, GO).edits}


def test_files_of_zsh_outside_of_the_home_are_a_limit(tmp_path: Path) -> None:
    """What can be written is, and the rest is said."""
    (tmp_path / ".zshenv").write_text("export ZDOTDIR=/etc/somewhere\n")
    plan = plan_shellenv(ask(Zsh(tmp_path), home_files()), GO)
    names = {edit.name for edit in plan.edits}
    assert ({ENV_FILE, ".zshenv"}, True) == (names, plan.limit.startswith("zsh reads files in /etc/somewhere"))
