"""Policies obeyed by real go: public tiers stand in for each other, and hear of nothing private."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.settings import Layer, compose
from remotego.golang.policy import COMPANY, MixedTiersError, NoPatternsError, NoTiersError, Tiers, variables_of
from remotego.goproxy.commands import COMMANDS
from remotego.goproxy.rules import read_rules
from remotego.goproxy.scenes import Question, scenes
from remotego.ops.policies import Flags, Policy, UnfitTierError, make_policy
from tests.golang.checksums import Server, signer
from tests.goproxy.realgo import compare
from tests.goproxy.scenery import PRIVATE, PUBLIC, A, B, Scenery, Trouble
from tests.goproxy.test_against_go import ORIGIN, TROUBLES

OURS = "https://go.corp.example"
BY_HOST = "*.corp.example"

OUTSIDE = variables_of(Tiers(mirrors=(A,), public=(B,), private=(BY_HOST,), sumdb=signer().vkey))
INSIDE = variables_of(Tiers((A, B), ending="off", private=(BY_HOST,), private_from=COMPANY, sumdb=signer().vkey))

NO_HELP = ("page",)
"""Failures of which go finds out only when the zip is there: no list helps, proxy.probe tells them."""


@pytest.mark.parametrize("kind", TROUBLES)
def test_another_public_place_stands_in_for_one_that_fails(tmp_path: Path, database: Server, kind: str) -> None:
    """For every kind of failure but a login page in the place of a zip."""
    scenery = Scenery(database, (Trouble("a.example", kind),))
    found = compare(tmp_path, Question("download", PUBLIC, "v1.0.0"), scenery, OUTSIDE)
    assert (kind not in NO_HELP, found.said) == (found.done[1], found.done)


@pytest.mark.parametrize("kind", ["fine", *TROUBLES])
def test_no_public_place_hears_of_a_private_module(tmp_path: Path, database: Server, kind: str) -> None:
    """Whatever becomes of its origin, of parents and of the database."""
    troubles = () if kind == "fine" else (Trouble("git.corp.example", kind),)
    scenery = Scenery(database, troubles, ORIGIN)
    found = compare(tmp_path, Question("get", f"{PRIVATE}/sub", "v1.0.0"), scenery, OUTSIDE)
    public = {"a.example", "b.example", "sums.example.com"}
    assert (found.said, set()) == (found.done, public & {one.host for one in found.requests})


@pytest.mark.parametrize("kind", ["404", "503", "reset"])
def test_behind_the_companys_proxies_nobody_else_is_asked(tmp_path: Path, database: Server, kind: str) -> None:
    """For a private module, when both of them fail."""
    scenery = Scenery(database, (Trouble("a.example", kind), Trouble("b.example", kind)))
    found = compare(tmp_path, Question("get", PRIVATE, "v1.0.0"), scenery, INSIDE)
    assert (found.said, {"a.example", "b.example"}) == (found.done, {one.host for one in found.requests})


WORDS = st.sampled_from(("a", "team", "app", "internal", "v2"))
PATHS = st.builds(
    "{}.corp.example/{}".format,
    st.sampled_from(("git", "go", "x.y")),
    st.lists(WORDS, min_size=1, max_size=4).map("/".join),
)
PUBLIC_PLACES = st.lists(
    st.sampled_from(("https://goproxy.cn", "https://proxy.golang.org", "https://goproxy.io")), unique=True, max_size=3
)


@given(
    path=PATHS,
    places=PUBLIC_PLACES,
    ending=st.sampled_from(("direct", "off")),
    command=st.sampled_from(tuple(COMMANDS)),
)
def test_in_no_scene_a_public_place_hears_of_a_private_path(
    path: str, places: list[str], ending: str, command: str
) -> None:
    """Of the path and of its parents, for any public tiers and any command."""
    made = variables_of(Tiers(public=tuple(places), ending=ending, private=(BY_HOST,), sumdb="sum.golang.org"))
    version = "v1.0.0" if command == "build" else "latest"
    played = scenes(Question(command, path, version), read_rules({**made, "GOFLAGS": "-mod=mod"}))
    hosts = {ask.url.split("/")[2] for scene in played for ask in scene.asked}
    assert set() == {host for host in hosts if not host.endswith(".corp.example")}


TABLES = {
    "profile.intranet.goproxy": [OURS],
    "profile.intranet.private": [BY_HOST],
    "profile.extranet.goproxy": ["https://goproxy.cn", "https://proxy.golang.org", "off"],
}


def policy(tables: dict[str, list[str]] | None = None, **flags: object) -> Policy:
    """Make a policy of tables and flags."""
    plain = {"company": (), "mirror": (), "public": (), "private": (), "ending": None, "private_from": None}
    chosen = Flags(**{**plain, "sumdb": None, "open_": False, **flags})  # type: ignore[arg-type]  # fields by name
    return make_policy(compose([Layer("remotego.toml", tables or {})]), chosen)


def test_the_tables_of_profiles_are_tiers() -> None:
    """What is public among their proxies is told by its host."""
    made = policy(TABLES, private_from="origin").tiers
    assert ((OURS,), ("https://goproxy.cn",), ("https://proxy.golang.org",), "off", (BY_HOST,)) == (
        made.company,
        made.mirrors,
        made.public,
        made.ending,
        made.private,
    )


def test_each_private_pattern_is_tried(tmp_path: Path) -> None:
    """On a path that it fits, whatever it is made of."""
    made = policy(public=("https://proxy.golang.org",), private=(BY_HOST, "[g-i]it?.x.example/", "go.y.example"))
    assert ["any.corp.example/team/module", "gitx.x.example/team/module", "go.y.example/team/module"] == [
        one.path for one in made.tried
    ]


def test_only_where_the_path_leads_it_is_heard_of() -> None:
    """And at the company's proxies, if private modules come from there."""
    direct = policy(public=("https://goproxy.cn",), private=(BY_HOST,)).tried
    inside = policy(company=(OURS,), private=(BY_HOST,)).tried
    assert [((), ("any.corp.example",)), ((), ("go.corp.example",))] == [
        (one.heard_by, one.insiders) for one in (*direct, *inside)
    ]


