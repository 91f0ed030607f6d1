"""Entries, the judge, the lines of the protocol, GOAUTH and git's settings."""

import contextlib
import json
import traceback
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.secret import Secret
from remotego.credentials.diagnosis import Evidence, Hint, diagnose, is_private
from remotego.credentials.entry import (
    Entry,
    NothingAllowedError,
    Source,
    UnfitEntryError,
    best,
    entries_of,
    implied,
    needed,
)
from remotego.credentials.goauth import UnfitAgentPathError, goauth_value, with_include
from remotego.credentials.judge import BURST, Granted, Judge, Refused
from remotego.credentials.place import parse_place
from remotego.credentials.protocol import (
    Question,
    UnfitNetrcError,
    parse_event,
    write_grant,
    write_netrc,
    write_order,
    write_refusal,
)
from remotego.credentials.target import places_of, proxies_of

TABLE = {
    "corp.url": "https://git.example.com/team",
    "corp.source": "keyring:corp",
    "deep.url": "https://git.example.com/team/deep",
    "deep.scheme": "bearer",
}
ENTRIES = entries_of(TABLE, (), None)
SECRET = Secret("ann", "canary")


def question(url: str = "https://git.example.com/team/svc", number: int = 1) -> Question:
    """Make a question."""
    return Question(number, "go", "get", url, 4711, 1000, ("go", "bash"))


def test_the_longest_prefix_decides() -> None:
    """A table for less than another is the one that counts."""
    found = [best(ENTRIES, parse_place(f"https://git.example.com/team/{one}")) for one in ("svc", "deep/x")]
    assert ["corp", "deep"] == [one.name for one in found if one]


def test_a_flag_takes_the_source_of_its_table() -> None:
    """--allow narrows what remotego.toml names."""
    (entry,) = entries_of(TABLE, ("https://git.example.com/team/one",), None)
    assert (Source("keyring", "corp"), "https://git.example.com/team/one") == (entry.source, str(entry.prefix))


def test_nothing_allowed_is_an_error() -> None:
    """There is no "everything"."""
    with pytest.raises(NothingAllowedError):
        entries_of({}, (), None)


@pytest.mark.parametrize("table", [{"x.source": "gh"}, {"x.url": "https://h.example", "x.source": "keyring"}])
def test_a_table_that_says_too_little_is_named(table: dict[str, str]) -> None:
    """Its url, and the name of a keyring's service."""
    with pytest.raises(UnfitEntryError, match=r"\[auth\.x\]"):
        entries_of(table, (), None)


@pytest.mark.parametrize(
    ("url", "now_s", "code"),
    [
        ("https://git.example.com/team/svc", 10.0, "expired"),
        ("https://git.example.com/other", 0.0, "not-allowed"),
        ("https://git.example.com/team/../other", 0.0, "unfit-url"),
        ("https://git.example.com/team\n", 0.0, "unfit-url"),
    ],
)
def test_the_judge_refuses(url: str, now_s: float, code: str) -> None:
    """With a code for machines."""
    verdict = Judge(ENTRIES, expires_s=10).decide(question(url), now_s)
    assert isinstance(verdict, Refused)
    assert code == verdict.code


def test_so_many_and_no_more_a_second() -> None:
    """A burst, then a trickle."""
    judge = Judge(ENTRIES, expires_s=1000)
    granted = [isinstance(judge.decide(question(), 0.0), Granted) for _ in range(BURST + 1)]
    assert ([True] * BURST + [False], True) == (granted, isinstance(judge.decide(question(), 1.0), Granted))


def test_a_secret_shows_itself_nowhere() -> None:
    """Not as text, nor in what a traceback prints of it."""
    try:
        raise ValueError(SECRET, [SECRET], ENTRIES)
    except ValueError:
        said = traceback.format_exc()
    assert [] == [text for text in (str(SECRET), repr(SECRET), f"{SECRET}", said) if "canary" in text]


@pytest.mark.parametrize("password", ["", "a\nb", "a\rb", "a\0b"])
def test_a_secret_that_would_break_out_of_a_header_is_unfit(password: str) -> None:
    """Its fault names no part of it."""
    assert Secret("ann", password).fault


