"""SDKs on real shells of this machine: what is there afterwards, what failing leaves, what undo leaves."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from remotego.core.artifact import Artifact
from remotego.core.change import RemoveDir
from remotego.core.progress import Silence
from remotego.core.sdkchange import LoseSdk
from remotego.core.settings import Settings
from remotego.core.transport import Payload, Transport
from remotego.host.faults import BrokenOffError, DamagedError, ProofFailedError, WrongFormatError, explain
from remotego.host.journal import journal
from remotego.host.sdk.faults import BrokenArchiveError, SdkBusyError, WrongSdkError
from remotego.host.sdk.plan import (
    DamagedSdkError,
    NoUnpackerError,
    OtherPlatformError,
    SdkInUseError,
    SdkIsCurrentError,
    SdkNotThereError,
    plan_install,
    plan_switch,
)
from remotego.host.sdk.store import ForeignSdkError, sdks
from remotego.host.shell import Batch, render_batch
from remotego.host.survey import STALE_MIN, survey
from remotego.ops.engine import ask
from remotego.ops.sdk import check as sdk_check
from remotego.ops.sdk.hosts import (
    Delivery,
    InstalledSdk,
    ShortArchiveError,
    install_sdk,
    list_sdks,
    remove_sdk,
    switch_sdk,
)
from remotego.ops.upkeep import undo
from tests.host.programs import listing
from tests.ops.local_transport import LocalTransport, Shell
from tests.ops.rounds import Rounds
from tests.sdk.conftest import Small
from tests.sdk.small import build_go, deliver, pack

A, B = "1.26.6", "1.25.3"
NONCE = "c0ffee"
SWITCHES = 50
SETTINGS = Settings()

DASH = pytest.mark.parametrize("local", ["dash"], indirect=True)
"""For what does not depend on the shell and its tools."""


class Here:
    """A network whose only host is this machine."""

    def __init__(self, local: LocalTransport) -> None:
        self._local = local

    @contextmanager
    def reach(self, name: str) -> Iterator[Transport]:
        """Reach it by any name."""
        assert name
        yield self._local


def unwanted(_: str) -> Delivery:
    """A supply that must not be asked."""
    raise AssertionError("nothing should be fetched")


def install(local: LocalTransport, delivery: Delivery, *, switch: bool = False, dry: bool = False) -> InstalledSdk:
    """Install on this machine."""
    version = delivery.note.version
    return install_sdk(Here(local), "here", version, SETTINGS, Silence(), lambda _: delivery, switch=switch, dry=dry)


def remove(local: LocalTransport, version: str, *, force: bool = False) -> None:
    """Remove from this machine."""
    remove_sdk(Here(local), "here", version, SETTINGS, Silence(), force=force, dry=False)


def take_back(local: LocalTransport) -> None:
    """Undo everything on this machine."""
    undo(Here(local), "here", SETTINGS, Silence(), dry=False)


def verify(local: LocalTransport, wanted: str = A, *, dry: bool = False) -> sdk_check.Verified:
    """Verify one on this machine."""
    (found,) = sdk_check.verify_sdks(Here(local), "here", wanted, SETTINGS, Silence(), dry=dry)
    return found


def faults(local: LocalTransport) -> dict[str, str]:
    """What a quick look finds wrong, by version."""
    return {one.version: one.fault for one in list_sdks(Here(local), "here", SETTINGS, Silence()).ours.kept}


def folder_of(local: LocalTransport) -> Path:
    """Where SDKs stand."""
    return local.home / ".local/share/remotego/sdk"


def names(local: LocalTransport) -> list[str]:
    """Everything in that directory."""
    return sorted(path.name for path in folder_of(local).iterdir())


def overwrite(path: Path, content: bytes) -> None:
    """Change a file that nobody may write."""
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(0o444)


def delete(path: Path) -> None:
    """Delete a file from a directory that nobody may write."""
    path.parent.chmod(0o755)
    path.unlink()
    path.parent.chmod(0o555)


@contextmanager
def half_sent(local: LocalTransport, delivery: Delivery) -> Iterator[Shell]:
    """An installation whose script waits for the second half of its payload."""
    have, there = ask(local, survey(), sdks())
    changes = plan_install(delivery.note, delivery.artifact, have, there)
    with local.start(render_batch(Batch(changes, have, NONCE, "me"))) as shell:
        shell.payloads[0] = Payload(delivery.artifact.path, delivery.artifact.size_bytes // 2)
        shell.payloads.append(shell.payloads[0])
        deadline_s = time.monotonic() + 60
        while len(shell.payloads) == 2:
            assert shell.read(deadline_s)
        yield shell


@contextmanager
def working(go: Path) -> Iterator[int]:
    """A program of an SDK that runs; its number."""
    with subprocess.Popen([go, "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            process.stdin.close()


# --- success


def test_installed_tree_is_whole_and_read_only(local: LocalTransport, small: Small) -> None:
    """Nothing but the SDK is there, with all its files, and no file or directory of it can be written."""
    install(local, small(A))
    root = folder_of(local) / A
    modes = {path.stat().st_mode & 0o777 for path in [root, *root.rglob("*")]}
    programs = {
        str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.stat().st_mode & 0o111
    }
    assert ([A], {0o555, 0o444}, {"bin/go", "pkg/tool/linux_amd64/compile"}) == (names(local), modes, programs)


@DASH
def test_second_installation_is_one_question(local: LocalTransport, small: Small) -> None:
    """Nothing is fetched, sent or changed."""
    install(local, small(A), switch=True)
    rounds = Rounds(Here(local))
    again = install_sdk(rounds, "here", A, SETTINGS, Silence(), unwanted, switch=True, dry=False)
    assert ((), 1) == (again.changes, rounds.take())


@DASH
def test_dry_run_touches_and_fetches_nothing(local: LocalTransport) -> None:
    """The plan is there without the bytes."""
    before = listing(local.home)
    planned = install_sdk(Here(local), "here", A, SETTINGS, Silence(), unwanted, switch=True, dry=True)
    assert (True, before) == (planned.fetches, listing(local.home))


@DASH
def test_dry_run_looks_for_what_it_would_fetch(local: LocalTransport) -> None:
    """What would be missing is missing already, and named by the supply."""

    def look(goarch: str) -> None:
        raise SdkNotThereError("here", goarch)

    with pytest.raises(SdkNotThereError, match="amd64"):
        install_sdk(Here(local), "here", A, SETTINGS, Silence(), unwanted, switch=True, dry=True, look=look)


def test_switch_leads_to_another_version(local: LocalTransport, small: Small) -> None:
    """Versions stand side by side; the link says which is current."""
    install(local, small(A), switch=True)
    install(local, small(B))
    was = switch_sdk(Here(local), "here", B, SETTINGS, Silence(), dry=False).was
    go = subprocess.run([folder_of(local) / "current/bin/go", "version"], capture_output=True, text=True, check=True)
    assert (A, [B, A, "current"], f"go version go{B} linux/amd64\n") == (was, names(local), go.stdout)


def test_reader_never_misses_the_link_while_it_is_switched(local: LocalTransport, small: Small) -> None:
    """Somebody who opens files through the link all the time always finds one of the two versions."""
    install(local, small(A), switch=True)
    install(local, small(B))
    have, there = ask(local, survey(), sdks())
    to_and_fro = [plan_switch(B, there)[0], plan_switch(A, replace(there, current=B))[0]] * SWITCHES
    script, file = render_batch(Batch(to_and_fro, have, NONCE, "me")), folder_of(local) / "current/VERSION"
    seen: set[str] = set()
    with local.start(script) as shell:
        shell.hang_up()
        while shell.process.poll() is None:
            seen |= {_read(file) for _ in range(100)}
        assert 0 == shell.finish(30).exit_code
    assert {f"go{A}\n", f"go{B}\n"} == seen


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError as error:
        return repr(error)


def test_undo_leaves_the_home_as_it_was(local: LocalTransport, small: Small) -> None:
    """Two SDKs, two switches: all of it goes."""
    before = listing(local.home)
    install(local, small(A), switch=True)
    install(local, small(B), switch=True)
    take_back(local)
    assert before == listing(local.home)


@DASH
def test_another_controller_has_installed_it_in_the_meantime(local: LocalTransport, small: Small) -> None:
    """Who comes second finds the very same SDK there, leaves it, and leaves nothing else."""
    have, there = ask(local, survey(), sdks())
    install(local, small(A))
    inode = (folder_of(local) / A).stat().st_ino
    changes = plan_install(small(A).note, small(A).artifact, have, there)
    answer = local.run(render_batch(Batch(changes, have, NONCE, "me")))
    assert (0, [A], inode) == (answer.exit_code, names(local), (folder_of(local) / A).stat().st_ino)


@DASH
def test_another_controller_has_switched_alike_in_the_meantime(local: LocalTransport, small: Small) -> None:
    """Who comes second has what was asked for, and no entry that would take back what is not its own doing."""
    install(local, small(A))
    have, there = ask(local, survey(), sdks())
    switch_sdk(Here(local), "here", A, SETTINGS, Silence(), dry=False)
    before = listing(local.home)
    answer = local.run(render_batch(Batch(plan_switch(A, there), have, NONCE, "me")))
    assert (0, before) == (answer.exit_code, listing(local.home))


@DASH
def test_another_controller_has_switched_to_another_in_the_meantime(local: LocalTransport, small: Small) -> None:
    """That is not overruled."""
    install(local, small(A))
    install(local, small(B))
    have, there = ask(local, survey(), sdks())
    switch_sdk(Here(local), "here", A, SETTINGS, Silence(), dry=False)
    answer = local.run(render_batch(Batch(plan_switch(B, there), have, NONCE, "me")))
    assert (True, A) == (b"#relinked" in answer.stderr, str((folder_of(local) / "current").readlink()))


# --- removal


@DASH
def test_removed_sdk_is_gone_and_the_journal_says_so(local: LocalTransport, small: Small) -> None:
    """Its entry says that undo brings nothing back, and that of its installation is forgotten."""
    install(local, small(A))
    remove(local, A)
    entries = {entry.reason: entry.undo for entry in ask(local, journal())}
    entries.pop(next(reason for reason in entries if reason.startswith("keep")))
    assert ([], {f"remove go{A}": (LoseSdk(A), RemoveDir(str(folder_of(local))))}) == (names(local), entries)


@DASH
def test_undo_after_a_removal_leaves_nothing(local: LocalTransport, small: Small) -> None:
    """What cannot be brought back is no reason to fail."""
    before = listing(local.home)
    install(local, small(A))
    remove(local, A)
    take_back(local)
    assert before == listing(local.home)


@DASH
def test_current_sdk_is_not_removed(local: LocalTransport, small: Small) -> None:
    """It is named, and all is as it was."""
    install(local, small(A), switch=True)
    with pytest.raises(SdkIsCurrentError):
        remove(local, A)
    assert [A, "current"] == names(local)


def test_current_sdk_is_removed_when_asked(local: LocalTransport, small: Small) -> None:
    """The link goes with it."""
    install(local, small(A), switch=True)
    remove(local, A, force=True)
    assert [] == names(local)


def test_sdk_in_use_is_not_removed(local: LocalTransport, small: Small) -> None:
    """The process is named by its number."""
    install(local, small(A))
    with working(folder_of(local) / A / "bin/go") as pid, pytest.raises(SdkInUseError) as caught:
        remove(local, A)
    assert (True, [A]) == (f"(pid {pid})" in caught.value.programs, names(local))


@DASH
def test_undo_waits_for_an_sdk_in_use(local: LocalTransport, small: Small) -> None:
    """Nothing at all is taken back, and the journal keeps everything for another time."""
    install(local, small(A), switch=True)
    before = listing(local.home)
    with working(folder_of(local) / A / "bin/go") as pid, pytest.raises(SdkBusyError) as caught:
        take_back(local)
    assert (True, before) == (f"(pid {pid})" in caught.value.programs, listing(local.home))


@DASH
def test_removing_what_is_not_there_is_nothing_to_do(local: LocalTransport) -> None:
    """A second removal changes nothing."""
    done = remove_sdk(Here(local), "here", A, SETTINGS, Silence(), force=False, dry=False)
    assert () == done.changes


# --- damage


def shorten(root: Path) -> None:
    """Cut a file."""
    overwrite(root / "src/p9/p.go", b"")


def lose(root: Path) -> None:
    """Delete a file."""
    delete(root / "src/p9/p.go")


def halve(root: Path) -> None:
    """Delete half of it, as a removal by hand that was broken off."""
    subprocess.run(["chmod", "-R", "u+w", root], check=True)
    subprocess.run(["rm", "-rf", root / "bin", root / "src"], check=True)


def add(root: Path) -> None:
    """Put a file there."""
    (root / "src").chmod(0o755)
    (root / "src/mine.go").write_bytes(b"package mine\n")


def forget(root: Path) -> None:
    """Lose the note."""
    delete(root / ".remotego-sdk")


@DASH
@pytest.mark.parametrize("damage", [shorten, lose, halve, forget])
def test_quick_look_sees_damage_and_installing_repairs_it(
    local: LocalTransport, small: Small, damage: Callable[[Path], None]
) -> None:
    """Only the damaged version is replaced; the other is the same directory as before."""
    install(local, small(A), switch=True)
    install(local, small(B))
    inode = (folder_of(local) / B).stat().st_ino
    damage(folder_of(local) / A)
    before = faults(local)
    install(local, small(A), switch=True)
    after = (faults(local), verify(local).fault, names(local), (folder_of(local) / B).stat().st_ino)
    assert (True, "", ({A: "", B: ""}, "", [B, A, "current"], inode)) == (before[A] != "", before[B], after)


@DASH
def test_damaged_sdk_is_not_switched_to(local: LocalTransport, small: Small) -> None:
    """Nor is one that is not there."""
    install(local, small(A))
    lose(folder_of(local) / A)
    with pytest.raises(DamagedSdkError):
        switch_sdk(Here(local), "here", A, SETTINGS, Silence(), dry=False)
    with pytest.raises(SdkNotThereError):
        switch_sdk(Here(local), "here", B, SETTINGS, Silence(), dry=False)


def test_verification_reads_hashes_runs_and_leaves_nothing(local: LocalTransport, small: Small) -> None:
    """The go command says what it was built as, and a program is compiled by it."""
    install(local, small(A))
    before = listing(local.home)
    found = verify(local)
    expected = (f"go{A}", f"go{A} linux/amd64", small(A).note.h1, "", before)
    assert expected == (found.go, found.trial, found.h1, found.fault, listing(local.home))


def test_verification_names_what_is_missing_changed_added_or_writable(local: LocalTransport, small: Small) -> None:
    """Each by its path, though a file of the same length is not seen by a quick look."""
    install(local, small(A))
    root = folder_of(local) / A
    overwrite(root / "src/p1/p.go", b"package q\n")
    lose(root)
    add(root)
    (root / "src").chmod(0o555)
    (root / "VERSION").chmod(0o644)
    (root / "src/mine.go").chmod(0o444)
    found = verify(local).findings
    expected = (("src/p9/p.go",), ("src/p1/p.go",), ("src/mine.go",), ("VERSION",))
    assert expected == (found.missing, found.changed, found.added, found.modes)


@DASH
def test_what_verification_has_found_is_known_to_the_others(local: LocalTransport, small: Small) -> None:
    """A quick look cannot see a changed byte: listing tells it after verifying, and installing repairs it."""
    install(local, small(A))
    overwrite(folder_of(local) / A / "src/p1/p.go", b"package q\n")
    unseen = faults(local)[A]
    fault = verify(local).fault
    seen = faults(local)[A]
    install(local, small(A))
    assert ("", "1 changed (src/p1/p.go)", fault, [A], "") == (unseen, fault, seen, names(local), faults(local)[A])


@DASH
def test_dry_verification_writes_nothing(local: LocalTransport, small: Small) -> None:
    """It hashes, and leaves no note of what it found."""
    install(local, small(A))
    overwrite(folder_of(local) / A / "src/p1/p.go", b"package q\n")
    before = listing(local.home)
    found = verify(local, dry=True)
    assert (True, "", before) == (found.fault != "", found.trial, listing(local.home))


@DASH
def test_exchanged_go_command_is_found_though_all_records_fit(local: LocalTransport, tmp_path: Path) -> None:
    """Its build information is read, not the file VERSION."""
    delivery = deliver(tmp_path, A, b"#!/bin/sh\necho go version go1.26.6 linux/amd64\n")
    install(local, delivery)
    assert "its go command is no program of Go" in verify(local).fault


# --- failure


def lying(folder: Path) -> Delivery:
    """An SDK that is another one than its note says."""
    return deliver(folder, B, build_go(folder, B), says=A)


def broken(folder: Path) -> Delivery:
    """Bytes that are no archive."""
    return _changed(folder, lambda packed: b"\0" * len(packed))


def cut(folder: Path) -> Delivery:
    """An archive that ends too early, with the digest of the whole."""
    return _changed(folder, lambda packed: packed[: len(packed) // 2])


def longer(folder: Path) -> Delivery:
    """A whole archive, but not the one that was meant."""
    return _changed(folder, lambda packed: packed + pack({}))


def two_trees(folder: Path) -> Delivery:
    """An archive of more than one tree."""
    return _changed(folder, lambda _: pack({"go/VERSION": b"x", "more/VERSION": b"x"}), digest=True)


def _changed(folder: Path, change: Callable[[bytes], bytes], *, digest: bool = False) -> Delivery:
    import hashlib

    delivery = deliver(folder, A, b"#!/bin/sh\n")
    path = delivery.artifact.path
    path.write_bytes(change(path.read_bytes()))
    packed = path.read_bytes()
    sha256 = hashlib.sha256(packed).hexdigest() if digest else delivery.artifact.sha256
    artifact = Artifact(delivery.artifact.label, sha256, len(packed), path)
    return replace(delivery, artifact=artifact)


UNREADABLE = (BrokenArchiveError, DamagedError)
"""Which of the two it is depends on whether tar or the digest is first to see it."""

BAD = {lying: WrongSdkError, broken: UNREADABLE, cut: UNREADABLE, longer: DamagedError}


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_bad_archive_is_named_and_leaves_nothing(
    local: LocalTransport, tmp_path: Path, make: Callable[[Path], Delivery]
) -> None:
    """Whatever is wrong with what arrives, it never gets the name of an SDK."""
    before = listing(local.home)
    with pytest.raises(BAD[make]):
        install(local, make(tmp_path))
    assert before == listing(local.home)


def test_archive_of_another_machine_leaves_nothing(local: LocalTransport, tmp_path: Path) -> None:
    """A go that this kernel cannot run is not installed; busybox's shell takes it for a script."""
    before = listing(local.home)
    delivery = deliver(tmp_path, A, build_go(tmp_path, A, goarch="s390x"))
    with pytest.raises(ProofFailedError if local.name == "busybox" else WrongFormatError):
        install(local, delivery)
    assert before == listing(local.home)


