"""Explanations: leaks by every way a path is told, ways on from each request, what the settings do."""

from collections.abc import Mapping

import pytest

from remotego.golang.version import parse_go_version
from remotego.goproxy.explanation import GOES_ON, NOBODY, Around, Explanation, explain
from remotego.goproxy.rules import read_rules
from remotego.goproxy.scenes import Question

DEFAULTS = {"GOPROXY": "https://proxy.golang.org,direct", "GOSUMDB": "sum.golang.org"}
PRIVATE = "git.corp.example/team/app"


def told(path: str = PRIVATE, command: str = "get", *, private: bool = True, **values: str) -> Explanation:
    """Explain a path under settings."""
    values = {**DEFAULTS, **values}
    patterns = {"GOPRIVATE": values.get("GOPRIVATE", "")}
    around = Around(values, {}, frozenset(), patterns, private)
    return explain(Question(command, path), read_rules(values), around)


def leaking(told: Explanation) -> set[str]:
    """Name who hears of what should not."""
    return {leak.partition(" hears")[0] for leak in told.secrecy.leaks}


LEAKS: Mapping[str, tuple[dict[str, str], set[str]]] = {
    "by default": ({}, {"proxy.golang.org", "sum.golang.org"}),
    "not with GOPRIVATE": ({"GOPRIVATE": "*.corp.example"}, set()),
    "with GOPRIVATE a level too deep, by the parents": ({"GOPRIVATE": "git.corp.example/team"}, {"proxy.golang.org"}),
    "with GONOPROXY alone, by the database": ({"GONOPROXY": "*.corp.example"}, {"sum.golang.org", "proxy.golang.org"}),
    "with GONOSUMDB alone, by the proxy": ({"GONOSUMDB": "*.corp.example"}, {"proxy.golang.org"}),
    "with the database off, by the proxy": ({"GOSUMDB": "off"}, {"proxy.golang.org"}),
    "through a proxy of one's own, to the database": (
        {"GOPROXY": "https://go.corp.example,off"},
        {"sum.golang.org", "sum.golang.org, through go.corp.example,"},
    ),
    "not through a proxy of one's own that is spared the database": (
        {"GOPROXY": "https://go.corp.example,off", "GOPRIVATE": "*.corp.example", "GONOPROXY": "none"},
        set(),
    ),
    "behind a proxy of one's own that has private modules": (
        {
            "GOPROXY": "https://go.corp.example,https://goproxy.cn",
            "GOPRIVATE": "*.corp.example",
            "GONOPROXY": "none",
        },
        {"goproxy.cn"},
    ),
    "not with everything off": ({"GOPROXY": "off"}, set()),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_private_path_leaks(name: str) -> None:
    """Or not."""
    values, expected = LEAKS[name]
    assert expected == leaking(told(**values))


VERDICTS: Mapping[str, tuple[dict[str, str], str]] = {
    "a leak": ({}, "it CAN leak"),
    "its origin": (
        {"GOPRIVATE": "*.corp.example"},
        "nobody hears of it but git.corp.example, where the path itself leads",
    ),
    "a proxy that nobody knows": (
        {"GOPROXY": "https://who.example,off", "GOPRIVATE": "*.corp.example", "GONOPROXY": "none"},
        "no service known to be public hears of it; whether who.example may is not known here",
    ),
    "nobody": ({"GOPROXY": "off", "GOSUMDB": "off"}, "nobody hears of it"),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_verdict_says_no_more_than_is_known(name: str) -> None:
    """That a host is not on our list of public ones makes it none of the user's."""
    values, expected = VERDICTS[name]
    assert expected == told(**values).secrecy.verdict


def test_an_http_proxy_that_reads_paths_is_named() -> None:
    """By http it reads what is asked; by https it hears the name of the host alone."""
    values = {
        "GOPROXY": "http://go.corp.example,https://sec.corp.example,off",
        "GOPRIVATE": "*.corp.example",
        "GONOPROXY": "none",
    }
    variables = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://u:p@web.example:3128")
    around = Around(values, variables, None, {}, private=True)
    explained = explain(Question("download", PRIVATE), read_rules(values), around)
    assert ("go.corp.example", "web.example:3128") == tuple(
        host for host in explained.secrecy.unknown if host != "sec.corp.example"
    )


def test_a_path_is_private_by_a_pattern_of_a_setting() -> None:
    """The first one that fits is named, with who said it."""
    secrecy = told(private=False, GOPRIVATE="x.example,*.corp.example").secrecy
    assert (True, "*.corp.example", "GOPRIVATE") == (secrecy.private, secrecy.pattern, secrecy.said_by)


def test_each_request_says_who_is_asked_next() -> None:
    """After 404 or 410 the origin, after all else nobody: the folklore of A,direct is wrong."""
    steps = told("example.com/m", "download").steps
    assert [
        ("list", "direct", NOBODY),
        ("info", "direct", NOBODY),
        ("mod", "direct", NOBODY),
        ("sumdb supported", "https://sum.golang.org", NOBODY),
        ("sumdb lookup", NOBODY, NOBODY),
        ("sumdb tiles", NOBODY, NOBODY),
        ("zip", "direct", NOBODY),
    ] == [(one.ask.role.value, one.absent, one.failed) for one in steps]


def test_behind_a_bar_the_next_one_is_asked_after_any_failure() -> None:
    """And the origin only for what is nowhere."""
    steps = told("example.com/m", "download", GOPROXY="https://goproxy.cn|https://proxy.golang.org,direct").steps
    assert ("https://proxy.golang.org", "https://proxy.golang.org") == (steps[0].absent, steps[0].failed)


def test_a_parent_of_the_path_may_be_nowhere() -> None:
    """It makes no difference, once the path itself is found."""
    parents = [one for one in told("example.com/m").steps if one.ask.path == "example.com"]
    assert {(GOES_ON, GOES_ON)} == {(one.absent, one.failed) for one in parents}


def test_what_stands_behind_the_end_is_not_a_place() -> None:
    """Nothing behind direct is ever asked."""
    places = told("example.com/m", GOPROXY="https://a.example,direct,https://b.example").places
    assert ["https://a.example", "direct"] == [one.url for one in places]


def test_go_that_refuses_its_settings_asks_nobody() -> None:
    """And the explanation says why."""
    explained = told("example.com/m", GOPROXY="ftp://a.example")
    assert ((), True) == (explained.scenes, "go refuses to start" in explained.effects[0])


EFFECTS = {
    "GOINSECURE": ({"GOINSECURE": "*.corp.example"}, "without checking certificates"),
    "GOVCS": ({"GOVCS": "*:off"}, "direct: a page at the path itself"),
    "GOFLAGS": ({"GOFLAGS": "-mod=vendor"}, "go build and go test ask nobody"),
    "GOSUMDB off": ({"GOSUMDB": "off"}, "GOSUMDB: off, so no checksum database"),
    "GOSUMDB with a URL": ({"GOSUMDB": "sum.golang.google.cn"}, "is asked itself, past every proxy"),
    "GOAUTH": ({"GOAUTH": "/usr/bin/broker"}, "GOAUTH: /usr/bin/broker gives the credentials"),
    "http": ({"GOPROXY": "http://a.example"}, "no credentials are ever sent"),
    "the folklore": ({}, "when that proxy is down, go ends with its error"),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_a_setting_is_said_to_do_something(name: str) -> None:
    """In a sentence of its own."""
    values, words = EFFECTS[name]
    assert [True] == [words in effect for effect in told(**values).effects if words in effect]


def test_an_older_go_asks_once() -> None:
    """Asking again after a 4xx came with GOAUTH, in Go 1.24."""
    version = parse_go_version("go1.23.4")
    rules = read_rules(DEFAULTS, version=version)
    around = Around(DEFAULTS, {}, None, {})
    explained = explain(Question("download", "example.com/m", "v1.0.0"), rules, around)
    gone = next(scene for scene in explained.scenes if scene.name.startswith("nobody"))
    assert len(gone.asked) == len({ask.url for ask in gone.asked})
