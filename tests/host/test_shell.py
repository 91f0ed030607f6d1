"""Changes as scripts, run by real shells: what they do, what failing leaves, what undo leaves."""

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from remotego.core.artifact import Artifact
from remotego.core.change import Change, MakeDir, Push, RemoveDir, RemoveFile
from remotego.core.errors import RemotegoError
from remotego.core.progress import Silence
from remotego.core.transport import Payload
from remotego.host.faults import (
    BrokenOffError,
    DamagedError,
    NotExecutableError,
    NotWritableError,
    ProofFailedError,
    UnexplainedError,
    explain,
)
from remotego.host.journal import Entry, journal
from remotego.host.root import UntrustedStoreError
from remotego.host.shell import Batch, render_batch, render_undo
from remotego.host.store import path_of, plan_home, plan_push, plan_sweep
from remotego.host.survey import STALE_MIN, Survey, survey
from remotego.ops.engine import apply, ask, undo
from tests.host.programs import GREETING, listing, make_artifact, unpacked
from tests.ops.local_transport import LocalTransport, Shell

PROOF = ("version",)
NONCE = "c0ffee"
OTHER_UID = 65534


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    """A program that tells its argument and writes into its home."""
    return make_artifact(tmp_path)


def push(local: LocalTransport, artifact: Artifact, store: str | None = None) -> str:
    """Put an artifact in the store, as deploying does; what its proof printed."""
    have = ask(local, survey(store))
    return apply(local, plan_push(artifact, have, prove=PROOF), have, Silence())


def take_back(local: LocalTransport, store: str | None = None) -> tuple[Entry, ...]:
    """Undo all that is journalled; the entries there were."""
    entries, have = ask(local, journal(store), survey(store))
    undo(local, entries, have)
    return entries


def refusal(local: LocalTransport, artifact: Artifact) -> RemotegoError:
    """Push what must fail; the error."""
    with pytest.raises(RemotegoError) as caught:
        push(local, artifact)
    return caught.value


