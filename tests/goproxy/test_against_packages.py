"""Patterns and HTTP proxies: ours say what the packages say that cmd/go goes by."""

from hypothesis import example, given
from hypothesis import strategies as st

from remotego.golang.patterns import fitting, matches
from remotego.goproxy.webproxy import web_proxy
from tests.goproxy.conftest import Oracle

PIECES = ("*", "?", "[a-c]", "[^a]", "[a", "\\*", "\\", "[]", "[b-a]", "-", "a", "b", "corp", ".", "/", ",", "^", "]")
GLOBS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
TARGETS = st.lists(st.sampled_from(("a", "b", "corp", ".", "/", "*", "-", "^", "]", "c")), min_size=1, max_size=8).map(
    "".join
)

HOSTS = (
    "localhost",
    "127.0.0.1",
    "127.1.2.3",
    "a.example",
    "b.a.example",
    "A.Example",
    "10.1.2.3",
    "[::1]",
    "[2001:db8::1]",
)
URLS = st.builds(
    "{}://{}{}/m".format,
    st.sampled_from(("http", "https")),
    st.sampled_from(HOSTS),
    st.sampled_from(("", ":80", ":443", ":8080")),
)
WORDS = (
    *(
        "a.example",
        ".a.example",
        "*.a.example",
        "example",
        "a.example:8080",
        "*",
        "10.0.0.0/8",
        "10.1.2.3",
        "2001:db8::/32",
    ),
    *(
        "[2001:db8::1]",
        "2001:db8::1",
        "10.1.2.3:8080",
        " b.a.example ",
        "",
        "A.EXAMPLE",
        "localhost",
        "::1",
        "10.0.0.0/99",
    ),
)
SPARED = st.lists(st.sampled_from(WORDS), max_size=3).map(",".join)


@given(globs=GLOBS, target=TARGETS)
@example(globs="*.corp.example,git.x/team/", target="git.x/team/module")
def test_patterns_fit_what_they_fit_for_go(oracle: Oracle, globs: str, target: str) -> None:
    """Also malformed ones, and those with a slash."""
    assert oracle.ask(Globs=globs, Target=target) == matches(globs, target)


@given(pattern=GLOBS.filter(lambda pattern: "," not in pattern))
@example(pattern="[^a-z]*.corp.example/")
@example(pattern="\\[a?[^a]")
def test_a_path_that_is_made_for_a_pattern_fits_it_for_go(oracle: Oracle, pattern: str) -> None:
    """Where none can be made, the pattern is malformed, empty, or about a path that is none."""
    path = fitting(pattern)
    assert path is None or oracle.ask(Globs=pattern, Target=path)


@given(url=URLS, no_proxy=SPARED)
def test_a_url_goes_through_the_proxy_that_go_takes(oracle: Oracle, url: str, no_proxy: str) -> None:
    """Names, suffixes, addresses, networks, ports; never for what is on this machine."""
    proxies = {"HTTP_PROXY": "http://p:1", "https_proxy": "http://p:1", "no_proxy": no_proxy}
    asked = oracle.ask(URL=url, HTTP="http://p:1", HTTPS="http://p:1", NoProxy=no_proxy)
    assert asked == bool(web_proxy(url, proxies))
