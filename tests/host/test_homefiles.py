"""What a login's home tells."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.errors import RemotegoError
from remotego.core.transport import Answer, Script, Sent
from remotego.host.homefiles import CAP_BYTES, FILES, Go, Home, UnfitHomeFileError, contents, home_files, is_home_file
from remotego.ops.engine import ask
from remotego.ops.remote_go import NoRemoteGoError, choose
from tests.ops.local_transport import LocalTransport


def install(home: Path, place: str, version: str = "") -> str:
    """Put a go into a home."""
    go = home / place / "bin/go"
    go.parent.mkdir(parents=True)
    go.write_text("#!/bin/sh\n")
    go.chmod(0o755)
    if version:
        (home / place / "VERSION").write_text(f"{version}\ntime 2026\n")
    return str(go)


def home(*gos: Go) -> Home:
    """Make a home that has seen these."""
    return Home("/h", "/bin/sh", {}, {}, frozenset(), gos, {})


def test_every_file_is_told_from_what_is_none(local: LocalTransport) -> None:
    """Regular files with their bytes, the others with a reason."""
    (local.home / ".profile").write_bytes(b"\x00=\t\xff\n")
    (local.home / ".bashrc").symlink_to("nowhere")
    (local.home / ".zshenv").mkdir()
    (local.home / ".zprofile").write_bytes(b"x" * (CAP_BYTES + 1))
    found = ask(local, home_files())
    assert (b"\x00=\t\xff\n", {".bashrc", ".zshenv", ".zprofile"}) == (found.read(".profile"), set(found.odd))


def test_an_odd_file_cannot_be_read(local: LocalTransport) -> None:
    """It has a name and a reason."""
    (local.home / ".bashrc").symlink_to("nowhere")
    with pytest.raises(UnfitHomeFileError) as caught:
        ask(local, home_files()).read(".bashrc")
    assert f"{local.home}/.bashrc was left alone: it is a link that leads nowhere" == str(caught.value)


def test_directories_that_are_missing_are_named(local: LocalTransport) -> None:
    """The outermost first."""
    (local.home / ".config").mkdir()
    expected = (".config/fish", ".config/fish/conf.d")
    assert expected == ask(local, home_files()).missing(".config/fish/conf.d/remotego.fish")


def test_go_and_tools_are_found(local: LocalTransport) -> None:
    """With the version that its tree says."""
    go = install(local.home, "sdk/go1.27.1", "go1.27.1")
    (local.home / "go/bin").mkdir(parents=True)
    (local.home / "go/bin/dlv").touch(mode=0o755)
    found = ask(local, home_files())
    own = [one for one in found.gos if one.path.startswith(str(local.home))]
    assert ([Go(go, "usual place", "go1.27.1")], {"dlv": f"{local.home}/go/bin/dlv"}) == (own, found.tools)


def test_a_go_is_looked_for_where_the_user_says(local: LocalTransport) -> None:
    """Also below the home of that login."""
    go = install(local.home, "my go")
    assert Go(go, "given", "") in ask(local, home_files("~/my go/bin/go")).gos


def test_the_login_shell_is_asked(tmp_path: Path) -> None:
    """Noise around its answer does not matter."""
    go = install(tmp_path, "own")
    (tmp_path / ".profile").write_text(f"echo noise; echo /x/go.txt; PATH={tmp_path}/own/bin:$PATH; echo more >&2\n")

    class Login(LocalTransport):
        def run(self, script: Script, *, timeout_s: float = 60.0, sent: Sent | None = None) -> Answer:
            chosen = Script(f"SHELL=/usr/bin/dash; export SHELL\n{script.text}")
            return super().run(chosen, timeout_s=timeout_s, sent=sent)

    assert Go(go, "login shell", "") in ask(Login(tmp_path), home_files()).gos


def test_an_sdk_of_ours_in_use_is_found(local: LocalTransport) -> None:
    """In our directory on the target."""
    go = install(local.home / "rg", "sdk/current", "go1.27.1")
    assert Go(go, "sdk", "go1.27.1") in ask(local, home_files(store=str(local.home / "rg"))).gos


def test_gos_own_file_is_found_by_its_rule(local: LocalTransport) -> None:
    """With what is missing above it; nothing is run for it, and nothing left in the home."""
    found = ask(local, home_files())
    path = f"{local.home}/.config/go/env"
    assert (path, None, (f"{local.home}/.config", f"{local.home}/.config/go"), []) == (
        found.goenv,
        found.read(path),
        found.missing(path),
        list(local.home.iterdir()),
    )


def test_a_file_of_somebody_elses_is_odd(local: LocalTransport) -> None:
    """Replaced by rename, it would become ours."""
    (local.home / ".bashrc").touch()
    os.chown(local.home / ".bashrc", 65534, 65534)
    assert {".bashrc": "it belongs to somebody else"} == ask(local, home_files()).odd


SDK = Go("/h/rg/sdk/current/bin/go", "sdk", "go1.27.1")
GIVEN, LOGIN = Go("/g/bin/go", "given", ""), Go("/l/bin/go", "login shell", "")
LOCAL, OPT = Go("/usr/local/go/bin/go", "usual place", "go1.20"), Go("/opt/go/bin/go", "usual place", "go1.27")
OLD, NEW = (Go(f"/h/sdk/{one}/bin/go", "usual place", one) for one in ("go1.9.7", "go1.27.1"))
BARE = Go("/h/sdk/go1.28.0/bin/go", "usual place", "")


@pytest.mark.parametrize(
    ("gos", "wanted", "expected"),
    [
        ((LOGIN, LOCAL, GIVEN), "/g/bin/go", GIVEN),
        ((LOGIN, LOCAL), None, LOGIN),
        ((LOGIN, SDK), None, SDK),
        ((OPT, NEW, LOCAL), None, LOCAL),
        ((OLD, NEW, OPT), None, NEW),
        ((OLD, NEW, BARE), None, BARE),
        ((OPT,), None, OPT),
    ],
)
def test_the_most_certain_go_is_taken(gos: tuple[Go, ...], wanted: str | None, expected: Go) -> None:
    """The user's word, the login shell's, the usual places; of several SDKs the newest."""
    assert expected == choose(home(*gos), wanted, host="h")


@pytest.mark.parametrize(("gos", "wanted"), [((LOGIN, LOCAL), "/g/bin/go"), ((), None)])
def test_no_go_is_an_error(gos: tuple[Go, ...], wanted: str | None) -> None:
    """Another one is not taken in its place."""
    with pytest.raises(NoRemoteGoError):
        choose(home(*gos), wanted, host="h")


@pytest.mark.parametrize("name", FILES)
def test_what_we_edit_is_known(name: str) -> None:
    """For undo."""
    assert is_home_file(f"/home/ann/{name}")


def test_contents_come_by_their_paths(local: LocalTransport) -> None:
    """Those that are not there are left out."""
    (local.home / "it's").write_bytes(b"\xff\n")
    assert {f"{local.home}/it's": b"\xff\n"} == ask(local, contents([f"{local.home}/it's", f"{local.home}/none"]))


@given(
    st.text()
    | st.lists(st.sampled_from(["home=/h", "shell=/bin/sh", "file=.profile\tzz", "dir=x", "go=", "=\t"])).map("\n".join)
)
def test_any_answer_is_read_or_refused(text: str) -> None:
    """An answer of any form gives a Home, a ValueError or an error for the user."""
    try:
        found = home_files().parse(text)
    except (ValueError, RemotegoError):
        return
    assert found.path.startswith("/")
