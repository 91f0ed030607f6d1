"""Secrets taken out of what is shown."""

import pytest

from remotego.core.redaction import redacted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GOPROXY=https://me:p@ss@proxy.example,direct", "GOPROXY=https://***@proxy.example,direct"),
        ("https://proxy.example/?token=abc|off", "https://proxy.example/?***|off"),
        ("export GITHUB_TOKEN='a b' x", "export GITHUB_TOKEN=*** x"),
        ("set -gx API_KEY abc", "set -gx API_KEY ***"),
        ("+export PATH=/opt/go/bin:$PATH", "+export PATH=/opt/go/bin:$PATH"),
        ("GOAUTH=/s/agent credential goauth;netrc", "GOAUTH=/s/agent credential goauth;netrc"),
        ("credential: abc", "credential: ***"),
        ("https://proxy.example/x@v1", "https://***@v1"),
    ],
)
def test_secrets_are_blotted_out(text: str, expected: str) -> None:
    """Whatever stands before an "@" of a URL may be one; all else stays as it is."""
    assert expected == redacted(text)
