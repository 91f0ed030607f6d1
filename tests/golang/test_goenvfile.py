"""The go env file, edited by us and read by the real go."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.adapters.toolchain import bundled_go
from remotego.golang.goenvfile import (
    KNOWN,
    SecretVariableError,
    UnfitVariableError,
    Variable,
    check,
    edited,
    held,
    parse_assignments,
    told,
    withdrawn,
)

NAMES = ("GOPROXY", "GOFLAGS", "GOSUMDB", "GO386")
VALUES = st.text(st.characters(exclude_characters="\n\r\v\0", exclude_categories=["Cs"]), max_size=8)
WANTED = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4)
LINES = st.one_of(
    st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")),
    st.builds(lambda name, value: f"{name}={value}".encode(), st.sampled_from(NAMES), VALUES),
    st.sampled_from([b"# GOPROXY=x", b"", b"GOPROXY =x", b" GOPROXY=x", b"caf\xe9=1", b"GOFLAGS=-v\r"]),
)
FILES = st.builds(
    lambda lines, end: b"\n".join(lines) + end, st.lists(LINES, max_size=6), st.sampled_from([b"", b"\n"])
)


def go_env(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `go env` on a file of the test's own."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GOENV": str(tmp_path / "env"), "GOTOOLCHAIN": "local"}
    return subprocess.run([go, "env", *words], env=env, cwd="/", capture_output=True, text=True, timeout=60)


@given(FILES, WANTED)
def test_what_is_asked_for_is_there_then(data: bytes, wanted: dict[str, str]) -> None:
    """And a second edit changes nothing."""
    after = edited(data, wanted)
    assert (wanted, after) == ({name: held(after, name) for name in wanted}, edited(after, wanted))


@given(FILES, WANTED)
def test_all_other_lines_stay_in_their_order(data: bytes, wanted: dict[str, str]) -> None:
    """Whatever they are: comments, other names, earlier copies of a name, bytes of no encoding."""

    def others(text: bytes) -> list[bytes]:
        starts = tuple(f"{name}=".encode() for name in wanted)
        return [line for line in text.split(b"\n") if line and not line.startswith(starts)]

    assert others(data) == others(edited(data, wanted))


@given(FILES, WANTED)
def test_taking_it_back_gives_what_was_read_before(data: bytes, wanted: dict[str, str]) -> None:
    """Also where the file itself cannot be put back, as somebody has written into it since."""
    after = edited(edited(data, wanted), {"GOVCS": "since"})
    back = withdrawn(after, told(data, wanted))
    assert (["since"], {name: held(data, name) for name in NAMES}) == (
        [held(back, "GOVCS")],
        {name: held(back, name) for name in NAMES},
    )


def test_what_has_another_value_since_is_theirs() -> None:
    """Only what is as we left it goes."""
    assert b"GOFLAGS=-x\n" == withdrawn(
        b"GOFLAGS=-x\nGOSUMDB=off\n", [Variable("GOFLAGS", "-v", None), Variable("GOSUMDB", "off", None)]
    )


@pytest.mark.parametrize(
    "wanted", [{"GOPROXY": "https://a.example|https://b.example,off", "GOFLAGS": "-mod=mod -v"}, {"GOPRIVATE": ""}]
)
def test_go_reads_what_we_write(tmp_path: Path, wanted: dict[str, str]) -> None:
    """Among lines that it passes over."""
    (tmp_path / "env").write_bytes(edited(b"# mine\nGOSUMDB=off\n\xff\xfe\n", wanted))
    found = json.loads(go_env(tmp_path, "-json", *wanted, "GOSUMDB").stdout)
    assert {**wanted, "GOSUMDB": "off"} == found


def test_go_rewrites_our_file_without_a_complaint(tmp_path: Path) -> None:
    """`go env -w` after us: all that was set stays set, and ours can still be taken back."""
    wanted = {"GOPROXY": "off", "GOFLAGS": "-v"}
    (tmp_path / "env").write_bytes(edited(b"GOSUMDB=off\n", wanted))
    assert 0 == go_env(tmp_path, "-w", "GOVCS=*:git").returncode
    back = withdrawn((tmp_path / "env").read_bytes(), told(b"GOSUMDB=off\n", wanted))
    assert b"GOSUMDB=off\nGOVCS=*:git\n" == back


CASES = [
    "GOROOT=/x",
    "GOENV=off",
    "GODEBUG=x=1",
    "GOWORK=off",
    "GOVERSION=go1",
    "GOTELEMETRY=off",
    "HTTPS_PROXY=http://x",
    "GOPATHS=/x",
]
CASES += ["GOPATH=~/go", "GOPATH=go", "GO111MODULE=yes", "CC=./cc", "CC= ", "GOMODCACHE=x", "GOPROXY=a\nGOSUMDB=off"]


@pytest.mark.parametrize("word", CASES)
def test_what_go_refuses_is_refused(tmp_path: Path, word: str) -> None:
    """By `go env -w` itself, and by us before anything is written."""
    with pytest.raises(UnfitVariableError):
        parse_assignments([word])
    assert word.startswith("GOROOT") or 0 != go_env(tmp_path, "-w", word).returncode


def test_every_name_we_take_is_one_that_go_takes(tmp_path: Path) -> None:
    """All in one go."""
    values = {"GOOS": "linux", "GOARCH": "amd64", "CC": "cc", "CXX": "c++", "GO111MODULE": "on", "GOTOOLCHAIN": "local"}
    done = go_env(tmp_path, "-w", *(f"{name}={values.get(name, '')}" for name in sorted(KNOWN)))
    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    "value", ["https://user:word@proxy.example", "https://proxy.example/?token=x", "user@proxy.example"]
)
def test_a_secret_is_refused(value: str) -> None:
    """It would lie there in clear; the message does not repeat it."""
    with pytest.raises(SecretVariableError) as caught:
        check({"GOPROXY": value})
    assert False is (value in str(caught.value) + caught.value.advice)


def test_a_word_without_a_name_is_refused() -> None:
    """The form is named."""
    with pytest.raises(UnfitVariableError) as caught:
        parse_assignments(["GOPROXY"])
    assert "GOPROXY cannot be set in go's own file: NAME=VALUE was expected" == str(caught.value)


@pytest.mark.parametrize(("word", "named"), [("", "''"), ("=x", "=x")])
def test_a_word_without_a_name_is_quoted(word: str, named: str) -> None:
    """An error that names nothing helps nobody."""
    with pytest.raises(UnfitVariableError) as caught:
        parse_assignments([word])
    assert f"{named} cannot be set in go's own file: NAME=VALUE was expected" == str(caught.value)
