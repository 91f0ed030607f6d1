"""What a user names is not told to whom it is none of their business: logins to nobody, private paths to the world."""

from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go
from remotego.core.progress import Silence
from remotego.core.settings import Layer, Settings, compose
from remotego.goproxy.questions import Known
from remotego.ops import probing, watchplan
from remotego.ops.naming import LoginInProxyError, PrivateKnownError, check_proxies
from tests.goproxy.upstreams import SIGNER

SECRETS = (
    "https://ann:hunter2@proxy.example",
    "https://hunter2@proxy.example/go",
    "https://ann:h/un?ter2@proxy.example",
    "https://proxy.example/go?token=hunter2@x",
    "ann:hunter2@proxy.example",
)
SECRET = Known("git.corp.example/team/app", "v1.0.0", "h1:LzX7hefJvL54yjefDEDHNONDjII0t9xZLPXsUe+TKr0=")


@pytest.mark.parametrize("url", SECRETS)
def test_a_login_in_the_url_of_a_proxy_is_refused_and_not_shown(url: str) -> None:
    """Neither it nor a part of it, and the error says where a login belongs."""
    with pytest.raises(LoginInProxyError) as raised:
        check_proxies({"proxy": ["https://proxy.golang.org"], "own": [url]})
    said = f"{raised.value} {raised.value.advice}"
    assert (2, "own", 1) == (raised.value.exit_code, raised.value.flag, raised.value.number)
    assert [] == [piece for piece in ("ann", "hunter", "ter2", "@") if piece in said]
    assert (True, True) == ("~/.netrc" in said, "auth.connect" in said)


@pytest.mark.parametrize("flag", ["proxies", "own"])
def test_a_watch_refuses_a_login_before_anything_runs(flag: str, tmp_path: Path) -> None:
    """Its events and its plan show the URLs of proxies."""
    with pytest.raises(LoginInProxyError):
        watchplan.plan_watch(Settings(workspace=str(tmp_path)), watchplan.Wish(**{flag: (SECRETS[0],)}))


def test_a_probe_refuses_a_login_before_anything_is_asked(tmp_path: Path) -> None:
    """One in GOPROXY, which others have written, is left out instead."""
    with pytest.raises(LoginInProxyError):
        probing.probe_here("here", Settings(workspace=str(tmp_path)), Silence(), probing.Wish((SECRETS[0],)))


def private(tmp_path: Path) -> Settings:
    """A workspace whose own modules are private, and a go to ask for the database in force."""
    said = {"profile.intranet.private": ["*.corp.example"], "profile.intranet.goproxy": ["https://own.example"]}
    return compose([Layer("remotego.toml", {**said, "workspace": str(tmp_path), "go": str(bundled_go())})])


def test_a_private_module_is_not_made_known_to_public_proxies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch would ask them for it twice a minute."""
    monkeypatch.setenv("GOSUMDB", "off")
    wish = watchplan.Wish(proxies=("https://public.example",), known=SECRET)
    with pytest.raises(PrivateKnownError, match=r"https://public\.example would hear of it"):
        watchplan.plan_watch(private(tmp_path), wish)


def test_a_private_module_is_not_made_known_to_the_public_database(tmp_path: Path) -> None:
    """A lookup through one's own proxy tells it the path."""
    wish = probing.Wish(known=SECRET, sumdb="sum.golang.org")
    with pytest.raises(PrivateKnownError, match=r"sum\.golang\.org would hear of it"):
        probing.probe_here("here", private(tmp_path), Silence(), wish)


def test_ones_own_may_be_asked_for_a_private_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And with a database of one's own it is all in the house."""
    monkeypatch.setenv("GOSUMDB", SIGNER.vkey)
    plan = watchplan.plan_watch(private(tmp_path), watchplan.Wish(known=SECRET))
    assert ["https://own.example"] == [one.url for one in plan.upstreams]
