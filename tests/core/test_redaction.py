"""Secrets taken out of what is shown."""

import pytest

from remotego.core.redaction import redacted, redacted_value, without_logins, without_secrets


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
        ("+GOPROXY=https://a.example,me:pw@b.example|direct", "+GOPROXY=https://a.example,***@b.example|direct"),
        ("export HTTPS_PROXY='me:p,w@px:3128'", "export HTTPS_PROXY='***@px:3128'"),
        ("set -gx https_proxy me:pw@px:3128", "set -gx https_proxy ***@px:3128"),
        (
            '{"GOPROXY": "me:pw@b.example", "x": "m@v1.0.0"}',
            '{"GOPROXY": "***@b.example", "x": "m@v1.0.0"}',
        ),
        ("export GOPROXY=off; go get b.example/m@v1.0.0", "export GOPROXY=off; go get b.example/m@v1.0.0"),
        ("a proxy has no b.example/m@v1.0.0", "a proxy has no b.example/m@v1.0.0"),
    ],
)
def test_secrets_are_blotted_out(text: str, expected: str) -> None:
    """Whatever stands before an "@" of a URL may be one; all else stays as it is."""
    assert expected == redacted(text)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("GOPROXY", "me:pw@proxy.example", "***@proxy.example"),
        ("GOPROXY", "https://a.example, b.example/x?token=pw|direct", "https://a.example, b.example/x?***|direct"),
        ("GOPROXY", "https://me:pw@a.example,direct", "https://***@a.example,direct"),
        ("GOSUMDB", "sum.example+1234+key me:pw@sum.example", "sum.example+1234+key ***@sum.example"),
        ("HTTP_PROXY", "http://me:p,w|x@px:3128", "http://***@px:3128"),
        ("all_proxy", "me:pw@px:1080", "***@px:1080"),
        ("NO_PROXY", "localhost,.corp.example", "localhost,.corp.example"),
        ("GOFLAGS", "-modfile=b@v1", "-modfile=b@v1"),
    ],
)
def test_a_proxy_needs_no_scheme_to_have_a_login(name: str, value: str, expected: str) -> None:
    """Go takes such a value for a URL of https, and others for one of http."""
    assert expected == redacted_value(name, value)


def test_messages_of_go_lose_queries_too() -> None:
    """The host that was asked and the module that was meant stay."""
    said = "Get https://me:pw@proxy.golang.org/git.example/m/@v/list?token=pw: 400 Bad Request"
    assert "Get https://***@proxy.golang.org/git.example/m/@v/list?***" == without_secrets(said).partition(" 400")[0]


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