@contextmanager
def half_pushed(local: LocalTransport, artifact: Artifact) -> Iterator[Shell]:
    """A push whose script waits for the second half of its payload."""
    have = ask(local, survey())
    script = render_batch(Batch(plan_push(unpacked(artifact), have, prove=PROOF), have, NONCE, "me"))
    with local.start(script) as shell:
        shell.payloads[0] = Payload(artifact.path, artifact.size_bytes // 2)
        shell.payloads.append(shell.payloads[0])
        deadline_s = time.monotonic() + 60
        while len(shell.payloads) == 2:
            assert shell.read(deadline_s)
        yield shell


def files_in(folder: Path) -> dict[str, bytes]:
    """The files below a folder, with their bytes."""
    return {name: content for name, content in listing(folder).items() if isinstance(content, bytes)}


def root_of(local: LocalTransport) -> Path:
    """Our directory."""
    return local.home / ".local/share/remotego"


# --- success


def test_pushed_program_has_its_bytes(local: LocalTransport, artifact: Artifact) -> None:
    """The program stands under its name, executable by its owner alone."""
    push(local, artifact)
    there = Path(path_of(artifact, ask(local, survey())))
    assert (GREETING, 0o100700) == (there.read_bytes(), there.stat().st_mode)


def test_push_gives_what_the_proof_printed(local: LocalTransport, artifact: Artifact) -> None:
    """The program was run there."""
    assert "I am version\n" == push(local, artifact)


def test_unpacked_push(local: LocalTransport, artifact: Artifact) -> None:
    """Without a packed form the plain bytes are sent."""
    assert "I am version\n" == push(local, unpacked(artifact))


def test_push_leaves_only_what_is_recorded(local: LocalTransport, artifact: Artifact) -> None:
    """After a push there are the program, two entries and three directories, and nothing else."""
    push(local, artifact)
    files = [path for path in root_of(local).rglob("*") if path.is_file()]
    assert [artifact.name, "0.json", "1.json"] == [
        path.name if path.parent.name == "store" else path.name.rpartition("-")[2]
        for path in sorted(files, key=lambda path: (path.parent.name != "store", path.name))
    ]


def test_second_push_finds_nothing_to_do(local: LocalTransport, artifact: Artifact) -> None:
    """A program of the right name and size is not sent again."""
    push(local, artifact)
    assert [] == plan_push(artifact, ask(local, survey()), prove=PROOF)


@pytest.mark.parametrize("damaged", [b"", GREETING[:-1]])
def test_damaged_program_is_replaced(local: LocalTransport, artifact: Artifact, damaged: bytes) -> None:
    """A program of the right name but the wrong size is repaired."""
    push(local, artifact)
    there = Path(path_of(artifact, ask(local, survey())))
    there.write_bytes(damaged)
    push(local, artifact)
    assert GREETING == there.read_bytes()


def test_running_program_is_not_written_to(local: LocalTransport, artifact: Artifact) -> None:
    """A program is replaced by rename: whoever runs the old file keeps it."""
    push(local, artifact)
    there = Path(path_of(artifact, ask(local, survey())))
    there.write_bytes(b"old")
    with there.open("rb") as running:
        push(local, artifact)
        assert b"old" == running.read()


@pytest.mark.parametrize("store", ["a b", "it's", 'q"q', "$HOME", "`id`", "*", "ü 漢", "-n", "a;b", "\\n", "#x", "~x"])
def test_odd_store_is_used_and_left_empty(local: LocalTransport, artifact: Artifact, store: str) -> None:
    """A store whose name a shell would take apart is written, and undone without a trace."""
    before = listing(local.home)
    push(local, artifact, f"~/{store}")
    there = local.home / store / "store" / artifact.name
    content = there.read_bytes()
    take_back(local, f"~/{store}")
    assert (GREETING, before) == (content, listing(local.home))


def test_entry_is_written_before_its_change(local: LocalTransport, artifact: Artifact) -> None:
    """While bytes still come in, the journal has the entry that takes them back."""
    with half_pushed(local, artifact):
        entries = ask(local, journal())
    assert RemoveFile(path_of(artifact, ask(local, survey()))) == entries[-1].undo[0]


def test_hostile_reason_stays_data(local: LocalTransport) -> None:
    """What stands in an entry is never run by the shell."""
    have = ask(local, survey())
    reason = "$(touch pwned); `touch pwned`; '\"\n\\n\x1b[2J"
    home = plan_home(have)[0]
    apply(local, [Change(reason, home.do, home.undo)], have, Silence())
    entry = next(root_of(local).glob("journal/*.json"))
    assert (reason, False) == (json.loads(entry.read_text())["reason"], (local.home / "pwned").exists())


def test_directory_that_appears_in_between_is_not_used(local: LocalTransport, artifact: Artifact) -> None:
    """Somebody makes our directory between the look and the push: it is refused and left alone."""
    have = ask(local, survey("~/s"))
    (local.home / "s").mkdir()
    (local.home / "s/theirs").write_bytes(b"theirs")
    os.chown(local.home / "s", OTHER_UID, OTHER_UID)
    with pytest.raises(UntrustedStoreError) as caught:
        apply(local, plan_push(artifact, have, prove=PROOF), have, Silence())
    assert (have.root, {"s/theirs": b"theirs"}) == (caught.value.path, files_in(local.home))


# --- undo


def test_undo_leaves_the_home_as_it_was(local: LocalTransport, artifact: Artifact) -> None:
    """Byte for byte, files of others included."""
    (local.home / ".local").mkdir()
    (local.home / ".local" / "theirs").write_bytes(b"theirs")
    before = listing(local.home)
    push(local, artifact)
    take_back(local)
    assert before == listing(local.home)


def test_second_undo_has_nothing_to_do(local: LocalTransport, artifact: Artifact) -> None:
    """After an undo the journal is empty."""
    push(local, artifact)
    take_back(local)
    assert () == take_back(local)


def test_undo_keeps_what_others_put_there(local: LocalTransport, artifact: Artifact) -> None:
    """A directory of ours that holds a foreign file stays, with the file."""
    push(local, artifact)
    (local.home / ".local" / "theirs").write_bytes(b"theirs")
    take_back(local)
    assert [".local", ".local/theirs"] == list(listing(local.home))


def test_undo_of_several_controllers_leaves_nothing(local: LocalTransport, tmp_path: Path) -> None:
    """Directories go last, in whatever order the entries of one second are sorted."""
    before = listing(local.home)
    have = ask(local, survey())
    for nonce in ("ffffff", "eeeeee", "000000"):
        changes = plan_push(make_artifact(tmp_path, GREETING + f"#{nonce}".encode()), have, prove=PROOF)
        assert 0 == local.run(render_batch(Batch(changes, have, nonce, "me"))).exit_code
        have = ask(local, survey())
    take_back(local)
    assert before == listing(local.home)


def test_undo_sweeps_what_a_killed_push_left(local: LocalTransport, artifact: Artifact) -> None:
    """A shell that is killed cannot clean up: undo does."""
    before = listing(local.home)
    with half_pushed(local, artifact) as shell:
        shell.signal(signal.SIGKILL)
        shell.process.wait(60)
    left = [path.name for path in (root_of(local) / "store").iterdir()]
    take_back(local)
    assert (True, before) == (left[0].endswith(f"-{NONCE}-1"), listing(local.home))


def test_undo_leaves_a_push_under_way_alone(local: LocalTransport, artifact: Artifact, tmp_path: Path) -> None:
    """A push that another controller begins after the journal was read ends well."""
    push(local, make_artifact(tmp_path, b"#!/bin/sh\ntrue\n"))
    entries, have = ask(local, journal(), survey())
    with half_pushed(local, artifact) as shell:
        undo(local, entries, have)
        rest = tmp_path / "rest"
        rest.write_bytes(GREETING[len(GREETING) // 2 :])
        shell.payloads[0] = Payload(rest, rest.stat().st_size)
        shell.pour()
        answer = shell.finish(10)
    assert (0, GREETING) == (answer.exit_code, Path(path_of(artifact, have)).read_bytes())


def test_undo_that_fails_keeps_the_entry(local: LocalTransport, artifact: Artifact) -> None:
    """What cannot be removed stays in the journal, and the cause is named."""
    push(local, artifact)
    entries, have = ask(local, journal(), survey())
    there = Path(path_of(artifact, have))
    there.unlink()
    (there / "in the way").mkdir(parents=True)
    with pytest.raises(UnexplainedError) as caught:
        undo(local, entries, have)
    shutil.rmtree(there)
    assert (True, 2) == ("irectory" in caught.value.said, len(ask(local, journal())))


# --- failure


def test_failed_proof_leaves_nothing(local: LocalTransport, tmp_path: Path) -> None:
    """A program that does not run gets no name."""
    before = listing(local.home)
    error = refusal(local, make_artifact(tmp_path, b"#!/bin/sh\necho sorry >&2\nexit 3\n"))
    assert isinstance(error, ProofFailedError)
    assert ("3", "sorry", before) == (error.status, error.said, listing(local.home))


def test_program_that_cannot_be_executed_leaves_nothing(local: LocalTransport, tmp_path: Path) -> None:
    """As on a noexec mount: the exit code of the shell is 126."""
    before = listing(local.home)
    error = refusal(local, make_artifact(tmp_path, b"#!/bin/sh\nexit 126\n"))
    assert (NotExecutableError, before) == (type(error), listing(local.home))


def test_wrong_bytes_leave_nothing(local: LocalTransport, artifact: Artifact) -> None:
    """What does not have the announced SHA-256 is removed again."""
    before = listing(local.home)
    artifact.path.write_bytes(GREETING.replace(b"am", b"AM"))
    error = refusal(local, unpacked(artifact))
    assert (DamagedError, before) == (type(error), listing(local.home))


def test_damaged_packing_leaves_nothing(local: LocalTransport, artifact: Artifact) -> None:
    """What cannot be unpacked is removed again."""
    before = listing(local.home)
    assert artifact.packed is not None
    artifact.packed.write_bytes(b"\0" * artifact.packed_bytes)
    refusal(local, artifact)
    assert before == listing(local.home)


def test_file_in_the_way_of_our_directory(local: LocalTransport, artifact: Artifact) -> None:
    """Where a file has the name of a directory, the target's own words are quoted and nothing changes."""
    (local.home / ".local").write_bytes(b"a file")
    before = listing(local.home)
    assert (UnexplainedError, before) == (type(refusal(local, artifact)), listing(local.home))


def test_first_failure_keeps_the_work_of_others(local: LocalTransport, artifact: Artifact, tmp_path: Path) -> None:
    """A push that fails beside one that went well takes back only its own."""
    push(local, artifact)
    before = listing(local.home)
    refusal(local, make_artifact(tmp_path, b"#!/bin/sh\nexit 3\n"))
    assert before == listing(local.home)


def test_input_cut_in_a_payload_leaves_nothing(local: LocalTransport, artifact: Artifact) -> None:
    """A connection that ends in the middle of an upload: the script sees its end and cleans up."""
    before = listing(local.home)
    with half_pushed(local, artifact) as shell:
        shell.hang_up()
        answer = shell.finish(10)
    error = explain(answer.stderr, "/x")
    assert (DamagedError, 1, before) == (type(error), answer.exit_code, listing(local.home))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_signal_in_a_payload_leaves_nothing(local: LocalTransport, artifact: Artifact, number: int) -> None:
    """A hang-up of the session or a shutdown in the middle of an upload is taken back."""
    before = listing(local.home)
    with half_pushed(local, artifact) as shell:
        shell.signal(number)
        shell.hang_up()
        answer = shell.finish(10)
    error = explain(answer.stderr, "/x")
    assert (BrokenOffError, before) == (type(error), listing(local.home))


def test_reader_that_goes_away_does_not_stop_the_work(local: LocalTransport, artifact: Artifact) -> None:
    """When nobody reads its answers any more, a push that has all its bytes still ends well."""
    have = ask(local, survey())
    script = render_batch(Batch(plan_push(artifact, have, prove=PROOF), have, NONCE, "me"))
    with local.start(script) as shell:
        deadline_s = time.monotonic() + 60
        while shell.payloads:
            shell.read(deadline_s)
        assert shell.process.stdout is not None
        shell.process.stdout.close()
        shell.process.wait(60)
    assert GREETING == Path(path_of(artifact, have)).read_bytes()


# --- sweeping


def test_stale_rooms_are_swept(local: LocalTransport, artifact: Artifact) -> None:
    """What a killed push left goes with a later deploy, once it is old enough."""
    with half_pushed(local, artifact) as shell:
        shell.signal(signal.SIGKILL)
        shell.process.wait(60)
    (room,) = (root_of(local) / "store").iterdir()
    old_s = time.time() - 60 * (STALE_MIN + 1)
    os.utime(room, (old_s, old_s))
    have = ask(local, survey())
    apply(local, plan_sweep(have), have, Silence())
    assert [] == list((root_of(local) / "store").iterdir())


def test_sweeping_writes_no_entry(local: LocalTransport, artifact: Artifact) -> None:
    """There is nothing to take back about it."""
    push(local, artifact)
    before = ask(local, journal())
    have = replace(ask(local, survey()), stale=(str(root_of(local) / "store" / ".1-ab-0"),))
    apply(local, plan_sweep(have), have, Silence())
    assert before == ask(local, journal())


# --- plans, without a shell


HAVE = Survey("x86_64", 1000, "/h", "/h/r", "sha256sum", True, (), frozenset())


def payload_sizes(*changes: Change) -> list[int]:
    """The payloads a batch asks for."""
    return [payload.size_bytes for payload in render_batch(Batch(changes, HAVE, NONCE, "me")).payloads]


def test_payloads_come_in_the_order_of_the_changes(tmp_path: Path) -> None:
    """Each push names its own bytes."""
    one, two = make_artifact(tmp_path, b"1"), make_artifact(tmp_path, b"22")
    changes = [Change("x", (Push(each, "/h/r/store/x"),), (RemoveFile("/h/r/store/x"),)) for each in (one, two)]
    assert [1, 2] == payload_sizes(*changes)


def test_nothing_is_planned_where_all_is_there() -> None:
    """Directories that exist need no change."""
    assert ([], []) == (plan_home(HAVE), plan_sweep(HAVE))


def test_home_is_undone_in_reverse() -> None:
    """Outermost directories are made first and removed last."""
    have = replace(HAVE, missing=("/h/r", "/h/r/store"))
    (change,) = plan_home(have)
    made, removed = (MakeDir("/h/r"), MakeDir("/h/r/store")), (RemoveDir("/h/r/store"), RemoveDir("/h/r"))
    assert (made, removed) == (change.do, change.undo)


def test_undo_without_entries_is_harmless() -> None:
    """It still ends with 0."""
    assert "true" == render_undo((), HAVE).text.splitlines()[-1]


def test_permission_denied_is_named() -> None:
    """What coreutils and busybox say alike."""
    assert NotWritableError is type(explain(b"mkdir: cannot create directory '/x': Permission denied\n", "/x"))
