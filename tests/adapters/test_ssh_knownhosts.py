"""Reading known_hosts, and judging a key by it."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remotego.adapters.openssh import KeyLookup
from remotego.adapters.ssh.knownhosts import (
    KnownKey,
    Mark,
    Verdict,
    fingerprint,
    judge,
    names_of,
    parse_found,
    read_known_hosts,
)
from tests.adapters.sshd import make_key, public

FILE = Path("known_hosts")
HASHED = "|1|c0QXyAlWtAHaY9wmcYhBM8OqgAo=|d18sViwTRH2YCxKZ54e40CFW1AI="
"""hashed.host, by ssh-keygen -H."""


def _blob(tag: bytes, kind: bytes = b"ssh-ed25519") -> bytes:
    return len(kind).to_bytes(4, "big") + kind + b"\x00\x00\x00\x20" + tag.ljust(32, b"\0")


def _line(names: str, tag: bytes = b"a") -> str:
    return f"{names} ssh-ed25519 {base64.b64encode(_blob(tag)).decode()}"


def _key(tag: bytes, mark: Mark = Mark.TRUSTED, name: str = "app") -> KnownKey:
    return KnownKey(name, "ssh-ed25519", _blob(tag), mark, FILE, 1)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], Verdict.UNKNOWN),
        ([_key(b"a")], Verdict.TRUSTED),
        ([_key(b"b")], Verdict.CHANGED),
        ([_key(b"b"), _key(b"a")], Verdict.TRUSTED),
        ([_key(b"a"), _key(b"a", Mark.REVOKED)], Verdict.REVOKED),
        ([_key(b"a"), _key(b"b", Mark.REVOKED)], Verdict.TRUSTED),
        ([_key(b"a", Mark.AUTHORITY)], Verdict.AUTHORITY_ONLY),
        ([_key(b"b", Mark.AUTHORITY), _key(b"a")], Verdict.TRUSTED),
        ([_key(b"b", Mark.REVOKED)], Verdict.UNKNOWN),
    ],
)
def test_verdict_follows_the_lines(known: list[KnownKey], expected: Verdict) -> None:
    """Revoked beats trusted, another key is a change, an authority alone proves nothing."""
    assert expected is judge("app", _blob(b"a"), known)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([_key(b"a", name="app")], Verdict.TRUSTED),
        ([_key(b"b", name="app")], Verdict.UNKNOWN),
        ([_key(b"b", name="[app]:22"), _key(b"a", name="app")], Verdict.CHANGED),
        ([_key(b"a", Mark.REVOKED, name="app")], Verdict.REVOKED),
    ],
)
def test_bare_host_counts_only_where_the_port_has_no_entry(known: list[KnownKey], expected: Verdict) -> None:
    """Like ssh, the port's own entry comes first."""
    assert expected is judge("[app]:22", _blob(b"a"), known)


def test_names_to_look_up() -> None:
    """A name with a port is looked up with and without it."""
    assert ("[app]:2200", "app") == names_of("[app]:2200")
    assert ("app",) == names_of("app")


@pytest.mark.parametrize(
    ("line", "name", "found"),
    [
        (_line("app"), "app", 1),
        (_line("App"), "app", 1),
        (_line("app"), "APP", 1),
        (_line("one,app,two"), "app", 1),
        (_line("*.example,!bad.example"), "good.example", 1),
        (_line("*.example,!bad.example"), "bad.example", 0),
        (_line("!app"), "app", 0),
        (_line("a?p"), "app", 1),
        (_line("[app]:2200"), "[app]:2200", 1),
        (_line("[app]:2200"), "a", 0),
        (_line(HASHED), "hashed.host", 1),
        (_line(HASHED), "HASHED.host", 1),
        (_line(HASHED), "other", 0),
        (_line("|1|broken|hash"), "app", 0),
        (f"@revoked {_line('*')}", "app", 1),
        (f"@unknown {_line('app')}", "app", 0),
        (f"  {_line('app')}\tcomment here", "app", 1),
        (f"#{_line('app')}", "app", 0),
        ("app ssh-ed25519 !!!", "app", 0),
        ("app ssh-rsa " + base64.b64encode(_blob(b"a")).decode(), "app", 0),
        ("app ssh-ed25519", "app", 0),
        ("app", "app", 0),
        ("", "app", 0),
    ],
)
def test_line_matches_or_not(line: str, name: str, found: int) -> None:
    """Patterns, negation, hashes, markers and broken lines."""
    assert found == len(read_known_hosts(line.encode() + b"\r\n", name, FILE))


def test_line_numbers_and_marks_are_kept() -> None:
    """Each key knows its line."""
    content = f"# x\n{_line('app')}\n\n@cert-authority {_line('*', b'c')}\n".encode()
    assert [(2, Mark.TRUSTED), (4, Mark.AUTHORITY)] == [
        (key.line, key.mark) for key in read_known_hosts(content, "app", FILE)
    ]


def test_keygen_output_is_read() -> None:
    """The comment before each line tells its number."""
    output = (
        f"# Host app found: line 7 \n{_line('app')}\n# Host app found: line 9 REVOKED\n@revoked {_line('*', b'r')}\n"
    )
    assert [("app", 7, Mark.TRUSTED), ("app", 9, Mark.REVOKED)] == [
        (key.name, key.line, key.mark) for key in parse_found(output.encode(), "app", FILE)
    ]


def test_fingerprint_is_that_of_keygen(tmp_path: Path) -> None:
    """Fingerprints are printed the way ssh-keygen -l prints them."""
    key = make_key(tmp_path / "key")
    listed = subprocess.run(("ssh-keygen", "-lf", f"{key}.pub"), check=True, capture_output=True, text=True).stdout
    assert listed.split()[1] == fingerprint(base64.b64decode(public(key).split()[1]))


@given(st.binary(max_size=400), st.text(max_size=20))
def test_no_content_breaks_the_reader(content: bytes, name: str) -> None:
    """Any bytes are read as keys or passed over."""
    assert all(key.name == name for key in read_known_hosts(content, name, FILE))


_WORDS = st.sampled_from(["app", "*", "a*", "?pp", "!app", "!a*", "APP", "[app]:2200", "*.example", "b"])
_LINES = st.lists(
    st.tuples(
        st.sampled_from(["", "@revoked ", "@cert-authority ", "#", " "]),
        st.lists(_WORDS, min_size=1, max_size=3).map(",".join),
        st.sampled_from([b"a", b"b", b"c"]),
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_LINES, st.sampled_from(["app", "[app]:2200", "x.example"]))
def test_our_reader_agrees_with_keygen(tmp_path: Path, lines: list[tuple[str, str, bytes]], name: str) -> None:
    """On files of real shape our reader finds what ssh-keygen -F finds."""
    path = tmp_path / "known_hosts"
    path.write_text("".join(f"{mark}{_line(names, tag)}\n" for mark, names, tag in lines))
    ours = read_known_hosts(path.read_bytes(), name, path)
    assert KeyLookup([name], [path]).keys() == ours
