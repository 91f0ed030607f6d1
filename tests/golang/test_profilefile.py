"""Profiles in go's own file: any number of them, one after the other, and the bytes of before."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from remotego.core.change import RestoreProfile, parse_reversal, reversal_as_json
from remotego.golang.goenvfile import held
from remotego.golang.profilefile import Turn, active, changed, turn, unwound
from remotego.host.homeedit import sha256
from tests.golang.test_goenvfile import FILES, NAMES, VALUES

CONTENTS = st.one_of(st.none(), FILES)
PROFILES = st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=4)
INTRANET = {"GOPROXY": "https://proxy.corp.example,off", "GOSUMDB": "off"}
EXTRANET = {"GOPROXY": "https://proxy.golang.org,direct", "GOSUMDB": "sum.golang.org"}


def act_of(made: Turn, name: str) -> RestoreProfile:
    """Give the entry of a turn, as it comes back from a journal."""
    was = "" if made.base is None else sha256(made.base)
    held_before = tuple((one.name, one.now, one.was) for one in made.variables)
    act = RestoreProfile("/h/.config/go/env", was, sha256(made.after), 0, held_before, name, tuple(made.kept))
    assert act == parse_reversal(reversal_as_json(act))
    return act


def turned(content: bytes | None, *profiles: Mapping[str, str]) -> tuple[bytes | None, tuple[RestoreProfile, ...]]:
    """Turn a file from one profile to the next."""
    acts: tuple[RestoreProfile, ...] = ()
    for profile in profiles:
        made = turn(content, acts, profile)
        content, acts = made.after, (act_of(made, "mixed"),)
    return content, acts


@given(CONTENTS, st.lists(PROFILES, min_size=1, max_size=4))
def test_none_gives_the_bytes_of_before(content: bytes | None, profiles: list[dict[str, str]]) -> None:
    """Whatever was in the file, and through however many profiles."""
    last, acts = turned(content, *profiles)
    assert content == unwound(last, acts)


@given(CONTENTS, st.lists(PROFILES, min_size=1, max_size=3))
def test_go_reads_what_the_last_profile_says(content: bytes | None, profiles: list[dict[str, str]]) -> None:
    """Each variable, and nothing of the profiles before it."""
    last, _ = turned(content, *profiles)
    before = {name: held(content or b"", name) for name in NAMES}
    assert before | profiles[-1] == {name: held(last or b"", name) for name in NAMES}


@given(CONTENTS, PROFILES)
def test_the_same_profile_again_changes_nothing(content: bytes | None, profile: dict[str, str]) -> None:
    """Neither the file nor what is written down."""
    last, acts = turned(content, profile)
    again = turn(last, acts, profile)
    assert (last, acts) == (again.after, (act_of(again, "mixed"),))


@given(CONTENTS, PROFILES, PROFILES, st.booleans())
def test_a_change_that_broke_off_leads_back_too(
    content: bytes | None, first: dict[str, str], second: dict[str, str], edited: bool
) -> None:
    """With both entries there, whether or not the edit was made."""
    middle, older = turned(content, first)
    made = turn(middle, older, second)
    newer = act_of(made, "mixed")
    assert content == unwound(made.after if edited else middle, (newer, *older))


def test_the_entry_whose_content_is_there_is_the_one_in_force() -> None:
    """Not the newest, where its edit was never made."""
    middle, (older,) = turned(b"", INTRANET)
    newer = act_of(turn(middle, (older,), EXTRANET), "extranet")
    assert older == active(middle, (newer, older))


def test_what_the_user_changes_stays_and_is_told() -> None:
    """Through other profiles and to none, until it is replaced."""
    content, acts = turned(b"GOSUMDB=before\n", INTRANET)
    mine = (content or b"").replace(b"GOSUMDB=off", b"GOSUMDB=mine")
    made = turn(mine, acts, EXTRANET)
    expected = b"GOSUMDB=mine\nGOPROXY=https://proxy.golang.org,direct\n"
    assert ({"GOSUMDB": "mine"}, expected) == (made.kept, made.after)
    entry = act_of(made, "extranet")
    assert ({"GOSUMDB": "mine"}, b"GOSUMDB=mine\n") == (changed(made.after, (entry,)), unwound(made.after, (entry,)))
    assert b"GOSUMDB=off\n" in turn(made.after, (entry,), INTRANET, replace=True).after


def test_lines_of_others_keep_their_place() -> None:
    """A line that came later stays below ours, and ours go from above it."""
    content, acts = turned(b"A=1\n", INTRANET)
    later = (content or b"") + b"B=2\n"
    made = turn(later, acts, EXTRANET)
    lines = b"A=1\nGOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\nB=2\n"
    assert (lines, b"A=1\nB=2\n") == (made.after, unwound(made.after, (act_of(made, "x"),)))


def test_a_file_that_is_gone_stays_gone() -> None:
    """Somebody has removed it; there is nothing to take out."""
    _, acts = turned(None, INTRANET)
    assert (None, {}) == (unwound(None, acts), changed(None, acts))
