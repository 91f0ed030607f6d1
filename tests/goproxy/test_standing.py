"""The command that has a proxy stand as it is: what the report says to run again does not make another one of it."""

import shlex
from dataclasses import replace

import pytest

from remotego.cli.proxying import deploy_proxy
from remotego.goproxy.installed import ProxyState
from remotego.goproxy.server import BadProxyWishError, ServerConfig, parse_size
from remotego.goproxy.standing import render_command


def state(config: ServerConfig, names: tuple[str, ...] = (), *, offline: bool = False) -> ProxyState:
    """Give a proxy that is so."""
    return ProxyState("/place", there=True, config=config.as_json(), names=names, offline=offline)


def test_usual_proxy_needs_no_flag() -> None:
    """But the host's."""
    assert "remotego deploy-proxy --host h1" == render_command("h1", state(ServerConfig()))


FULL = ServerConfig(
    listen="10.0.0.5:8443",
    tls=True,
    tokens=("ab" * 32,),
    upstream="https://a.example|https://b.example",
    sumdb="off",
    nosumdb="*.corp.example",
    max_bytes=3 << 30,
    seeds=("/srv/a b",),
    missing_is_final=True,
)


def test_all_flags_are_named_as_the_verb_knows_them() -> None:
    """Quoted for a shell, and no digest of a token among them."""
    given = (
        "--listen 10.0.0.5:8443 --upstream 'https://a.example|https://b.example' --sumdb off "
        "--nosumdb '*.corp.example' --name jump1.corp --token --max-gb 3 --seed '/srv/a b' --offline --complete"
    )
    said = render_command("h1", state(FULL, ("jump1.corp",), offline=True))
    known = {flag for one in deploy_proxy.get_arguments() for flag in (f"--{one.name.replace('_', '-')}",)}
    flags = {word for word in shlex.split(given) if word.startswith("--")}
    assert (f"remotego deploy-proxy --host h1 {given}", set()) == (said, flags - known)


def test_certificate_of_ones_own_has_to_be_given_again() -> None:
    """Its files are not known."""
    config = replace(ServerConfig(), tls=True)
    assert "remotego deploy-proxy --host h1 --cert FILE --key FILE" == render_command("h1", state(config))


@pytest.mark.parametrize("given", ["abc", "", "0", "-1", "1.5", "9" * 5000, "\u0663"])
def test_size_that_is_none_is_refused(given: str) -> None:
    """Before anything is sent."""
    with pytest.raises(BadProxyWishError, match="--max-gb"):
        parse_size(given)


def test_size_is_in_gb() -> None:
    """Of 2 to the 30th bytes each."""
    assert 10 << 30 == parse_size("10")
