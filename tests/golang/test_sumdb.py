"""Our client of the checksum database against x/mod's server, and against what an attacker may answer.

The numbers of CVEs are those of cmd/go's own ways around the database, each closed here by a test of its own.
"""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.golang.sumdb.database import DEFAULT, parse_gosumdb
from remotego.golang.sumdb.lookup import Answer, check_lookup, check_timeline, lookup_path
from remotego.golang.sumdb.merkle import EMPTY, record_hash, root_with, roots
from remotego.golang.sumdb.note import open_note, parse_key
from remotego.golang.sumdb.record import parse_record, sum_in
from remotego.golang.sumdb.tiles import HASH_BYTES, Read, Tile, UnprovableError
from remotego.golang.sumdb.tree import Head, Tree, open_head, parse_tree
from tests.golang.checksums import NAME, Server, Servers, signer

OURS = signer()
EVIL = "h1:" + base64.b64encode(bytes(32)).decode()
MODULE, VERSION = "example.com/module", "v1.0.0"
SIZES = (1, 2, 3, 255, 256, 257, 511, 513, 4096, 65_535, 65_536, 65_537, 70_001)


@pytest.fixture(scope="module")
def server(checksum_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A database that grows with the tests."""
    with checksum_servers.start(tmp_path_factory.mktemp("proxy"), OURS) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Seen:
    """A database at several sizes: each answer with the tree that was signed for it."""

    answers: tuple[tuple[str, bytes, Answer], ...]

    @property
    def heads(self) -> list[Head]:
        """The trees."""
        return [answer.head for _, _, answer in self.answers]


@pytest.fixture(scope="module")
def seen(server: Server) -> Seen:
    """Answers at all sizes, each checked when it was the newest."""
    answers = []
    for count, size in enumerate(SIZES):
        version = f"v1.{size}.0"
        server.grow(size - 1 - count)
        raw = server.lookup(MODULE, version)
        answers.append((version, raw, check_lookup(raw, MODULE, version, OURS.key, server.read)))
    return Seen(tuple(answers))


def test_the_last_record_of_trees_of_every_shape_is_proven(seen: Seen) -> None:
    """Around the sizes at which tiles fill up and levels begin."""
    assert list(SIZES) == [head.tree.size for head in seen.heads]


def test_a_record_is_proven_in_trees_that_grew_since(seen: Seen, server: Server) -> None:
    """Old records, with the newest tree signed behind them."""
    found = [
        check_lookup(server.lookup(MODULE, version), MODULE, version, OURS.key, server.read)
        for version, _, _ in seen.answers
    ]
    expected = [(answer.h1, answer.index, SIZES[-1]) for _, _, answer in seen.answers]
    assert expected == [(answer.h1, answer.index, answer.head.tree.size) for answer in found]


def test_every_tree_continues_every_earlier_one(seen: Seen, server: Server) -> None:
    """Whichever is given first."""
    for older in seen.heads:
        for newer in seen.heads:
            check_timeline(older.tree, newer.tree, server.read)


def test_every_tree_continues_the_empty_one(seen: Seen, server: Server) -> None:
    """That is what is known of a database that was never asked."""
    check_timeline(Tree(0, EMPTY), seen.heads[-1].tree, server.read)


@dataclass(slots=True)
class Tampered:
    """A way to read of which an attacker changes what tiles say."""

    read: Read
    change: Callable[[str, bytes], bytes | None]
    paths: list[str] = field(default_factory=list)

    def __call__(self, path: str) -> bytes | None:
        """Read, and note what was read."""
        self.paths.append(path)
        data = self.read(path)
        return None if data is None else self.change(path, data)


def unchanged(path: str, data: bytes) -> bytes:
    """No attack."""
    return data


def paths_of(raw: bytes, version: str, read: Read) -> list[str]:
    """The tiles that a proof takes."""
    honest = Tampered(read, unchanged)
    check_lookup(raw, MODULE, version, OURS.key, honest)
    return sorted(set(honest.paths))


def test_every_tile_a_proof_takes_counts(seen: Seen, server: Server) -> None:
    """A bit that is flipped in each hash of a tile is found, for every tile of every size."""
    for version, raw, _ in seen.answers[1:]:
        for victim in paths_of(raw, version, server.read):

            def flip(path: str, data: bytes, victim: str = victim) -> bytes:
                bits = (byte ^ (place % HASH_BYTES == 0) for place, byte in enumerate(data))
                return bytes(bits) if path == victim else data

            with pytest.raises(ValueError, match=r"is not in the signed tree"):
                check_lookup(raw, MODULE, version, OURS.key, Tampered(server.read, flip))


@pytest.mark.parametrize("which", range(60))
def test_a_flipped_bit_never_changes_an_answer(seen: Seen, server: Server, which: int) -> None:
    """Where a bit takes no part in the proof the answer stays, elsewhere there is none."""
    version, raw, answer = seen.answers[3 + which % (len(SIZES) - 3)]

    def flip(path: str, data: bytes) -> bytes:
        bit = (which * 7919 + len(path)) % (8 * len(data))
        return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]

    try:
        found = check_lookup(raw, MODULE, version, OURS.key, Tampered(server.read, flip))
    except ValueError:
        return
    assert answer == found


@pytest.mark.parametrize(
    "change", [bytes.__len__, lambda data: data[:-1], lambda data: data + b"\0" * 32], ids=range(3)
)
def test_a_tile_of_another_size_is_refused(seen: Seen, server: Server, change: Callable[[bytes], bytes | int]) -> None:
    """Too short, too long or not there at all."""
    version, raw, _ = seen.answers[-1]

    def resize(path: str, data: bytes) -> bytes | None:
        changed = change(data)
        return changed if isinstance(changed, bytes) else None

    with pytest.raises(ValueError, match=r"has \d+ bytes|is not there"):
        check_lookup(raw, MODULE, version, OURS.key, Tampered(server.read, resize))


def test_a_partial_tile_may_be_gone_when_the_full_one_is_there(seen: Seen, server: Server) -> None:
    """A server need not keep what a tile was like before it was full."""
    version, raw, answer = seen.answers[3]
    read = Tampered(server.read, lambda path, data: None if ".p/" in path and path.startswith("tile/8/0/") else data)
    assert answer == check_lookup(raw, MODULE, version, OURS.key, read)
    assert any(".p/" not in path for path in read.paths)


def test_a_forged_record_with_its_hash_in_a_tile_is_refused(seen: Seen, server: Server) -> None:
    """CVE-2026-56865: a tile that no signed root covers proves nothing."""
    version, raw, answer = seen.answers[-1]
    forged = raw.replace(answer.h1.encode(), EVIL.encode())
    leaf = record_hash(parse_record(forged).data)
    at = answer.index % 256

    def plant(path: str, data: bytes) -> bytes:
        if not path.startswith("tile/8/0/") or not path.endswith(f".p/{SIZES[-1] % 256}"):
            return data
        return data[: at * HASH_BYTES] + leaf + data[(at + 1) * HASH_BYTES :]

    with pytest.raises(ValueError, match=f"record {answer.index} is not in the signed tree"):
        check_lookup(forged, MODULE, version, OURS.key, Tampered(server.read, plant))


def test_a_record_under_another_number_is_refused(seen: Seen, server: Server) -> None:
    """The number is not signed: the proof shows it."""
    version, raw, _ = seen.answers[-1]
    with pytest.raises(ValueError, match="record 3 is not in the signed tree"):
        check_lookup(b"3\n" + raw.partition(b"\n")[2], MODULE, version, OURS.key, server.read)


@pytest.mark.parametrize("index", [b"70001", b"999999999999999999", b"-1", b"+5", b"007", b"1e3", b"", b"5 "])
def test_a_number_that_is_in_no_tree_is_refused(seen: Seen, server: Server, index: bytes) -> None:
    """Beyond the end, or not as Go writes a number."""
    version, raw, _ = seen.answers[-1]
    with pytest.raises(ValueError, match=r"is not in a tree|malformed"):
        check_lookup(index + b"\n" + raw.partition(b"\n")[2], MODULE, version, OURS.key, server.read)


def test_an_authentic_record_without_the_line_is_refused(checksum_servers: Servers, tmp_path: Path) -> None:
    """CVE-2026-42501: no line for the zip is a failure, not a yes."""
    from tests.golang.toolchains import SDK, publish

    publish(tmp_path, SDK)
    with checksum_servers.start(tmp_path, OURS, "-bare") as running:
        raw = running.lookup("golang.org/toolchain", SDK.module_version)
        assert b"/go.mod h1:" in raw
        with pytest.raises(ValueError, match=r"record 0 has no line for golang.org/toolchain"):
            check_lookup(raw, "golang.org/toolchain", SDK.module_version, OURS.key, running.read)


def test_the_record_of_another_module_is_refused(seen: Seen, server: Server) -> None:
    """It is authentic, and it says nothing of what was asked for."""
    with pytest.raises(ValueError, match=r"has no line for example\.com/module"):
        check_lookup(server.lookup("example.com/other", VERSION), MODULE, VERSION, OURS.key, server.read)


EVIL_LINE = f"{MODULE} {VERSION} {EVIL}\n".encode()


@pytest.mark.parametrize(
    "graft",
    [
        lambda record, note: record + b"\n" + EVIL_LINE + b"\n" + note,
        lambda record, note: record + b"\n" + EVIL_LINE + note,
        lambda record, note: record + b"\n" + note + EVIL_LINE,
        lambda record, note: record + b"\n" + note + b"\n" + EVIL_LINE,
        lambda record, note: record + b"\n" + note.replace(b"\n\n", b"\n" + EVIL_LINE + b"\n"),
        lambda record, note: EVIL_LINE + record + b"\n" + note,
        lambda record, note: record + EVIL_LINE + b"\n" + note,
        lambda record, note: record.replace(b"\n", b"\n" + EVIL_LINE, 1) + b"\n" + note,
    ],
    ids=["block", "before-note", "after", "after-blank", "in-note", "first", "last-of-record", "first-of-record"],
)
def test_lines_outside_the_record_count_for_nothing(
    seen: Seen, server: Server, graft: Callable[[bytes, bytes], bytes]
) -> None:
    """CVE-2026-56864: wherever a line is put that no proof covers, nothing comes of it."""
    record, _, note = server.lookup("example.com/other", VERSION).partition(b"\n\n")
    with pytest.raises(ValueError, match=r"malformed|not signed|not its own|not in the signed|no line for"):
        check_lookup(graft(record + b"\n", note), MODULE, VERSION, OURS.key, server.read)


def test_an_answer_that_is_cut_short_is_refused_wherever(seen: Seen, server: Server) -> None:
    """Every beginning of an honest answer."""
    version, raw, _ = seen.answers[2]
    for end in range(len(raw)):
        with pytest.raises(ValueError):  # noqa: PT011 - what is missing differs from place to place
            check_lookup(raw[:end], MODULE, version, OURS.key, server.read)


def test_a_changed_byte_anywhere_in_an_answer_is_refused(seen: Seen, server: Server) -> None:
    """Record, tree or signature."""
    version, raw, _ = seen.answers[2]
    for at in range(len(raw)):
        with pytest.raises(ValueError):  # noqa: PT011 - what breaks differs from place to place
            check_lookup(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], MODULE, version, OURS.key, server.read)


def test_an_endless_answer_is_refused(seen: Seen, server: Server) -> None:
    """Before anything of it is looked at."""
    version, raw, _ = seen.answers[2]
    with pytest.raises(ValueError, match="too long"):
        check_lookup(raw + b"\n" * 1_000_000, MODULE, version, OURS.key, server.read)


def test_another_key_of_the_same_name_is_refused(seen: Seen, server: Server) -> None:
    """The name alone says nothing."""
    version, raw, _ = seen.answers[2]
    with pytest.raises(ValueError, match=f"not signed by {re.escape(NAME)}"):
        check_lookup(raw, MODULE, version, signer(seed=8).key, server.read)


def test_the_right_key_under_another_name_is_refused(seen: Seen, server: Server) -> None:
    """A key is for one name."""
    version, raw, _ = seen.answers[2]
    with pytest.raises(ValueError, match=r"not signed by other\.example"):
        check_lookup(raw, MODULE, version, signer("other.example").key, server.read)


def test_a_signature_that_is_not_its_own_ends_it(seen: Seen) -> None:
    """Even where another line has a good one."""
    text = "go.sum database tree\n"
    forged = base64.b64encode(OURS.mark + signer(seed=8).private.sign(text.encode())).decode()
    for lines in ([forged], [forged, *OURS.sign(text).decode().split()[-1:]]):
        block = "".join(f"\u2014 {NAME} {line}\n" for line in lines)
        with pytest.raises(ValueError, match="is not its own"):
            open_note(f"{text}\n{block}".encode(), OURS.key)


def test_signatures_by_others_do_no_harm() -> None:
    """Witnesses may sign too."""
    text = f"go.sum database tree\n0\n{base64.b64encode(EMPTY).decode()}\n"
    both = OURS.sign(text) + signer("witness.example", 9).sign(text).split(b"\n\n")[1]
    assert Tree(0, EMPTY) == open_head(both, OURS.key).tree


def test_many_signatures_are_refused() -> None:
    """They could keep us busy for ever."""
    note = OURS.sign("text\n")
    with pytest.raises(ValueError, match="too many"):
        open_note(note + note.split(b"\n\n")[1] * 100, OURS.key)


def test_a_signed_text_that_is_no_tree_is_refused() -> None:
    """The key may sign other things one day."""
    with pytest.raises(ValueError, match="no tree"):
        open_head(OURS.sign("go.sum database tree v2\n1\nx\n"), OURS.key)


@pytest.mark.parametrize("size", ["-1", "01", "+1", "1.0", "", "x", str(2**63)])
def test_a_tree_size_as_go_would_not_write_it_is_refused(size: str) -> None:
    """One text for one tree."""
    with pytest.raises(ValueError, match="no tree"):
        parse_tree(f"go.sum database tree\n{size}\n{base64.b64encode(EMPTY).decode()}\n")


@pytest.fixture(scope="module")
def fork(checksum_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same key over another history: that key was stolen, or its owner lies."""
    with checksum_servers.start(tmp_path_factory.mktemp("fork"), OURS, "-salt", "x") as running:
        running.grow(600)
        yield running


def head_of(server: Server) -> Head:
    """What it signs now."""
    note = server.read("latest")
    assert note is not None
    return open_head(note, OURS.key)


@pytest.mark.parametrize("at", range(len(SIZES)))
def test_a_forked_history_is_found(seen: Seen, server: Server, fork: Server, at: int) -> None:
    """Whether it is longer, as long or shorter than what was seen before; the liar gives all tiles."""
    forked, known = head_of(fork).tree, seen.heads[at].tree
    read = fork.read if forked.size >= known.size else server.read
    with pytest.raises(ValueError, match="forked"):
        check_timeline(known, forked, read)


def test_two_trees_of_one_size_are_a_fork(seen: Seen, server: Server) -> None:
    """No tile is needed to see that."""
    with pytest.raises(ValueError, match="two different trees of 513"):
        check_timeline(seen.heads[7].tree, Tree(513, bytes(32)), server.read)


def test_a_tree_that_says_it_is_older_than_it_is_found(seen: Seen, server: Server) -> None:
    """A rolled back database signs a smaller tree: it is of the same history, or it is a fork."""
    with pytest.raises(ValueError, match="does not begin with its tree of 600"):
        check_timeline(Tree(600, seen.heads[7].tree.root), seen.heads[-1].tree, server.read)


def test_tiles_of_another_tree_are_told_from_a_fork(seen: Seen, server: Server, fork: Server) -> None:
    """Whoever serves wrong tiles proves nothing against the one who signed."""
    with pytest.raises(ValueError, match="tiles are not those of the tree of 513"):
        check_timeline(seen.heads[3].tree, seen.heads[7].tree, fork.read)


def test_without_tiles_nothing_is_shown(seen: Seen) -> None:
    """That is no contradiction, and no yes."""
    with pytest.raises(UnprovableError, match=r"tile/8/\d/.* is not there"):
        check_timeline(seen.heads[3].tree, seen.heads[7].tree, lambda _: None)


def test_the_public_database_is_verified_with_gos_own_key(recorded: Read) -> None:
    """Two answers of sum.golang.org, as go keeps them, and how the trees behind them belong together."""
    database = parse_gosumdb("")
    assert database is not None
    answers = []
    for platform in ("amd64", "arm64"):
        version = f"v0.0.1-go1.26.6.linux-{platform}"
        raw = recorded(lookup_path("golang.org/toolchain", version))
        assert raw is not None
        answers.append(check_lookup(raw, "golang.org/toolchain", version, database.key, recorded))
    check_timeline(answers[0].head.tree, answers[1].head.tree, recorded)
    expected = [
        ("h1:owmNw4SPM9h46FGOeGJVUWzFEEDSmO6g7gAtWoXp28s=", 59742117, 59742145),
        ("h1:YU5g0Kv9+YZGTJQ8l89vdVDpHOHzXHCuxsoUJm1d1TU=", 59742187, 71318111),
    ]
    assert expected == [(answer.h1, answer.index, answer.head.tree.size) for answer in answers]


@pytest.mark.parametrize(
    ("setting", "name", "direct"),
    [
        ("", DEFAULT, "https://sum.golang.org"),
        ("sum.golang.org", DEFAULT, "https://sum.golang.org"),
        ("sum.golang.google.cn", DEFAULT, "https://sum.golang.google.cn"),
        (f"{OURS.vkey}", NAME, f"https://{NAME}"),
        (f"{OURS.vkey} https://x.example/y", NAME, "https://x.example/y"),
    ],
)
def test_gosumdb_is_read_as_go_does(setting: str, name: str, direct: str) -> None:
    """Known names, keys, and a URL behind."""
    database = parse_gosumdb(setting)
    assert database is not None
    assert (name, direct) == (database.name, database.direct)


def test_gosumdb_off_is_no_database() -> None:
    """Whether that is fatal is for others to say."""
    assert parse_gosumdb("off") is None


@pytest.mark.parametrize(
    "setting",
    [
        "unknown.example",
        f"{OURS.vkey} https://x.example more",
        OURS.vkey.replace("+", "+0", 1),
        OURS.vkey[:-4] + "AAA=",
        signer("../x").vkey,
        signer("a/../b").vkey,
        signer("user@host").vkey,
        f"{OURS.vkey} file:///x",
    ],
)
def test_a_gosumdb_that_cannot_be_checked_is_refused(setting: str) -> None:
    """A key that is not whole, or a name that leads elsewhere."""
    with pytest.raises(ValueError, match=r"key|name|words|URL|Ed25519"):
        parse_gosumdb(setting)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, 1), "tile/8/0/000.p/1"),
        (Tile(1, 5, 256), "tile/8/1/005"),
        (Tile(0, 1234067, 8), "tile/8/0/x001/x234/067.p/8"),
    ],
)
def test_tiles_lie_where_x_mod_puts_them(tile: Tile, path: str) -> None:
    """Three digits at a time."""
    assert path == tile.path


