"""URLs as an allow-list compares them: no spelling leads past it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.credentials.place import UnfitUrlError, parse_place, parse_prefix

TEAM = parse_prefix("https://git.example.com/team")


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/team",
        "https://git.example.com/team/",
        "https://GIT.Example.COM:443/team/svc.git",
        "HTTPS://git.example.com/team/svc?go-get=1",
        "https://git.example.com/te%61m/x",
        "https://git.example.com/team.git",
    ],
)
def test_the_same_place_in_other_spellings_is_covered(url: str) -> None:
    """Case of the host, https's own port, a query, a needless encoding, a repository's other name."""
    assert TEAM.covers(parse_place(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/teams/svc",
        "https://git.example.com/Team/svc",
        "https://git.example.com:8443/team/svc",
        "https://git.example.com.evil.example/team/svc",
        "https://git.example.com/",
        "https://git.example.com",
        "https://evil.example/git.example.com/team",
    ],
)
def test_another_place_is_not_covered(url: str) -> None:
    """A segment, a case, a port or a host that only looks alike."""
    assert not TEAM.covers(parse_place(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://git.example.com/team",
        "git.example.com/team",
        "https://ann@git.example.com/team",
        "https://git.example.com@evil.example/team",
        "https://git.example.com:x@evil.example/team",
        "https://git.example.com/team/../other",
        "https://git.example.com/team/%2e%2e/other",
        "https://git.example.com/team/.%2E/other",
        "https://git.example.com/team/%252e%252e/other",
        "https://git.example.com/team%2fsvc",
        "https://git.example.com/team\\..\\other",
        "https://git.example.com/team/%5c..",
        "https://git.example.com//team",
        "https://git.example.com/team//svc",
        "https://git.example.com/team/.",
        "https://git.example.com/team;x/svc",
        "https://git.example.com/team\n/svc",
        "https://git.example.com/team%0a",
        "https://git.example.com/team%00",
        "https://git.example.com/team/%zz",
        "https://git.example.com/team/%ff",
        "https://git.example.com./team",
        "https://g\u0456t.example.com/team",
        "https://git.example.com:0/team",
        "https://git.example.com:65536/team",
        "https://git.example.com:/team",
        "https:///team",
        "https://git.example.com/" + "a" * 3000,
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(url: str) -> None:
    """It is not interpreted: servers, proxies and programs differ."""
    with pytest.raises(UnfitUrlError):
        parse_place(url)


def test_a_refused_url_is_shown_without_its_password() -> None:
    """The error may get into a log."""
    with pytest.raises(UnfitUrlError) as raised:
        parse_place("https://ann:canary@git.example.com/team?token=canary")
    assert "canary" not in str(raised.value)


WORDS = st.text("abcXYZ019._~-", min_size=1, max_size=8).filter(lambda word: word not in (".", ".."))
PATHS = st.lists(WORDS, max_size=4)


@given(PATHS, PATHS)
def test_a_prefix_covers_what_is_below_it_and_nothing_else(prefix: list[str], rest: list[str]) -> None:
    """By segments, whatever they are."""
    above = parse_prefix("https://h.example/" + "/".join(prefix))
    below = parse_place(str(above) + "".join(f"/{word}" for word in rest))
    assert above.covers(below)
    assert (not rest) == below.covers(above)


@given(st.text(max_size=60))
def test_any_text_is_a_place_or_refused(text: str) -> None:
    """Nothing else is raised, and what is taken writes itself in a form that is taken again."""
    try:
        place = parse_place(f"https://h.example/{text}")
    except UnfitUrlError:
        return
    assert {"", ".", ".."} & set(place.segments) == set()
    assert "/" not in "".join(place.segments)


@given(
    st.sampled_from(["https://", "http://", "", "://", "https:\\\\"]), st.text(max_size=20), st.sampled_from("/ ?#\n")
)
def test_a_refusal_shows_no_password(scheme: str, more: str, odd: str) -> None:
    """However the URL is wrong, and if it is not."""
    said = ""
    try:
        parse_place(f"{scheme}ann:hush{odd}@h.example/{more}")
    except UnfitUrlError as error:
        said = str(error)
    assert "hush" not in said
