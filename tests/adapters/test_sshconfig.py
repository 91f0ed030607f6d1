"""Blocks, lines, conflicts and the Include of a generated ssh_config; what ssh makes of them is in tests/ops."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.adapters.sshconfig.blocks import (
    Block,
    BrokenHostKeyError,
    UnfitPathError,
    block_of,
    quoted,
    render_known_hosts,
    spelt,
    twins,
)
from remotego.adapters.sshconfig.conflicts import conflicts_of
from remotego.adapters.sshconfig.include import folders_made, with_include, without_include
from remotego.adapters.sshconfig.lines import Reach, read_lines, split
from remotego.core.machine import Machine
from remotego.core.options import MACHINE, fits

HOME = Path("/home/ann")
KEY = "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519" + b"\0\0\0\x20" + bytes(32)).decode()
OTHER_KEY = "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519" + b"\0\0\0\x20" + b"x" * 32).decode()
TEXTS = st.text(st.sampled_from("aB Host*\n\r#=\"' Include\t\\"), max_size=80)
CONFIG = """User everybody
Host app1 db?  # the team's
    User ann
    HostName = "10.0.0.9"
Host *.corp !bad.corp
    Port 2200
Match originalhost app2 exec "true"
    ProxyCommand nc %h %p
Host *
    StrictHostKeyChecking no
    ServerAliveInterval 60
"""


def conflicts(name: str, *rows: tuple[str, str], config: str = CONFIG) -> list[tuple[str, str, int, str]]:
    """Find what the user's own file says else of a host."""
    lines = list(read_lines("config", config, lambda _: ()))
    return [(one.keyword, one.theirs, one.line, one.kept) for one in conflicts_of(Block(name, rows), lines)]


@given(TEXTS)
def test_the_include_is_taken_out_again(text: str) -> None:
    """Whatever stood in the file stands there again, character by character."""
    assert text == without_include(with_include(text, "remotego/*.conf"))


@given(TEXTS)
def test_a_second_include_changes_nothing(text: str) -> None:
    """The block is found again, whatever is around it."""
    once = with_include(text, "remotego/*.conf")
    assert once == with_include(once, "remotego/*.conf")


def test_a_file_made_for_the_include_goes_with_it() -> None:
    """An empty file of the user's stays, though."""
    assert [None, ""] == [without_include(with_include(text, "x")) for text in (None, "")]


def test_a_file_remembers_the_directories_made_for_it() -> None:
    """However often the Include is written anew; a file of the user's has none."""
    texts = (with_include(None, "x", 2), with_include(with_include(None, "x", 2), "y"), with_include("", "x", 2))
    assert [2, 2, 0, 0] == [folders_made(text) for text in (*texts, None)]


def test_an_include_that_has_slipped_below_a_host_is_moved_up() -> None:
    """There it would count for that host alone."""
    text = "Host a\n  User b\n" + with_include("", "x")
    assert with_include("Host a\n  User b\n", "x") == with_include(text, "x")


def test_line_ends_of_windows_stay() -> None:
    """The block has those of the file."""
    assert "\n" not in with_include("Host a\r\n", "x").replace("\r\n", "")


@given(st.text(max_size=30))
def test_no_value_reaches_beyond_its_line(value: str) -> None:
    """What the options let pass is one word, or one path in quotes, and nothing that ssh expands."""
    for name in ("address", "user", "jump", "identity"):
        if fits(MACHINE[name], value):
            line = quoted(value)
            assert ([value], False, False) == (
                list(split(line)),
                "\n" in line,
                value.startswith("-") and name != "identity",
            )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("address", "-oProxyCommand=x"),
        ("address", "%h"),
        ("address", "a b"),
        ("user", "dev\nProxyCommand x"),
        ("user", "-l"),
        ("jump", "j1,-oX"),
        ("jump", "j1 ProxyCommand"),
        ("jump", "`id`"),
        ("identity", "/k\nLocalCommand x"),
        ("identity", "~/%u"),
        ("identity", "${HOME}/k"),
        ("identity", '/k" "/x'),
        ("host_keys", ["* ssh-ed25519 AAAA"]),
        ("host_keys", ["ssh-ed25519 AAAA\n* ssh-rsa AAAA"]),
        ("host_keys", ["@revoked ssh-ed25519 AAAA"]),
    ],
)
def test_what_could_begin_another_keyword_is_refused(name: str, value: object) -> None:
    """Before anything is written."""
    assert False is fits(MACHINE[name], value)


def test_host_keys_are_checked_strictly_by_our_file_alone() -> None:
    """Where there are any; ssh must not add to the file either."""
    rows = dict(block_of(Machine("a", host_keys=(KEY,)), HOME / ".ssh/remotego/x.known_hosts", HOME).rows)
    names = ("StrictHostKeyChecking", "UserKnownHostsFile", "UpdateHostKeys")
    assert ["yes", "~/.ssh/remotego/x.known_hosts", "no"] == [rows[name] for name in names]


