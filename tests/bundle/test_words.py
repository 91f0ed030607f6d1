"""What the words of a request mean: tools, module paths, go.sum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.bundle.manifest import is_plain
from remotego.bundle.proof import info_text
from remotego.bundle.sums import contradictions, parse_sums, vouches
from remotego.bundle.tools import UnknownToolError, parse_tool
from remotego.golang.goenvfile import check
from remotego.golang.modulepath import escaped, unescaped
from remotego.golang.patterns import matches, tidied

H1 = f"h1:{'A' * 43}="


@pytest.mark.parametrize(
    ("word", "name", "first"),
    [
        ("dlv", "github.com/go-delve/delve/cmd/dlv@v1.27.1", "github.com/go-delve/delve"),
        ("dlv@v1.24.0", "github.com/go-delve/delve/cmd/dlv@v1.24.0", "github.com/go-delve/delve"),
        ("gopls", "golang.org/x/tools/gopls@latest", "golang.org/x/tools/gopls"),
        ("example.com/a/cmd/b@v1.0.0", "example.com/a/cmd/b@v1.0.0", "example.com/a/cmd/b"),
    ],
)
def test_tools(word: str, name: str, first: str) -> None:
    """Short names have a module, others are looked for from the longest path on."""
    tool = parse_tool(word, "1.27.1")
    assert (name, first) == (tool.name, tool.candidates[0])


@pytest.mark.parametrize("word", ["nobody", "example.com/x", "example.com/x@v1", "../x@v1.0.0", "x/y@v1.0.0", "-x"])
def test_words_that_are_no_tools(word: str) -> None:
    """No version, no host, no path."""
    with pytest.raises(UnknownToolError):
        parse_tool(word, "1.27.1")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="!")))
def test_escaping_is_taken_back(path: str) -> None:
    """Whatever letters it has."""
    assert path == unescaped(escaped(path))


def test_a_go_sum_says_otherwise() -> None:
    """By module, version and both hashes."""
    sums = parse_sums(f"a.com/x v1.0.0 {H1}\na.com/x v1.0.0/go.mod {H1}\nnonsense\n")
    other = f"h1:{'B' * 43}="
    found = list(contradictions(sums, "a.com/x", "v1.0.0", H1, other))
    assert ([f"a.com/x v1.0.0 is {other}, and the go.sum says {H1}"], True, False) == (
        found,
        vouches(sums, "a.com/x", "v1.0.0", zipped=True),
        vouches(sums, "a.com/y", "v1.0.0", zipped=False),
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"Version":"v1.0.0","Time":"T","Origin":{"URL":"https://u:p@x"}}', b'{"Version":"v1.0.0","Time":"T"}'),
        (b'{"Version":"v1.0.0"}', b'{"Version":"v1.0.0"}'),
        (b'{"Version":"v2.0.0"}', b""),
        (b"<html>", b""),
    ],
)
def test_where_it_came_from_is_left_out(data: bytes, expected: bytes) -> None:
    """An origin may have a token in it."""
    assert expected == info_text(data, "v1.0.0")


@pytest.mark.parametrize("path", ["../x", "/x", "a/../b", "a//b", "a/.", "a\\b", "a\n", "", "a/ b"])
def test_paths_that_lead_elsewhere(path: str) -> None:
    """None of them may stand in a manifest."""
    assert not is_plain(path)


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        ("corp.example.com", "corp.example.com/a/b", True),
        ("*.example.com", "corp.example.com/a", True),
        ("*", "rsc.io/quote", True),
        ("example.com/a", "example.com/ab", False),
        ("example.com/a/b", "example.com/a", False),
        ("x.com,*.corp/[^a]*", "git.corp/bee/x", True),
        ("*.corp/[^a]*", "git.corp/ant/x", False),
        ("", "rsc.io/quote", False),
    ],
)
def test_patterns_of_private_modules(patterns: str, path: str, expected: bool) -> None:
    """As cmd/go reads GONOSUMDB."""
    assert expected is matches(patterns, path)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("corp.example.com,*.x.com/[^a]*", "corp.example.com,*.x.com/[^a]*"),
        ("corp.example.com, git.x.com,,", "corp.example.com"),
        ("a[,b", "b"),
        ("a.com\nGOFLAGS=-x", ""),
        ("", ""),
    ],
)
def test_patterns_that_fit_nothing_are_left_out(given: str, expected: str) -> None:
    """go passes over them too."""
    assert expected == tidied(given)


@given(st.text(), st.text(alphabet="ab./*,[]^\\?- \n"))
def test_tidied_patterns_are_one_line_of_go_s_file(odd: str, likely: str) -> None:
    """Whatever was given, and once is enough."""
    found = [tidied(text) for text in (odd, likely)]
    check({"GONOSUMDB": ",".join(found)})
    assert found == [tidied(text) for text in found]
