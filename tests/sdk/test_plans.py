"""Plans, answers and records about SDKs, without a machine."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.artifact import Artifact
from remotego.core.change import Reversal, describe, parse_reversal, reversal_as_json
from remotego.core.errors import RefusedError, RemotegoError
from remotego.core.sdkchange import Forget, LoseSdk, Relink, RemoveSdk, Unpack
from remotego.golang.machines import MACHINES, NoSdkForMachineError, goarch_of
from remotego.host.faults import NoInodesError, NotExecutableError, explain
from remotego.host.journal import Entry, ForeignPathError, check_undo
from remotego.host.sdk.check import Content, Findings, compare, sdk_content
from remotego.host.sdk.faults import RelinkedError, SdkBusyError, UnpackError, WrongSdkError
from remotego.host.sdk.foreign import Foreign, foreign_sdks
from remotego.host.sdk.note import SdkNote, parse_note, write_note
from remotego.host.sdk.plan import NoRoomError, check_ground, check_room, plan_switch
from remotego.host.sdk.store import Amount, ForeignSdkError, Ground, Kept, Runs, Sdks, sdks
from remotego.host.survey import Survey
from remotego.ops.sdk.hosts import Delivery, Shared

GUARD = "1000 /h/r\n\n#guarded\n"
NOTE = SdkNote("1.26.6", "linux", "amd64", "h1:x", "GOPROXY", "sum.golang.org", "a" * 64)
ROOMY = Ground(free_bytes=10**9, free_inodes=10**6, noexec=None)
THERE = Sdks("/h/r", there=True, kept=(), current="", runs=(), ground=ROOMY, lacks=())
HAVE = Survey("x86_64", 1000, "/h", "/h/r", "sha256sum", True, (), frozenset())
ARTIFACT = Artifact("go", "a" * 64, 65_000_000, Path("x"))
PUSHED = "push 65.0 MB of gzip and unpack it to /s"
VERSIONS = st.from_regex(r"[0-9]\.[0-9]{1,2}(\.[0-9])?(rc[0-9])?", fullmatch=True)
REVERSALS = (
    st.builds(Relink, st.text(), st.text(), st.text())
    | st.builds(RemoveSdk, st.text(), st.booleans())
    | st.builds(LoseSdk, st.text())
)
SECTION = """\
sdk=1.26.6
mode=dr-xr-xr-x 6 1000 1000 4096 Nov 28 16:49 /h/r/sdk/1.26.6
found=3 70
meant=3 70
"""


def answer(*lines: str) -> Sdks:
    """Read an answer."""
    return sdks().parse(GUARD + "\n".join(lines) + "\n")


def entry(*acts: Reversal) -> Entry:
    """A journal entry."""
    return Entry("1-a-0.json", "me", "test", acts)


# --- records


@given(REVERSALS)
def test_reversal_survives_its_journey(act: Reversal) -> None:
    """What is journalled is read back as the same."""
    assert act == parse_reversal(json.loads(json.dumps(reversal_as_json(act))))


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "Relink", "path": "/x", "was": "", "now": None},
        {"kind": "RemoveSdk", "path": "/x"},
        {"kind": "RemoveSdk", "path": "/x", "in_use": "yes"},
        {"kind": "LoseSdk", "version": "1", "more": 1},
        {"kind": "Forget", "entries": ["a"]},
        {"kind": "Unpack"},
    ],
)
def test_malformed_reversal_is_refused(data: Any) -> None:
    """A field too few, too many or of another type; and what takes nothing back."""
    with pytest.raises(ValueError, match="reversal"):
        parse_reversal(data)


@pytest.mark.parametrize(
    "act",
    [
        RemoveSdk("/h/r/sdk/current"),
        RemoveSdk("/h/r/sdk/.."),
        RemoveSdk("/h/r/sdk/1.26.6/bin"),
        RemoveSdk("/h/r/store/1.26.6"),
        RemoveSdk("/usr/local/go"),
        Relink("/h/r/sdk/1.26.6", "1.25.3", ""),
        Relink("/h/r/sdk/current", "1.26.6", "/usr"),
        Relink("/h/r/sdk/current", "../..", "1.26.6"),
        LoseSdk("$(reboot)"),
    ],
)
def test_entry_that_is_none_of_ours_is_refused(act: Reversal) -> None:
    """Nothing but our own SDKs is ever removed, and no link but ours leads anywhere but to them."""
    with pytest.raises(ForeignPathError):
        check_undo([entry(act)], "/h/r")


def test_entries_of_ours_are_taken() -> None:
    """An installation, a switch, a removal."""
    acts = (RemoveSdk("/h/r/sdk/1.27rc1"), Relink("/h/r/sdk/current", "1.26.6", ""), LoseSdk("1.26.6"))
    check_undo([entry(*acts)], "/h/r")


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (Relink("/c", "1.25.3", "1.26.6"), "have /c lead to 1.26.6 instead of 1.25.3"),
        (Relink("/c", "", "1.26.6"), "have /c lead to 1.26.6"),
        (Relink("/c", "1.26.6", ""), "remove the link /c"),
        (RemoveSdk("/s"), "remove /s and all in it"),
        (LoseSdk("1.26.6"), "nothing, go1.26.6 is gone: only `sdk.install 1.26.6` brings it back"),
        (Forget(("1-a-0.json",)), "take 1-a-0.json out of the journal"),
        (
            Unpack(Artifact("go", "a", 65_000_000, Path("x")), "/s", (), "", ""),
            "push 65.0 MB of gzip and unpack it to /s",
        ),
    ],
)
def test_action_in_words(act: Any, text: str) -> None:
    """A plan says each action in a few words."""
    assert text == describe(act)


@given(st.builds(SdkNote, *[st.text(st.characters(min_codepoint=32, max_codepoint=126))] * 7))
def test_note_survives_its_journey(note: SdkNote) -> None:
    """What is left on a host is read back as the same."""
    assert note == parse_note(write_note(note))


@given(st.text() | st.recursive(st.none() | st.integers(), st.lists, max_leaves=3).map(json.dumps))
def test_any_text_is_a_note_or_refused(text: str) -> None:
    """A damaged one is a ValueError and nothing else."""
    try:
        parse_note(text)
    except ValueError:
        return
    raise AssertionError(text)


# --- answers


def test_answer_is_read() -> None:
    """An SDK, what is free, who uses it, where the link leads."""
    found = answer(
        "there=1",
        "df-k=/dev/vda 264212084 26134376 69366888 28% /",
        "df-i=/dev/vda 16777216 736989 16040227 5% /",
        "flags=rw,relatime",
        "point=/",
        "current=1.26.6",
        SECTION + f"note={write_note(NOTE)}",
        "runs=77 /h/r/sdk/1.26.6/bin/go",
    )
    ground = Ground(69366888 * 1024, 16040227, None)
    runs = (Runs(77, "1.26.6", "/h/r/sdk/1.26.6/bin/go"),)
    kept = (Kept("1.26.6", NOTE, Amount(3, 70), ""),)
    assert Sdks("/h/r", there=True, kept=kept, current="1.26.6", runs=runs, ground=ground, lacks=()) == found


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("found=3", "found=2", "it has 2 files instead of 3"),
        ("found=3 70", "found=3 69", "its files have 69 bytes instead of 70"),
        ("found=3 70", "found=", "its files cannot be counted"),
        ("meant=3 70", "meant=x", "its note is missing or damaged"),
        ("dr-xr-xr-x", "drwxr-xr-x", "its directory can be written"),
        ("meant=", "damaged=1 changed (x)\nmeant=", "1 changed (x)"),
        ("meant=", "lost=bin/go\nmeant=", "its go command is gone"),
        ("1.26.6\n", "1.26.7\n", "its note is missing or damaged"),
    ],
)
def test_fault_is_named(old: str, new: str, fault: str) -> None:
    """Each way in which a quick look sees damage."""
    section = f"{SECTION}note={write_note(NOTE)}".replace(old, new, 1)
    assert [fault] == [one.fault for one in answer(section).kept]


def test_directory_of_another_name_is_not_ours() -> None:
    """It is not listed, counted or removed."""
    assert () == answer(SECTION.replace("1.26.6", "1.26.6;reboot")).kept


@pytest.mark.parametrize("where", ["?", "/usr/local/go", "../../x"])
def test_link_that_is_not_ours_is_refused(where: str) -> None:
    """sdk.install makes no such link."""
    with pytest.raises(ForeignSdkError):
        answer(f"current={where}")


@given(st.text())
def test_any_answer_is_read_or_refused(text: str) -> None:
    """Whatever a host says, it is facts or an error of ours."""
    try:
        sdks().parse(GUARD + text)
    except (ValueError, RemotegoError):
        return


def test_file_system_that_tells_nothing_is_unknown() -> None:
    """btrfs counts no inodes; a df that fails says nothing at all."""
    assert Ground(None, None, None) == answer("df-i=/dev/vda 0 0 0 - /", "df-k=").ground


def test_noexec_is_named_by_its_mount() -> None:
    """The place tells what to change."""
    assert "/home" == answer("flags=rw,noexec", "point=/home").ground.noexec


def test_foreign_sdk_is_told_once() -> None:
    """Two names of one directory are one SDK, by the first."""
    text = "/usr/local/go\t/opt/go\tgo1.26.8\n/opt/go\t/opt/go\tgo1.26.8\n/opt/go/1.2\t/opt/go/1.2\tgo1.2\nnoise\n"
    expected = (Foreign("/usr/local/go", "/opt/go", "go1.26.8"), Foreign("/opt/go/1.2", "/opt/go/1.2", "go1.2"))
    assert expected == foreign_sdks().parse(text)


# --- plans


def test_space_is_asked_first() -> None:
    """With what files take on a disk."""
    small = replace(THERE, ground=replace(ROOMY, free_bytes=40_000_000))
    with pytest.raises(NoRoomError) as caught:
        check_room(small, Amount(1000, 38_000_000))
    assert (43, 40) == (caught.value.needed_mb, caught.value.free_mb)


def test_inodes_are_asked_first() -> None:
    """A file system may have space and take no more files."""
    with pytest.raises(NoInodesError):
        check_room(replace(THERE, ground=replace(ROOMY, free_inodes=10)), Amount(11, 1))


@pytest.mark.parametrize("ground", [ROOMY, Ground(None, None, None)])
def test_room_that_is_there_or_unknown_is_tried(ground: Ground) -> None:
    """What nobody tells cannot be checked."""
    check_room(replace(THERE, ground=ground), Amount(11_516, 215_329_177))


def test_noexec_is_refused_before_anything_is_fetched() -> None:
    """No program of an SDK would run there."""
    with pytest.raises(NotExecutableError):
        check_ground("h", HAVE, replace(THERE, ground=replace(ROOMY, noexec="/home")))


def test_current_one_is_not_switched_to() -> None:
    """It is so already."""
    assert [] == plan_switch("1.26.6", replace(THERE, current="1.26.6"))


@given(VERSIONS, VERSIONS)
def test_switch_is_undone_by_its_reverse(was: str, now: str) -> None:
    """Whatever led where."""
    for change in plan_switch(now, replace(THERE, current=was)):
        assert ((Relink(THERE.link, was, now),), (Relink(THERE.link, now, was),)) == (change.do, change.undo)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"#busy 77 /h/go\n", SdkBusyError),
        (b"go version go1.2\n#says go version go1.3\n", WrongSdkError),
        (b"#relinked\n", RelinkedError),
        (b"tar: odd\n#unpacking failed\n", UnpackError),
    ],
)
def test_failure_is_named(said: bytes, error: type[RemotegoError]) -> None:
    """What only scripts about SDKs say."""
    assert error is type(explain(said, "/h/r"))


# --- content


def test_content_is_read_and_compared() -> None:
    """The hashes of any tool; what differs, by name."""
    text = f"""{json.dumps({"files": {"bin/go": "aa", "src/x": "bb", "gone": "cc"}})}
