"""Edits of a home's files on real shells: done, journalled, taken back byte for byte."""

import os
import pwd
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.adapters.toolchain import bundled_go
from remotego.core.errors import RemotegoError
from remotego.core.progress import Silence
from remotego.host.block import BEGIN, BLOCK
from remotego.host.faults import BadSyntaxError, ChangedHomeFileError
from remotego.host.homeedit import HomeEdit, change_of, follow_up, splice
from remotego.host.homefiles import Home, LockedPlaceError, home_files
from remotego.host.journal import journal
from remotego.host.shellenv import plan_shellenv
from remotego.host.store import plan_home
from remotego.host.survey import survey
from remotego.ops import engine
from remotego.ops.engine import apply, ask
from tests.ops.local_transport import LocalTransport

LATIN = b"caf\xe9=1\n\x00\xff no newline at the end"


def look(local: LocalTransport) -> Home:
    """Ask for the home."""
    return ask(local, home_files())


def do(local: LocalTransport, *edits: HomeEdit) -> None:
    """Apply edits as a use case does."""
    have, home = ask(local, survey(), home_files())
    apply(local, [*plan_home(have), *(change_of(edit, home) for edit in edits)], have, Silence())


def undo(local: LocalTransport) -> None:
    """Take everything back."""
    have, entries = ask(local, survey(), journal())
    engine.undo(local, entries, have)


def tree(home: Path) -> dict[str, tuple[int, bytes | str | None]]:
    """Give every file below a home: mode and content, or where it leads."""
    return {
        str(path.relative_to(home)): (
            stat.S_IMODE(path.lstat().st_mode),
            str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else None,
        )
        for path in home.rglob("*")
    }


def block_in(local: LocalTransport, name: str) -> HomeEdit:
    """Plan our block at the beginning of a file."""
    return HomeEdit(name, look(local).read(name), 0, 0, BLOCK)


def test_files_are_read_as_they_are(local: LocalTransport) -> None:
    """Bytes that are no text arrive, and what is not there is not."""
    (local.home / ".profile").write_bytes(LATIN)
    home = look(local)
    assert (LATIN, None) == (home.read(".profile"), home.read(".bashrc"))


def test_an_edit_keeps_every_other_byte_and_the_mode(local: LocalTransport) -> None:
    """Only the piece is new."""
    (local.home / ".profile").write_bytes(LATIN)
    (local.home / ".profile").chmod(0o640)
    do(local, HomeEdit(".profile", LATIN, 5, 2, "2\nx"))
    assert (0o640, LATIN[:5] + b"2\nx" + LATIN[7:]) == tree(local.home)[".profile"]


def nobodys(home: Path) -> LocalTransport:
    """A login that is not root, to whom a mode means something: this one, or one that root gives a home to."""
    if os.geteuid():
        return LocalTransport(home)
    give(home)
    home.chmod(0o700)
    for above in list(home.parents)[:-2]:
        above.chmod(above.stat().st_mode | 0o111)
    return LocalTransport(home, user="nobody")


def give(path: Path) -> None:
    """Have root give a file to nobody."""
    if not os.geteuid():
        os.chown(path, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)


@pytest.mark.parametrize("mode", [0o400, 0o444])
def test_a_file_that_its_owner_locked_is_edited_and_taken_back(tmp_path: Path, mode: int) -> None:
    """Its mode keeps nobody from replacing it, and stays; so it does for what undo puts back."""
    local, profile = nobodys(tmp_path), tmp_path / ".profile"
    profile.write_bytes(LATIN)
    profile.chmod(mode)
    give(profile)
    edit = block_in(local, ".profile")
    do(local, edit)
    assert (mode, edit.after) == tree(tmp_path)[".profile"]
    undo(local)
    assert (mode, LATIN) == tree(tmp_path)[".profile"]


def test_what_was_added_to_a_locked_file_since_stays(tmp_path: Path) -> None:
    """Our block goes, and its mode is kept."""
    local, profile = nobodys(tmp_path), tmp_path / ".profile"
    profile.write_text("a\n")
    profile.chmod(0o400)
    give(profile)
    do(local, block_in(local, ".profile"))
    profile.write_bytes(profile.read_bytes() + b"b\n")
    undo(local)
    assert (0o400, b"a\nb\n") == tree(tmp_path)[".profile"]


def test_a_directory_that_is_locked_is_told_before_anything_is_written(tmp_path: Path) -> None:
    """Which one, while the plan is made."""
    local = nobodys(tmp_path)
    (tmp_path / ".config").mkdir(mode=0o555)
    give(tmp_path / ".config")
    with pytest.raises(LockedPlaceError) as caught:
        change_of(HomeEdit(".config/remotego/env.sh", None, 0, 0, "x"), look(local))
    assert str(tmp_path / ".config") == caught.value.folder