def test_only_the_grant_has_the_secret() -> None:
    """The order has references, a refusal a reason on one line."""
    order = write_order("ab" * 8, ENTRIES, lease_s=10, expires_s=60)
    refusal = write_refusal(question(), "no\nnever")
    grant = json.loads(write_grant(question(), ENTRIES[1], SECRET))
    assert (False, b"no never" in refusal) == (b"canary" in order, True)
    assert ("canary", True, ["/team/deep", "/team/deep.git"]) == (grant["password"], grant["bearer"], grant["paths"])


def test_a_netrc_names_a_host_once() -> None:
    """However many of its paths have the same credential."""
    granted = [(replace(entry, scheme="basic"), SECRET) for entry in ENTRIES]
    assert "machine git.example.com login ann password canary\n" == write_netrc(granted)


@pytest.mark.parametrize(
    ("granted", "reason"),
    [
        ([(ENTRIES[0], Secret("x", "a login b"))], "has a blank"),
        ([(ENTRIES[0], SECRET), (ENTRIES[0], Secret("x", "y"))], "another one"),
        ([(ENTRIES[1], SECRET)], "is sent as bearer"),
    ],
)
def test_what_a_netrc_cannot_hold_is_not_left_out_silently(granted: list[tuple[Entry, Secret]], reason: str) -> None:
    """A blank would end a word; of two credentials for one host it would give the first alone."""
    with pytest.raises(UnfitNetrcError, match=reason):
        write_netrc(granted)


NAMED = ("tls/x509-certificate", "insecure/SSL", "unreachable/403", "404/not-found/v2", "401.example/timeout")


@pytest.mark.parametrize("name", NAMED)
def test_the_name_of_a_module_is_no_cause(name: str) -> None:
    """What go says of it is told apart by go's own words."""
    target = f"h.example/{name}@403"
    said = f"go: {target}: reading https://h.example/{name}/@v/403.info: gibberish, unknown revision 403"
    assert "unknown" == diagnose(Evidence(target, 1, said, settings={"GOPRIVATE": "h.example"})).code


def test_an_entry_for_one_place_is_for_nothing_below_it() -> None:
    """What a target's name implies is no prefix."""
    (entry,) = implied(places_of("h.example/mod"), None, exact=True)
    urls = ("https://h.example/mod", "https://h.example/mod.git", "https://h.example/mod/x", "https://h.example")
    assert [True, True, False, False] == [entry.covers(parse_place(url)) for url in urls]


@pytest.mark.parametrize(
    ("target", "places"),
    [
        ("h.example/team/svc/v2@v2.0.0", ["/team/svc/v2", "/team/svc", "/team"]),
        ("h.example/mono/sub/dir", ["/mono/sub/dir", "/mono/sub", "/mono"]),
        ("https://h.example/team/svc.git", ["/team/svc.git"]),
        ("h.example", [""]),
    ],
)
def test_a_module_may_be_a_part_of_its_repository(target: str, places: list[str]) -> None:
    """git may be asked for any path above it; a URL is what it is."""
    assert places == [one.path for one in places_of(target)]


def test_a_check_needs_what_its_target_and_its_proxies_need() -> None:
    """A table for the repository as for its .git, one for the proxy, and no other."""
    urls = ("https://h.example/team/svc.git", "https://p.example", "https://other.example", "https://h.example/team/x")
    proxies = proxies_of("https://p.example/go,direct", "sum.golang.org")
    found = needed(entries_of({}, urls, None), places_of("h.example/team/svc/v2"), proxies)
    assert list(urls[:2]) == [str(one.prefix) for one in found]


@given(st.binary(max_size=200))
def test_whatever_a_target_says_is_an_event_or_a_value_error(line: bytes) -> None:
    """Root there may be hostile."""
    with contextlib.suppress(ValueError):
        parse_event(line)


def test_what_a_target_says_is_made_inert() -> None:
    """It is shown on a terminal."""
    odd = {"kind": "go\x1b[2J", "operation": "get", "url": "https://h\x1b]0;x", "chain": ["\x1b[31m"]}
    event = parse_event(json.dumps({"event": "ask", "number": 1, **odd}).encode())
    assert isinstance(event, Question)
    assert "\x1b" not in "".join((event.kind, event.url, *event.chain))