@given(st.binary(max_size=300))
def test_whatever_comes_as_an_answer_is_refused_in_our_words(raw: bytes) -> None:
    """Bytes that nobody signed."""
    with pytest.raises(ValueError, match=r"^(?:a record|the note|what is signed|the answer)"):
        check_lookup(raw, MODULE, VERSION, OURS.key, lambda _: None)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_proofs_hold_for_every_tree_and_record(records: list[bytes], data: st.DataObject) -> None:
    """Against the definition of RFC 6962, word for word."""
    leaves = [record_hash(record) for record in records]
    index = data.draw(st.integers(0, len(records) - 1))

    def hashes(level: int, n: int) -> bytes:
        return defined(leaves[n << level : (n + 1) << level])

    assert defined(leaves) == root_with(leaves[index], index, len(leaves), hashes)
    assert (defined(leaves[: index + 1]), defined(leaves)) == roots(index + 1, len(leaves), hashes)


def defined(leaves: list[bytes]) -> bytes:
    """The root as the RFC defines it."""
    import hashlib

    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + defined(leaves[:k]) + defined(leaves[k:])).digest()


def test_a_record_with_two_hashes_for_a_zip_is_refused() -> None:
    """Which of them would it be?"""
    record = parse_record(f"1\n{MODULE} {VERSION} {EVIL}\n{MODULE} {VERSION} {EVIL.replace('A', 'B', 1)}\n\n".encode())
    with pytest.raises(ValueError, match="several hashes"):
        sum_in(record, MODULE, VERSION)


@pytest.mark.parametrize(
    "key", ["", "a", "a+b", "a+00000000+AAAA", "+033de0ae+AAAA", OURS.vkey.replace("sums", "sum", 1)]
)
def test_a_malformed_key_is_refused(key: str) -> None:
    """The hash in it has to be that of name and key."""
    with pytest.raises(ValueError, match="key"):
        parse_key(key)