@pytest.mark.parametrize("place", ["https://proxy.golang.org", "https://mirror.nobody-knows.example:8443"])
def test_a_parent_that_no_pattern_fits_is_told_to_outsiders(place: str) -> None:
    """go get asks every place for it, and a place for everybody need not be a known one."""
    (one,) = policy(public=(place,), private=("git.x.example/team",)).tried
    assert ("git.x.example/team", (place.removeprefix("https://"),), ("git.x.example",)) == (
        one.path,
        one.heard_by,
        one.told,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_tried_policy_is_what_real_go_does(tmp_path: Path, database: Server, command: str) -> None:
    """No outsider hears of a private path by any command, though the origin has nothing."""
    question = Question(command, PRIVATE, "v1.0.0")
    values = {**OUTSIDE, "GOFLAGS": "-modcacherw -mod=mod"} if command == "build" else OUTSIDE
    files = {
        "go.mod": f"module m\n\ngo 1.24\n\nrequire {PRIVATE} v1.0.0\n",
        "m.go": f'package m\n\nimport _ "{PRIVATE}"\n',
    }
    found = compare(tmp_path, question, Scenery(database), values, files=files if command == "build" else None)
    assert (found.said, {"git.corp.example"}) == (found.done, {one.host for one in found.requests})


def test_without_a_database_a_company_needs_no_patterns() -> None:
    """Nobody else hears of anything."""
    assert "off" == policy(company=(OURS,), sumdb="off").variables["GOSUMDB"]


@pytest.mark.parametrize(
    ("error", "tables", "flags"),
    [
        (NoTiersError, {}, {}),
        (NoPatternsError, {}, {"public": ("https://proxy.golang.org",)}),
        (NoPatternsError, {}, {"company": (OURS,)}),
        (NoPatternsError, {}, {"ending": "direct"}),
        (MixedTiersError, TABLES, {}),
        (
            MixedTiersError,
            {},
            {"company": (OURS,), "ending": "direct", "private": (BY_HOST,), "private_from": "company"},
        ),
        (UnfitTierError, {}, {"public": ("direct",)}),
        (UnfitTierError, {}, {"company": ("https://a,https://b",)}),
        (UnfitTierError, {}, {"company": ("https://me:secret@go.corp.example",)}),
        (UnfitTierError, {}, {"company": ("me:secret@go.corp.example",)}),
        (UnfitTierError, {}, {"company": ("https://go.corp.example/?token=a@secret",)}),
        (UnfitTierError, {}, {"company": (OURS,), "ending": "never"}),
        (UnfitTierError, {}, {"company": (OURS,), "private": ("a b",)}),
        (UnfitTierError, {}, {"company": (OURS,), "private": ("[z-a].corp.example",)}),
    ],
)
def test_what_cannot_be_is_refused(
    error: type[Exception], tables: dict[str, list[str]], flags: dict[str, object]
) -> None:
    """By an error that says what to do, and no secret."""
    with pytest.raises(error) as raised:
        policy(tables, **flags)
    assert "secret" not in str(raised.value)