@pytest.mark.parametrize(
    ("agent", "before", "value"),
    [
        ("/s/agent", None, "/s/agent credential goauth;netrc"),
        ("/s/agent", "off", "/s/agent credential goauth"),
        ("/s/agent", "git /src;netrc", "/s/agent credential goauth;git /src;netrc"),
        ("/s/new", "/s/agent credential goauth;netrc", "/s/new credential goauth;netrc"),
        ("/a b/agent", None, "'/a b/agent' credential goauth;netrc"),
        ("/a'b/agent", None, '"/a\'b/agent" credential goauth;netrc'),
    ],
)
def test_goauth_keeps_what_was_there(agent: str, before: str | None, value: str) -> None:
    """Ours is asked first; what cannot be combined gives way; an agent of before is replaced."""
    assert value == goauth_value(agent, before)
    assert value == goauth_value(agent, value)


def test_a_path_that_goauth_cannot_hold_is_refused() -> None:
    """Its semicolons separate commands."""
    with pytest.raises(UnfitAgentPathError):
        goauth_value("/a;b/agent", None)


@given(st.binary(max_size=80))
def test_git_settings_keep_every_byte(text: bytes) -> None:
    """Ours comes behind them, once."""
    after = with_include(text, "/s/auth/gitconfig")
    assert after.startswith(text)
    assert after == with_include(after, "/s/auth/gitconfig")


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        (Evidence("h.example/m", 0, ""), "public"),
        (Evidence("h.example/m", 0, "", (Hint("go", "https://h.example/m", "granted"),)), "fetched"),
        (Evidence("http://h.example/m", 1, "401"), "http"),
        (Evidence("h.example/m", 1, "tls: failed to verify certificate: x509: unknown authority"), "tls"),
        (Evidence("h.example/m", 1, "404 Not Found", settings={"GOPRIVATE": "h.example"}), "not-found"),
        (Evidence("h.example/m", 1, "reading https://proxy.golang.org/h.example/m: 404 Not Found"), "not-private"),
        (Evidence("h.example/m", 1, "dial tcp: lookup h.example: no such host"), "unreachable"),
        (Evidence("h.example/m", 1, "401", go_is_old=True, settings={"GOPRIVATE": "*.example"}), "old-go"),
        (Evidence("h.example/m", 1, "Get https://***@v/list: lookup proxy.golang.org: no such host"), "not-private"),
        (Evidence("proxy.golang.org/m", 1, "proxy.golang.org/m: gibberish"), "unknown"),
        (Evidence("h.example/m", 124, "", settings={"GOPRIVATE": "*.example"}), "unreachable"),
        (Evidence("https://h.example/m", 128, "remote: Repository not found."), "not-found"),
        (Evidence("h.example/m", 1, "403 Forbidden", (Hint("go", "https://h.example/m", "granted"),)), "forbidden"),
        (Evidence("h.example/m", 1, "401", (Hint("go", "https://h.example/m", "granted"),)), "rejected"),
        (Evidence("h.example/m", 1, "401", settings={"GOAUTH": "netrc", "GOPRIVATE": "h.example"}), "goauth"),
        (Evidence("https://h.example/m", 1, "fatal: could not read Username: terminal prompts disabled"), "not-asked"),
        (Evidence("h.example/m", 1, "gibberish", settings={"GOPRIVATE": "h.example"}), "unknown"),
    ],
)
def test_each_cause_is_told(evidence: Evidence, code: str) -> None:
    """By the words of go 1.26 and git 2.39."""
    assert code == diagnose(evidence).code


@pytest.mark.parametrize(
    ("patterns", "private"),
    [("h.example", True), ("*.example", True), ("h.example/other", False), ("h.exam", False), ("", False)],
)
def test_private_is_what_go_takes_for_private(patterns: str, private: bool) -> None:
    """Globs by segments, as a prefix."""
    assert private == is_private("h.example/team/svc", {"GOPRIVATE": patterns})
