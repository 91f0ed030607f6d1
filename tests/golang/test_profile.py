"""Profiles: what go asks whom."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.errors import RemotegoError
from remotego.core.tables import PROFILES
from remotego.golang.profile import (
    PUBLIC,
    EndingInsideError,
    LeakingProfileError,
    NoPrivateError,
    at_home,
    profile,
    profile_there,
)

CORP = "https://proxy.corp.example"
SPARE = "https://proxy2.corp.example"
WORLD = "https://proxy.golang.org"
PRIVATE = ["*.corp.example", "github.com/acme"]


def variables(name: str, **tables: dict[str, Any]) -> dict[str, str]:
    """Variables of a profile."""
    return dict(profile(name, tables).variables)


def test_intranet_asks_nobody_but_its_own_proxies() -> None:
    """One may stand in for the other, and behind them there is nothing."""
    table = {"goproxy": [CORP, SPARE], "private": PRIVATE}
    assert {
        "GOPROXY": f"{CORP}|{SPARE},off",
        "GOPRIVATE": "*.corp.example,github.com/acme",
        "GONOPROXY": "none",
        "GONOSUMDB": "*.corp.example,github.com/acme",
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
    } == variables("intranet", intranet=table)


def test_intranet_by_default_takes_what_is_here() -> None:
    """Nobody has said whom to ask, so nobody is asked."""
    assert ("off", "off", "local") == tuple(variables("intranet")[key] for key in ("GOPROXY", "GOSUMDB", "GOTOOLCHAIN"))


def test_extranet_by_default_is_what_go_does_by_itself() -> None:
    """Said in so many words, since an intranet's `go env -w` may be in the way."""
    assert {
        "GOPROXY": f"{WORLD},direct",
        "GOPRIVATE": "",
        "GONOPROXY": "",
        "GONOSUMDB": "",
        "GOSUMDB": "sum.golang.org",
        "GOTOOLCHAIN": "auto",
    } == variables("extranet")


def test_what_is_private_in_one_profile_is_so_outside() -> None:
    """Whoever changes to extranet tells no public proxy the names of the company."""
    found = variables("extranet", intranet={"private": PRIVATE})
    expected = "*.corp.example,github.com/acme"
    assert (expected, expected) == (found["GONOPROXY"], found["GONOSUMDB"])


def test_mixed_takes_everything_from_the_own_proxy() -> None:
    """Public modules through it, with their checksums; private ones without."""
    assert {
        "GOPROXY": f"{CORP},off",
        "GOPRIVATE": "*.corp.example,github.com/acme",
        "GONOPROXY": "none",
        "GONOSUMDB": "*.corp.example,github.com/acme",
        "GOSUMDB": "sum.golang.org",
        "GOTOOLCHAIN": "local",
    } == variables("mixed", mixed={"goproxy": [CORP], "private": PRIVATE})


def test_mixed_without_an_own_proxy_passes_private_modules_by() -> None:
    """They come from their repositories, as no public proxy may hear of them."""
    found = variables("mixed", mixed={"private": PRIVATE})
    assert (f"{WORLD},direct", ",".join(PRIVATE)) == (found["GOPROXY"], found["GONOPROXY"])


@pytest.mark.parametrize("name", ["intranet", "mixed"])
@pytest.mark.parametrize("world", [WORLD, "https://goproxy.cn", "direct"])
def test_nothing_public_stands_behind_an_own_proxy(name: str, world: str) -> None:
    """The folklore of "mine, then the world" tells the world what is mine."""
    with pytest.raises(LeakingProfileError) as caught:
        variables(name, **{name: {"goproxy": [CORP, world], "private": PRIVATE}})
    assert world.removeprefix("https://") in caught.value.public


def test_a_profile_that_asks_a_database_must_say_what_is_private() -> None:
    """Silence is not "nothing"."""
    with pytest.raises(NoPrivateError):
        variables("mixed", mixed={"goproxy": [CORP]})