def test_undo_gives_the_same_home(local: LocalTransport) -> None:
    """Edited files, files that were not there, and the directories they needed."""
    (local.home / ".bashrc").write_bytes(LATIN)
    before = tree(local.home)
    do(local, block_in(local, ".bashrc"), HomeEdit(".config/remotego/env.sh", None, 0, 0, "# ours\n"))
    assert before != tree(local.home)
    undo(local)
    assert before == {name: one for name, one in tree(local.home).items() if not name.startswith(".local")}


def test_a_link_is_followed_and_stays(local: LocalTransport) -> None:
    """Dotfiles often live in a repository."""
    (local.home / "dots").mkdir()
    (local.home / "dots/bashrc").write_text("a\n")
    (local.home / ".bashrc").symlink_to("dots/bashrc")
    do(local, block_in(local, ".bashrc"))
    found = tree(local.home)
    assert ("dots/bashrc", f"{BLOCK}a\n".encode()) == (found[".bashrc"][1], found["dots/bashrc"][1])
    undo(local)
    assert b"a\n" == tree(local.home)["dots/bashrc"][1]


def test_two_edits_are_taken_back_in_turn(local: LocalTransport) -> None:
    """A file that was edited twice becomes what it was before the first."""
    (local.home / ".profile").write_text("a\n")
    do(local, block_in(local, ".profile"))
    do(local, HomeEdit(".profile", f"{BLOCK}a\n".encode(), 0, 0, "# second\n"))
    undo(local)
    assert b"a\n" == tree(local.home)[".profile"][1]


def test_what_was_added_since_stays(local: LocalTransport) -> None:
    """Undo takes out our block alone from a file that has been changed."""
    (local.home / ".profile").write_text("a\n")
    do(local, block_in(local, ".profile"))
    with (local.home / ".profile").open("a") as file:
        file.write("mine\n")
    undo(local)
    assert b"a\nmine\n" == tree(local.home)[".profile"][1]


def test_a_mark_too_many_is_no_block(local: LocalTransport) -> None:
    """What stands between two first marks may be the user's: it is left alone, and said."""
    (local.home / ".profile").write_text(f"{BEGIN}\nmine\n")
    do(local, HomeEdit(".profile", f"{BEGIN}\nmine\n".encode(), len(BEGIN) + 6, 0, BLOCK))
    with (local.home / ".profile").open("a") as file:
        file.write("more\n")
    with pytest.raises(ChangedHomeFileError):
        undo(local)
    assert f"{BEGIN}\nmine\n{BLOCK}more\n" == (local.home / ".profile").read_text()


def test_a_file_that_has_gone_stays_away(local: LocalTransport) -> None:
    """Whoever removed it meant it."""
    (local.home / ".profile").write_text("a\n")
    do(local, block_in(local, ".profile"))
    (local.home / ".profile").unlink()
    undo(local)
    assert ".profile" not in tree(local.home)


def test_a_file_that_somebody_changes_meanwhile_is_left_alone(local: LocalTransport) -> None:
    """What was planned was planned for another content."""
    (local.home / ".profile").write_text("a\n")
    edit = block_in(local, ".profile")
    (local.home / ".profile").write_text("b\n")
    with pytest.raises(ChangedHomeFileError):
        do(local, edit)
    left = {name: one for name, one in tree(local.home).items() if "remotego" not in name}
    assert b"b\n" == left[".profile"][1]


CHECK = ("/bin/sh", "-n")


@pytest.mark.parametrize(
    ("before", "text", "whose"), [("a\n", "if\n", "with our lines"), ("fi\n", "a\n", "even without our lines")]
)
def test_what_the_shell_cannot_read_gets_no_name(local: LocalTransport, before: str, text: str, whose: str) -> None:
    """All files are as they were, and nothing is left beside them; the message names it, not our copy."""
    (local.home / ".profile").write_text(before)
    with pytest.raises(BadSyntaxError) as caught:
        do(
            local,
            HomeEdit(".first", None, 0, 0, "a\n", CHECK),
            HomeEdit(".profile", before.encode(), 0, 0, text, CHECK),
        )
    kept = {name: one for name, one in tree(local.home).items() if not name.startswith(".local")}
    assert ({".profile"}, before.encode(), whose, False) == (
        set(kept),
        kept[".profile"][1],
        caught.value.whose,
        "-check" in str(caught.value),
    )


def test_a_check_obeys_nothing(local: LocalTransport) -> None:
    """Neither the file, nor what a non-interactive shell is told to read first."""
    do(local, HomeEdit(".profile", None, 0, 0, 'touch "$HOME/obeyed"\n', CHECK))
    assert False is (local.home / "obeyed").exists()


def test_a_shell_that_is_not_there_checks_nothing(local: LocalTransport) -> None:
    """The plan says so."""
    do(local, HomeEdit(".profile", None, 0, 0, "if\n", ("/nowhere/zsh", "-n")))
    assert "if\n" == (local.home / ".profile").read_text()


