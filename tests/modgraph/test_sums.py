"""go.sum and the module cache: torn lines, wrong lines, and who is wrong where the two differ."""

import re
from pathlib import Path

import pytest

from remotego.core.progress import Silence
from remotego.ops.modules.diagnosing import diagnose_modules
from remotego.ops.modules.fixing import fix_modules
from tests.golang.checksums import Servers, signer
from tests.modgraph.cases import A, publish, several_torn_sums
from tests.modgraph.lab import MAIN, Lab, diagnose, mended, one_of, said, settings_of
from tests.modgraph.proxy import gomod


def test_torn_lines_of_go_sum_go_together_and_alone(modlab: Lab) -> None:
    """All of them by one edit, which leaves every other line as it was, to the byte."""
    publish(modlab)
    folder = several_torn_sums(modlab)
    before = (folder / "go.sum").read_bytes()
    found = diagnose(folder)
    assert ["go.sum:1", "go.sum:4"] == [one.module for one in found.findings if one.kind == "sum-malformed"]
    fix_modules(found, settings_of(folder), Silence(), dry=False)
    assert before.split(b"\r\n")[1:3] == (folder / "go.sum").read_bytes().split(b"\r\n")[:-1]
    assert set() == said(diagnose(folder))


class Steps(Silence):
    """A listener that writes steps down."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def step(self, host: str, text: str) -> None:
        """Write it down."""
        self.said.append((host, text))


def test_what_many_torn_lines_have_in_common_is_tried_once(modlab: Lab) -> None:
    """Such as the marks of a merge in conflict."""
    publish(modlab)
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    ours, theirs = (f"<<<<<<< HEAD\n{(folder / 'go.sum').read_text()}", "=======\n>>>>>>> other\n")
    (folder / "go.sum").write_text(ours + theirs)
    steps = Steps()
    found = diagnose_modules(settings_of(folder), steps)
    assert (3, 1) == (
        sum(bool(one.proposal) for one in found.findings if one.kind == "sum-malformed"),
        sum(text.startswith("try in a copy") for _, text in steps.said),
    )


def damaged_line(folder: Path) -> None:
    """Change a letter of a hash in go.sum."""
    file = folder / "go.sum"
    file.write_text(re.sub(rf"({A} v1.0.0 h1:)....", r"\1AAAA", file.read_text()))


def test_a_wrong_go_sum_without_a_database_is_not_decided(modlab: Lab) -> None:
    """Both causes are told, and the line is kept."""
    publish(modlab)
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    damaged_line(folder)
    one = one_of(diagnose(folder), "sum-mismatch")
    assert (True, None, "go.sum", 4) == (
        "either go.sum is wrong" in one.evidence,
        one.proposal,
        one.place.file,
        one.sort.code,
    )


def test_a_wrong_go_sum_is_told_by_the_database(
    modlab: Lab, checksum_servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was downloaded is confirmed: go.sum is wrong, and loses its lines."""
    publish(modlab)
    with checksum_servers.start(modlab.proxy.root, signer()) as server:
        modlab.serve(monkeypatch, server)
        folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
        damaged_line(folder)
        one = one_of(diagnose(folder), "sum-mismatch")
        assert "go.sum is wrong" in one.evidence
        assert set() == said(mended(modlab, folder, one))


@pytest.mark.parametrize("private", [f"{A}/", "[^x]xample.com"])
def test_a_wrong_go_sum_of_a_private_module_is_not_decided(
    modlab: Lab, checksum_servers: Servers, monkeypatch: pytest.MonkeyPatch, private: str
) -> None:
    """No database was asked about it, in whatever way GOPRIVATE is written: nobody vouches for the download."""
    publish(modlab)
    with checksum_servers.start(modlab.proxy.root, signer()) as server:
        modlab.serve(monkeypatch, server)
        modlab.set(monkeypatch, {"GOPRIVATE": private, "GONOPROXY": "none"})
        folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
        damaged_line(folder)
        one = one_of(diagnose(folder), "sum-mismatch")
    assert ("no checksum database vouches for it" in one.evidence, one.proposal) == (True, None)


def test_a_module_changed_at_its_source_is_told_by_the_database(
    modlab: Lab, checksum_servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never proposed to believe it."""
    publish(modlab)
    with checksum_servers.start(modlab.proxy.root, signer()) as server:
        modlab.serve(monkeypatch, server)
        folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
        modlab.proxy.put(A, "v1.0.0", {"go.mod": gomod(A), "x.go": "package a\n\nconst Version = 666\n"})
        modlab.set(monkeypatch, {"GOMODCACHE": str(modlab.room / "later"), "GOSUMDB": "off"})
        modlab.go(modlab.room, "mod", "download", f"{A}@v1.0.0")
        modlab.serve(monkeypatch, server)
        one = one_of(diagnose(folder), "sum-mismatch")
    assert ("what is handed out was changed at its source" in one.evidence, one.proposal) == (True, None)


def test_a_cache_that_was_changed_is_told_from_a_wrong_go_sum(modlab: Lab) -> None:
    """A new download has the hash of go.sum."""
    publish(modlab)
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    file = modlab.cache / f"{A}@v1.0.0" / "x.go"
    file.write_text("package a\n\nconst Version = 666\n")
    one = one_of(diagnose(folder), "cache-corrupt")
    assert ("dir has been modified" in one.evidence, "a new download has the hash" in one.evidence) == (True, True)
