"""Settings that stand in tables of remotego.toml."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from remotego.adapters.configuration import load_settings
from remotego.adapters.files import schema
from remotego.core.settings import Layer, SecretSettingError, SettingError, Settings, compose
from remotego.core.tables import TABLES, fault_in_table, secret_in

VALIDATOR = Draft202012Validator(schema("remotego"))
DIGEST = "h1:" + "A" * 43 + "="
SDK = "1.26.6 linux/amd64"
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        "",
        DIGEST,
        f"{DIGEST}\n",
        "off",
        "-v",
        "+",
        "a b",
        "https://p.example",
        "https://a:b@p.example",
        "a\n",
        "-\x9b",
        3,
        True,
        None,
    ]
) | st.lists(
    st.sampled_from(["direct", "https://p.example", "https://p.example,direct", "*.x", "-v", "", 3]), max_size=2
)
PIECES = [
    "https://",
    "p.example",
    "10.1",
    ":8",
    ":x",
    "/a",
    "@",
    "@v1.2.3",
    "@v1.2",
    "-rc.1",
    "+incompatible",
    "?t=1",
    " ",
]
URLS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
NAMES = [SDK, "1.26 linux/amd64", "go", "A_B", "1x", "a b", "HTTPS_PROXY", "no_proxy", "GOSUMDB"]

WORD = st.text("abz09._~!$&'()*+,;=%-", min_size=1, max_size=6)
SECRETS = st.lists(WORD | st.sampled_from(["/", ":", "?", "#", "@", " ", "v1.2.3"]), min_size=1, max_size=5).map(
    "".join
)
HOSTS = st.sampled_from(
    ["proxy.corp.example", "localhost", "10.1", "v1.corp.example", "v1.2.corp.example:3128", "[::1]:80"]
)
SCHEMES = st.sampled_from(["https://", "HTTP://", "socks5://", "file://", "git+ssh://"])


def load(folder: Path, toml: str) -> Settings:
    """Settings of a remotego.toml."""
    (folder / "remotego.toml").write_text(toml)
    return load_settings({}, cwd=folder, environ={}, user_file=folder / "none")


@given(st.sampled_from(sorted(TABLES)), st.sampled_from(NAMES), VALUES | URLS | URLS.map(lambda url: [url]))
def test_a_table_is_taken_just_when_the_schema_takes_it(pattern: str, name: str, value: Any) -> None:
    """The check at run time and the schema for editors say the same."""
    *above, last = [name if word == "*" else word for word in pattern.split(".")]
    data: Any = {last: value}
    for word in reversed(above):
        data = {word: data}
    key = ".".join([*above, last])
    taken = fault_in_table(key, value) is None and not secret_in(key, value)
    assert VALIDATOR.is_valid(data) is taken


def test_tables_are_read_by_their_names(tmp_path: Path) -> None:
    """A nested table is a table too."""
    settings = load(tmp_path, '[profile.mixed]\nprivate = ["*.corp.example"]\n[gopls]\nanalyses = {shadow = true}\n')
    expected = ({"private": ("*.corp.example",)}, {"analyses.shadow": True})
    assert expected == (settings.table("profile.mixed"), settings.table("gopls"))


def test_a_pin_is_named_by_release_and_platform(tmp_path: Path) -> None:
    """A dot in its name begins no table."""
    assert {SDK: DIGEST} == load(tmp_path, f'[sdk.pins]\n"{SDK}" = "{DIGEST}"\n').table("sdk.pins")


def test_a_wrong_pin_is_refused_at_its_line(tmp_path: Path) -> None:
    """Its key is in quotes."""
    with pytest.raises(SettingError) as caught:
        load(tmp_path, f'[sdk.pins]\n\n"{SDK}" = "md5:1"\n')
    assert f"{tmp_path}/remotego.toml:3: sdk.pins.{SDK}: a digest" in str(caught.value)


def test_a_path_of_a_tool_counts_from_its_file(tmp_path: Path) -> None:
    """Editors want absolute paths."""
    assert {"go": str(tmp_path / "sdk/bin/go")} == load(tmp_path, '[tools]\ngo = "sdk/bin/go"').table("tools")


def test_a_wrong_value_is_refused_at_its_line(tmp_path: Path) -> None:
    """An editor can open the place."""
    with pytest.raises(SettingError) as caught:
        load(tmp_path, '[profile.mixed]\n\ngoproxy = ["proxy.corp.example"]\n')
    assert f"{tmp_path}/remotego.toml:3: profile.mixed.goproxy: a URL" in str(caught.value)


def test_an_unknown_profile_is_refused(tmp_path: Path) -> None:
    """There are three."""
    with pytest.raises(SettingError) as caught:
        load(tmp_path, "[profile.home]\ngoproxy = []\n")
    assert "profile.home.goproxy: there is no such setting" in str(caught.value)


@pytest.mark.parametrize("key", ["profile.mixed.goproxy", "profile.mixed.sumdb", "terminal.linux.GOPROXY"])
def test_a_password_is_refused_and_not_repeated(key: str) -> None:
    """The error names the remedy; the secret stays where it is."""
    url = "https://ann:geheim@proxy.corp.example"
    with pytest.raises(SecretSettingError) as caught:
        compose([Layer("f", {key: [url] if key.endswith("proxy") else url})])
    told = json.dumps(caught.value.as_json())
    assert (True, False) == (".netrc" in told and "GOAUTH" in told, "geheim" in told)


@pytest.mark.parametrize("wrap", [lambda url: [url], lambda url: {"url": url}])
def test_a_mistake_does_not_repeat_a_password_either(wrap: Callable[[str], Any]) -> None:
    """A list or a table in a list is wrong, and its password a secret all the same."""
    with pytest.raises(SecretSettingError):
        compose([Layer("f", {"profile.mixed.goproxy": [wrap("https://ann:geheim@proxy.corp.example")]})])


@given(SCHEMES, SECRETS, HOSTS, st.sampled_from(["", "off,", "-x=", "a@b.example "]))
def test_no_user_gets_through_in_any_url(scheme: str, secret: str, host: str, before: str) -> None:
    """Wherever the password has its slashes, colons and question marks, and wherever the URL stands."""
    value = f"{before}{scheme}{secret}@{host}"
    keys = ("terminal.linux.X", "profile.mixed.sumdb", "profile.mixed.goflags", "gopls.build_flags", "store")
    assert [True] * 10 == [secret_in(key, each) for key in keys for each in (value, ["-v", value])]


@given(st.sampled_from(["", "https://", "http:", "socks5://"]), SECRETS, HOSTS)
def test_no_user_gets_through_to_a_proxy(scheme: str, secret: str, host: str) -> None:
    """There a URL needs no scheme."""
    names = ("linux.HTTPS_PROXY", "osx.all_proxy", "windows.http_proxy", "linux.GOPROXY", "linux.GOSUMDB")
    keys = [f"terminal.{name}" for name in names] + ["profile.intranet.goproxy", "profile.mixed.sumdb"]
    assert {True} == {secret_in(key, f"{scheme}{secret}@{host}") for key in keys}


@pytest.mark.parametrize(
    "key", ["profile.mixed.goproxy", "profile.mixed.sumdb", "terminal.linux.GOPROXY", "terminal.osx.HTTPS_PROXY"]
)
def test_no_query_gets_through_to_a_proxy(key: str) -> None:
    """A token in it is a password by another name."""
    assert (True, False) == tuple(secret_in(key, [f"https://proxy/{end}"]) for end in ("?access_token=abc", "go"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("profile.mixed.private", ["github.com/acme", "*.corp.example", "corp?.example/x@v2"]),
        ("profile.mixed.goproxy", ["https://proxy.corp.example:8443/api/go/", "file:///srv/bundle", "direct"]),
        ("profile.mixed.sumdb", "sum.corp.example+1a2b3c4d+Ab/+= https://sum.corp.example:8443/x"),
        ("profile.mixed.goflags", ["-modfile=tools@v2/go.mod", "-toolexec=x/y@v1.2.3"]),
        ("tools.goproxy", "/opt/go@1.27/bin/goproxy"),
        ("gopls.build_flags", ["-ldflags=-X=main.by=ann@corp.example"]),
        ("gopls.directory_filters", ["-third_party/x@v1"]),
        ("terminal.linux.MAIL", "Ann <ann@corp.example> # see https://wiki.corp.example"),
        ("terminal.linux.TOOL", "github.com/x/y@v1.2.3"),
        ("terminal.linux.TOOL", "https://proxy.corp.example:8443/x/y@v1.2.3-0.20260102030405-abcdefabcdef"),
        ("terminal.linux.TOOL", "https://proxy.corp.example/x@v2.0.0+incompatible/go.mod,https://b/x@v1.2?go-get=1"),
        ("terminal.linux.GIT_SSH", "git@github.com:acme/x"),
        ("terminal.linux.GONOPROXY", "corp?.example,*.x"),
        ("hosts", ["ann@app1:2222"]),
        ("hosts.ann@app1.process", "svc"),
        ("pid", 7),
    ],
)
def test_what_is_no_secret_gets_through(key: str, value: Any) -> None:
    """No rule cries wolf."""
    assert False is secret_in(key, value)