def test_nothing_private_can_be_said() -> None:
    """An empty list is a word."""
    assert "" == variables("mixed", mixed={"goproxy": [CORP], "private": []})["GONOSUMDB"]


def test_an_ending_stands_at_the_end() -> None:
    """What is behind "off" is never asked, and was meant to be."""
    with pytest.raises(EndingInsideError):
        variables("extranet", extranet={"goproxy": ["off", WORLD]})


TABLE = st.fixed_dictionaries(
    {},
    optional={
        "goproxy": st.lists(st.sampled_from([CORP, SPARE, WORLD, "direct", "off", "file:///srv/bundle"]), max_size=3),
        "private": st.lists(st.sampled_from(PRIVATE), max_size=2),
        "sumdb": st.sampled_from(["off", "sum.golang.org"]),
        "goflags": st.lists(st.just("-mod=vendor"), max_size=1),
    },
)
TABLES = st.fixed_dictionaries({}, optional=dict.fromkeys(PROFILES, TABLE))


def made(name: str, tables: dict[str, Any]) -> dict[str, str] | None:
    """Variables of a profile; None where it is refused."""
    try:
        return variables(name, **tables)
    except RemotegoError:
        return None


@given(TABLES)
def test_all_profiles_set_the_same_variables(tables: dict[str, Any]) -> None:
    """So that changing from one to another leaves nothing of the one behind."""
    found = [made(name, tables) for name in PROFILES]
    assert 1 >= len({tuple(one) for one in found if one is not None})


@given(TABLES, st.sampled_from(PROFILES))
def test_no_private_name_reaches_a_public_proxy(tables: dict[str, Any], name: str) -> None:
    """Either nothing public is in the list, or private names pass the whole list by."""
    found = made(name, tables)
    private = [word for table in tables.values() for word in table.get("private", ())]
    if found is None or not private:
        return
    public = [host for host in (*PUBLIC, "direct") if host in found["GOPROXY"]]
    assert not public or set(private) == set(found["GONOPROXY"].split(","))


@given(TABLES, st.sampled_from(PROFILES))
def test_no_private_name_reaches_a_checksum_database(tables: dict[str, Any], name: str) -> None:
    """GONOSUMDB spares what any profile calls private."""
    found = made(name, tables)
    private = {word for table in tables.values() for word in table.get("private", ())}
    assert found is None or private == set(filter(None, found["GONOSUMDB"].split(",")))


def test_hosts_may_ask_another_proxy_by_the_same_rules() -> None:
    """A bundle in the login's home, and who vouches for it; every profile then sets GOAUTH."""
    corp = {"goproxy": ["https://proxy.corp.example"], "private": ["*.corp.example"]}
    tables = {"intranet": {**corp, "host_goproxy": ["file://~/bundle"], "goauth": ["git /src", "netrc"]}}
    made = at_home(profile_there("intranet", tables).variables, "/home/dev")
    assert ("file:///home/dev/bundle,off", "none", "git /src; netrc") == tuple(
        made[name] for name in ("GOPROXY", "GONOPROXY", "GOAUTH")
    )
    assert "" == profile_there("extranet", tables).variables["GOAUTH"]
    assert profile("intranet", tables).variables == variables("intranet", intranet=corp)


def test_a_proxy_of_hosts_that_leaks_is_refused() -> None:
    """Though the one of the workspace does not."""
    table = {"goproxy": ["https://proxy.corp.example"], "host_goproxy": ["https://proxy.golang.org"]}
    with pytest.raises(LeakingProfileError):
        profile_there("intranet", {"intranet": table})


def test_the_note_on_a_database_has_its_name_without_its_key() -> None:
    """A client asks for ``supported`` below the name."""
    own = {"goproxy": ["https://go.corp.example", "off"], "private": ["corp.example"], "sumdb": "sum.example+1a2b+KEY"}
    notes = " ".join(profile("intranet", {"intranet": own}).notes)
    assert (True, False) == ("/sumdb/sum.example/supported" in notes, "KEY" in notes)
