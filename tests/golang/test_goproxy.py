"""GOPROXY, as cmd/go reads it."""

import pytest

from remotego.adapters.doors import AbsentError, NoAnswerError
from remotego.core.errors import RemotegoError
from remotego.golang.goproxy import Proxy, first_that_has, parse_goproxy

GONE, DOWN = AbsentError("a", "x"), NoAnswerError("a", "down")


@pytest.mark.parametrize(
    ("text", "proxies"),
    [
        ("", [("https://proxy.golang.org", False), ("direct", False)]),
        ("https://a|https://b,off", [("https://a", True), ("https://b", False), ("off", False)]),
        ("a.example,direct,https://never", [("https://a.example", False), ("direct", False)]),
        (" file:///x , off ", [("file:///x", False), ("off", False)]),
        (",,|", []),
        ("off", [("off", False)]),
    ],
)
def test_the_list_is_read_as_go_does(text: str, proxies: list[tuple[str, bool]]) -> None:
    """Hosts get https, and nothing behind direct or off is asked."""
    assert [Proxy(*each) for each in proxies] == list(parse_goproxy(text))


@pytest.mark.parametrize(
    ("text", "answers", "outcome"),
    [
        ("https://a,https://b", {"a": GONE, "b": None}, ["a", "b"]),
        ("https://a,https://b", {"a": DOWN, "b": None}, ["a", NoAnswerError]),
        ("https://a|https://b", {"a": DOWN, "b": None}, ["a", "b"]),
        ("https://a|https://b", {"a": DOWN, "b": GONE}, ["a", "b", NoAnswerError]),
        ("https://a,https://b", {"a": GONE, "b": DOWN}, ["a", "b", NoAnswerError]),
        ("https://a,https://b", {"a": GONE, "b": GONE}, ["a", "b", AbsentError]),
    ],
)
def test_the_next_is_asked_as_the_separator_allows(
    text: str, answers: dict[str, RemotegoError | None], outcome: list[object]
) -> None:
    """A comma after "not there" alone, a bar after anything; a failure is told rather than an absence."""
    asked: list[object] = []

    def ask(proxy: Proxy) -> str:
        name = proxy.url.removeprefix("https://")
        asked.append(name)
        if (error := answers[name]) is not None:
            raise error
        return name

    try:
        first_that_has(parse_goproxy(text), ask)
    except RemotegoError as error:
        asked.append(type(error))
    assert outcome == asked