def test_what_go_writes_before_the_rename_is_kept_and_told(local: LocalTransport, tmp_path: Path) -> None:
    """`go env -w` knows no lock: its line stays, ours is not written, and nothing is left beside the file."""
    go, file = bundled_go(), local.home / "env"
    assert go is not None, "the extra 'go' is not installed"
    file.write_text("GOSUMDB=off\n")
    meanwhile = tmp_path / "meanwhile"
    meanwhile.write_text(f"#!/bin/sh\nXDG_CONFIG_HOME=/dev/null GOENV={file} {go} env -w GOFLAGS=-v\n")
    meanwhile.chmod(0o755)
    edit = HomeEdit(str(file), b"GOSUMDB=off\n", 0, 0, "GOVCS=off\n", (str(meanwhile),))
    with pytest.raises(ChangedHomeFileError):
        do(local, edit)
    assert ("GOFLAGS=-v\nGOSUMDB=off\n", ["env"]) == (
        file.read_text(),
        [name for name in tree(local.home) if not name.startswith(".local")],
    )


@pytest.mark.parametrize("before", ["old\n", None])
def test_what_is_written_at_the_very_rename_is_kept_and_told(tmp_path: Path, before: str | None) -> None:
    """By a program that comes between our last look and the rename, which it delays."""
    shims, home = tmp_path / "shims", tmp_path / "home"
    shims.mkdir()
    home.mkdir()
    late = f'case "$*" in *{home}/env) echo theirs >>{home}/env ;; esac'
    for name in ("mv", "ln"):
        (shims / name).write_text(
            f'#!/bin/sh\n{late if (name == "mv") == bool(before) else ":"}\nexec /bin/{name} "$@"\n'
        )
        (shims / name).chmod(0o755)
    if before:
        (home / "env").write_text(before)
    local = LocalTransport(home, path=f"{shims}:{os.defpath}")
    with pytest.raises(ChangedHomeFileError):
        do(local, HomeEdit(str(home / "env"), before and before.encode(), 0, 0, "ours\n"))
    kept = [name for name in tree(home) if not name.startswith(".local")]
    assert (f"{before or ''}theirs\n", ["env"]) == ((home / "env").read_text(), kept)


def test_two_blocks_go_from_a_file_that_has_been_changed_since(local: LocalTransport) -> None:
    """What is between them is the user's."""
    (local.home / ".profile").write_text("a\n")
    do(local, splice(".profile", b"a\n", f"{BLOCK}a\n{BLOCK}".encode()))
    with (local.home / ".profile").open("a") as file:
        file.write("mine\n")
    undo(local)
    assert b"a\nmine\n" == tree(local.home)[".profile"][1]


def test_a_piece_may_have_any_bytes_in_it(local: LocalTransport) -> None:
    """Of any encoding, and with what printf would obey."""
    before, after = b"a\n\xff\\n%s\x01\t\\0101\nz", b"b\n\xff\\n%s\x01\t\\0101\ny\n\n"
    (local.home / ".profile").write_bytes(before)
    do(local, splice(".profile", before, after))
    assert after == tree(local.home)[".profile"][1]


def test_a_refused_edit_leaves_nothing_behind(local: LocalTransport) -> None:
    """Neither a directory, nor half a file, nor an entry."""
    (local.home / ".profile").write_text("a\n")
    edit = block_in(local, ".profile")
    do(local, HomeEdit(".bashrc", None, 0, 0, "x\n"))
    wrong = HomeEdit(".config/remotego/env.sh", b"what is not there", 0, 0, "x")
    before = tree(local.home)
    with pytest.raises(RemotegoError):
        do(local, wrong)
    assert (before, f"{BLOCK}a\n".encode()) == (tree(local.home), edit.after)


def test_blocks_are_edited_where_they_are(local: LocalTransport) -> None:
    """The plan for a home that has it is empty, as seen on the host."""
    (local.home / ".bashrc").write_bytes(LATIN)
    home = look(local)
    bash = Home(home.path, "/bin/bash", home.files, home.odd, home.dirs, (), {})
    do(local, *plan_shellenv(bash, ("/opt/go/bin",)).edits)
    again = look(local)
    assert (
        () == plan_shellenv(Home(again.path, "/bin/bash", again.files, {}, again.dirs, (), {}), ("/opt/go/bin",)).edits
    )


def test_a_follow_up_is_not_journalled(local: LocalTransport) -> None:
    """It is a part of taking something back."""
    (local.home / ".profile").write_text("é a\n")
    have = ask(local, survey())
    apply(
        local,
        [*plan_home(have), follow_up(f"{local.home}/.profile", "é a\n".encode(), "ü a\n".encode())],
        have,
        Silence(),
    )
    kept = [path.suffix for path in (local.home / ".local/share/remotego/journal").iterdir()]
    assert ([".json"], "ü a\n") == (kept, (local.home / ".profile").read_text())


@given(st.text(max_size=12), st.text(max_size=12))
def test_a_splice_makes_one_text_of_the_other(old: str, new: str) -> None:
    """With offsets in bytes, whatever the characters."""
    assert new.encode() == splice("f", old.encode(), new.encode()).after