@DASH
def test_archive_that_became_shorter_here_is_not_sent(local: LocalTransport, tmp_path: Path) -> None:
    """The cache's file was cut since it was made."""
    delivery = deliver(tmp_path, A, b"#!/bin/sh\n")
    delivery.artifact.path.write_bytes(b"short")
    with pytest.raises(ShortArchiveError):
        install(local, delivery)
    assert {} == listing(local.home)


@DASH
def test_sdk_of_another_machine_in_a_shared_home_is_left_alone(local: LocalTransport, tmp_path: Path) -> None:
    """Two kinds of machine share a home: neither replaces what the other needs."""
    go = build_go(tmp_path, A)
    install(local, deliver(tmp_path, A, go))
    note = folder_of(local) / A / ".remotego-sdk"
    overwrite(note, note.read_bytes().replace(b"amd64", b"arm64"))
    with pytest.raises(OtherPlatformError):
        install(local, deliver(tmp_path, A, go))


@DASH
def test_repair_that_fails_leaves_the_damaged_one(local: LocalTransport, small: Small, tmp_path: Path) -> None:
    """What is there is only given up for something whole."""
    install(local, small(A))
    lose(folder_of(local) / A)
    before = listing(local.home)
    with pytest.raises(WrongSdkError):
        install(local, lying(tmp_path))
    assert before == listing(local.home)