def test_without_host_keys_the_users_own_known_hosts_count() -> None:
    """Strictly, all the same."""
    rows = dict(block_of(Machine("a"), HOME / "x", HOME).rows)
    assert ("yes", None) == (rows["StrictHostKeyChecking"], rows.get("UserKnownHostsFile"))


def test_machines_of_one_address_and_other_keys_are_told_apart() -> None:
    """Two networks behind two jump hosts may both have a 10.0.0.7."""
    ones = (Machine("a", "10.0.0.7", host_keys=(KEY,)), Machine("b", "10.0.0.7", host_keys=(OTHER_KEY,)), Machine("c"))
    assert {"a", "b"} == twins(ones)


@pytest.mark.parametrize("key", ["ssh-ed25519 AAAA", "ssh-rsa " + KEY.split()[1], "ssh-ed25519 A"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    """ssh would pass such a line over, and then know no key at all."""
    with pytest.raises(BrokenHostKeyError):
        render_known_hosts([Machine("a", host_keys=(key,))], {"a": "a"}, "head")


def test_known_hosts_have_the_name_that_ssh_looks_for() -> None:
    """Without the comment, behind the marker."""
    machines = [Machine("a", host_keys=(f"{KEY} root@a", f"@cert-authority {OTHER_KEY}"))]
    expected = f"# head\n[10.0.0.7]:2222 {KEY}\n@cert-authority [10.0.0.7]:2222 {OTHER_KEY}\n"
    assert expected == render_known_hosts(machines, {"a": "[10.0.0.7]:2222"}, "head")


@pytest.mark.parametrize("path", ["/a'b", "/a%h", "/a$b", "/a*", "/a[b]", '/a"b', "/a\nb", "/a\\b"])
def test_a_path_that_ssh_would_read_otherwise_is_refused(path: str) -> None:
    """It is named; blanks and # are put in quotes."""
    with pytest.raises(UnfitPathError):
        spelt(Path(path), HOME)


def test_a_path_below_home_is_written_for_any_system() -> None:
    """An editor on Windows has another home."""
    assert ["~/my keys/id", "/opt/k"] == [spelt(Path(path), HOME) for path in ("/home/ann/my keys/id", "/opt/k")]


def test_what_names_the_host_is_kept() -> None:
    """The user's own value counts, with its place."""
    expected = [("User", "everybody", 1, "ours"), ("HostName", "10.0.0.9", 4, "theirs")]
    assert expected == conflicts("app1", ("User", "dev"), ("HostName", "10.0.0.7"))


def test_what_is_for_all_hosts_is_kept_only_in_matters_of_taste() -> None:
    """Never where it would make host keys count for less."""
    expected = [("ServerAliveInterval", "60", 11, "theirs"), ("StrictHostKeyChecking", "no", 10, "ours")]
    assert expected == conflicts("app9", ("ServerAliveInterval", "15"), ("StrictHostKeyChecking", "yes"))


def test_a_proxy_command_is_a_rival_of_a_jump() -> None:
    """Below a Match whose command only ssh can run."""
    assert [("ProxyJump", "(ProxyCommand) nc %h %p", 8, "theirs")] == conflicts("app2", ("ProxyJump", "j"))


def test_lax_host_keys_of_the_very_host_do_not_count() -> None:
    """They are named."""
    config = "Host app1\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n"
    rows = (("StrictHostKeyChecking", "yes"), ("UserKnownHostsFile", "x"))
    assert ["ours", "ours"] == [one[3] for one in conflicts("app1", *rows, config=config)]


def test_the_same_is_no_conflict() -> None:
    """However it is written."""
    assert [] == conflicts("app1", ("HostName", "10.0.0.9"))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("x.corp", Reach.NAMED), ("bad.corp", Reach.NONE), ("db1", Reach.NONE), ("X.CORP", Reach.NAMED)],
)
def test_patterns_match_as_in_ssh(host: str, expected: Reach) -> None:
    """A negated one rules the rest out."""
    port = next(line for line in read_lines("config", CONFIG, lambda _: ()) if line.keyword == "port")
    assert expected is port.reach(host)


def test_an_included_file_stands_under_the_host_around_it() -> None:
    """With its own name and number."""
    lines = read_lines("config", "Host a\nInclude more\n", lambda word: [(f"/{word}", "\nUser x\n")])
    assert [("/more", 2, Reach.NONE)] == [(line.file, line.number, line.reach("b")) for line in lines]


def test_a_file_that_includes_itself_ends() -> None:
    """ssh stops at 16, and so do we."""
    lines = list(read_lines("a", "User x\nInclude a\n", lambda _: [("a", "User x\nInclude a\n")]))
    assert 17 == len(lines)
