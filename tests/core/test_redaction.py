"""Secrets taken out of what is shown."""

import pytest

from remotego.core.redaction import redacted, without_logins


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'Get "https://me:p@proxy.example/a/@v/v1.0.0.mod": EOF',
            'Get "https://***@proxy.example/a/@v/v1.0.0.mod": EOF',
        ),
        ("https://me:p/w@s/s@proxy.example/a/@latest", "https://***@proxy.example/a/@latest"),
        ("https://token@v1.example/a", "https://***@v1.example/a"),
        (
            "https://sum.example/lookup/b.example/token@v1.0.0: 404",
            "https://sum.example/lookup/b.example/token@v1.0.0: 404",
        ),
        ("reading file:///srv/@v/list, b.example/token@v1.0.0", "reading file:///srv/@v/list, b.example/token@v1.0.0"),
        ('{"Err":"https://me@a.example/x","Path":"b@v1"}', '{"Err":"https://***@a.example/x","Path":"b@v1"}'),
        ("reading https://a.example/x?tok=s: 403 Forbidden", "reading https://a.example/x?***: 403 Forbidden"),
        (r'"Get \"https://a.example/x?t=s\": EOF"', r'"Get \"https://a.example/x?***\": EOF"'),
        ("reading https://a.example/x?go-get=1: 404", "reading https://a.example/x?go-get=1: 404"),
    ],
)
def test_messages_of_go_lose_logins_alone(text: str, expected: str) -> None:
    """Modules, versions and addresses in them stay."""
    assert expected == without_logins(text)