@DASH
def test_link_of_somebody_else_is_left_alone(local: LocalTransport, small: Small) -> None:
    """A ``current`` that leads out of our directory is not ours to switch."""
    install(local, small(A))
    (folder_of(local) / "current").symlink_to("/usr")
    with pytest.raises(ForeignSdkError):
        install(local, small(A), switch=True)
    assert "/usr" == str((folder_of(local) / "current").readlink())


def test_machine_without_tar_is_told_before_anything_is_fetched(tmp_path: Path, applets: str) -> None:
    """A remedy is named."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "home").mkdir()
    for applet in Path(applets).iterdir():
        if applet.name not in ("tar", "gzip"):
            (tmp_path / "bin" / applet.name).symlink_to(applet.resolve())
    bare = LocalTransport(tmp_path / "home", "dash", str(tmp_path / "bin"))
    with pytest.raises(NoUnpackerError) as caught:
        install_sdk(Here(bare), "here", A, SETTINGS, Silence(), unwanted, switch=False, dry=False)
    assert "tar, gzip" == caught.value.tools


# --- broken off


def test_connection_that_is_cut_leaves_nothing(local: LocalTransport, small: Small) -> None:
    """The end of input in the middle of the archive: the script cleans up."""
    before = listing(local.home)
    with half_sent(local, small(A)) as shell:
        shell.hang_up()
        answer = shell.finish(10)
    assert (True, before) == (isinstance(explain(answer.stderr, "/x"), UNREADABLE), listing(local.home))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_signal_leaves_nothing(local: LocalTransport, small: Small, number: int) -> None:
    """The end of a session, a shutdown."""
    before = listing(local.home)
    with half_sent(local, small(A)) as shell:
        shell.signal(number)
        shell.hang_up()
        answer = shell.finish(10)
    assert (BrokenOffError, before) == (type(explain(answer.stderr, "/x")), listing(local.home))


def test_killed_script_leaves_nothing_visible_and_is_swept_up(local: LocalTransport, small: Small) -> None:
    """No name of an SDK appears; the next installation works, and a later one removes the rest."""
    with half_sent(local, small(A)) as shell:
        shell.signal(signal.SIGKILL)
        shell.process.wait(60)
    (room,) = names(local)
    kept = faults(local)
    install(local, small(A))
    os.utime(folder_of(local) / room, (0, time.time() - 60 * STALE_MIN - 60))
    install(local, small(B))
    assert (True, {}, [B, A]) == (room.startswith("."), kept, names(local))


@DASH
def test_undo_sweeps_what_a_killed_installation_left(local: LocalTransport, small: Small) -> None:
    """Its entry was there before its first byte."""
    before = listing(local.home)
    with half_sent(local, small(A)) as shell:
        shell.signal(signal.SIGKILL)
        shell.process.wait(60)
    take_back(local)
    assert before == listing(local.home)