#hashed
aa  ./bin/go
b0 *./src/x
dd  ./src/new file
#odd
./link
#writable
./src
#runnable
#end
"""
    expected = Findings(("gone",), ("src/x",), ("link", "src/new file"), ("bin/go", "src"))
    assert expected == compare(sdk_content("/s", "sha256sum").parse(text))


@pytest.mark.parametrize("text", ["", "{}\n#hashed\naa  ./x\n", "no answer"])
def test_content_that_ends_too_early_is_no_answer(text: str) -> None:
    """Half a list would look like missing files."""
    with pytest.raises(ValueError, match="to the end"):
        sdk_content("/s", "sha256sum").parse(text)


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_whole_content_has_no_findings(files: dict[str, str]) -> None:
    """What is as it was sent."""
    content = Content(files, files, frozenset(), frozenset(), frozenset(files))
    assert ("", Findings()) == (compare(content).summary, compare(content))


@pytest.mark.parametrize(
    ("findings", "summary"),
    [
        (Findings(modes=("bin/go", "src")), "2 of another mode (bin/go, src)"),
        (Findings(changed=("src/x",), modes=("bin/go", "src")), "1 changed (src/x); 2 of another mode"),
        (Findings(missing=("a", "b", "c", "d")), "4 missing (a, b, c, ...)"),
    ],
)
def test_the_cause_of_damage_is_named_first(findings: Findings, summary: str) -> None:
    """Modes, of which there are many where any are, do not bury it."""
    assert summary == findings.summary


# --- supply and machines


@pytest.mark.parametrize(
    ("machine", "goarch"), [("x86_64", "amd64"), ("aarch64", "arm64"), ("armv7l", "arm"), ("i686", "386")]
)
def test_machine_has_its_goarch(machine: str, goarch: str) -> None:
    """As uname says it, and as Go does."""
    assert goarch == goarch_of(machine)


@given(st.text().filter(lambda text: text not in MACHINES))
def test_unknown_machine_is_refused(machine: str) -> None:
    """No SDK is guessed."""
    with pytest.raises(NoSdkForMachineError):
        goarch_of(machine)


def test_shared_supply_gives_everybody_the_same_error() -> None:
    """What one host could not get is not tried again for each."""
    asked = []

    def fail(goarch: str) -> Delivery:
        asked.append(goarch)
        raise NoSdkForMachineError(goarch)

    supply, errors = Shared(fail), []
    for _ in range(3):
        try:
            supply("s390x")
        except RemotegoError as error:
            errors.append(error)
    assert (["s390x"], 3, 1) == (asked, len(errors), len(set(map(id, errors))))


def test_removal_of_the_current_one_is_a_refusal() -> None:
    """Scripts see a policy, not a failure."""
    from remotego.host.sdk.plan import SdkIsCurrentError, plan_remove

    there = replace(THERE, kept=(Kept("1.26.6", NOTE, Amount(1, 1), ""),), current="1.26.6")
    with pytest.raises(RefusedError) as caught:
        plan_remove("h", "1.26.6", there, [], force=False)
    assert SdkIsCurrentError is type(caught.value)
