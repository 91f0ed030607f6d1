"""Policies of tiers: what they are, and what they refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.golang.policy import COMPANY, MixedTiersError, Tiers, reasons, too_deep, variables_of

OURS, OTHER_OURS = "https://go.corp.example", "https://go2.corp.example"
MIRROR, WORLD = "https://goproxy.cn", "https://proxy.golang.org"
SUMS = "sum.golang.org"


def test_public_places_stand_in_for_each_other_and_the_origin_for_none_of_them() -> None:
    """A bar between equivalents, a comma before direct."""
    made = variables_of(Tiers(mirrors=(MIRROR,), public=(WORLD,), private=("*.corp.example",), sumdb=SUMS))
    assert {
        "GOPROXY": f"{MIRROR}|{WORLD},direct",
        "GOPRIVATE": "*.corp.example",
        "GONOPROXY": "*.corp.example",
        "GONOSUMDB": "*.corp.example",
        "GOSUMDB": SUMS,
    } == made


def test_behind_the_companys_proxies_nobody_is_asked() -> None:
    """They have private modules, so GONOPROXY must not keep go from them."""
    made = variables_of(Tiers((OURS, OTHER_OURS), ending="off", private=("*.corp.example",), private_from=COMPANY))
    assert (f"{OURS}|{OTHER_OURS},off", "none") == (made["GOPROXY"], made["GONOPROXY"])


def test_the_companys_proxy_is_one_more_for_public_modules_where_private_ones_have_their_origin() -> None:
    """No proxy hears of those."""
    made = variables_of(Tiers((OURS,), public=(WORLD,), ending="off", private=("*.corp.example",)))
    assert (f"{OURS}|{WORLD},off", "*.corp.example") == (made["GOPROXY"], made["GONOPROXY"])


@pytest.mark.parametrize("more", [{"public": (WORLD,)}, {"mirrors": (MIRROR,)}, {"ending": "direct"}])
def test_nothing_public_stands_behind_a_proxy_that_has_private_modules(more: dict[str, object]) -> None:
    """What it lacks would be asked of the world."""
    tiers = {"company": (OURS,), "ending": "off", "private": ("*.corp.example",), "private_from": COMPANY, **more}
    with pytest.raises(MixedTiersError):
        variables_of(Tiers(**tiers))  # type: ignore[arg-type]  # one of the fields, by name


def test_no_place_at_all_is_said_in_so_many_words() -> None:
    """A list never ends without an ending."""
    assert "off" == variables_of(Tiers(ending="off"))["GOPROXY"]


def test_a_pattern_with_a_path_is_named_where_the_public_is_asked() -> None:
    """go get asks for the parents of what is below it."""
    patterns = ("*.corp.example", "git.x.example/team/")
    assert (["git.x.example/team/"], []) == (
        too_deep(Tiers(public=(WORLD,), private=patterns)),
        too_deep(Tiers((OURS,), ending="off", private=patterns, private_from=COMPANY)),
    )


PLACES = st.lists(st.sampled_from((OURS, OTHER_OURS, MIRROR, WORLD)), unique=True, max_size=3).map(tuple)


@given(company=PLACES, public=PLACES, ending=st.sampled_from(("direct", "off")), private=st.booleans())
def test_every_variable_has_a_reason(
    company: tuple[str, ...], public: tuple[str, ...], ending: str, private: bool
) -> None:
    """Whatever the tiers are."""
    tiers = Tiers(company, public=public, ending=ending, private=("*.corp.example",) if private else ())
    made = variables_of(tiers)
    assert (list(made), True) == (list(reasons(tiers, made)), all(reasons(tiers, made).values()))
