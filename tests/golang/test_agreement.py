"""Whether contexts agree, and what keeps them from it."""

from collections.abc import Mapping

import pytest

from remotego.golang.agreement import Dissent, Export, OtherFile, dissents, exports, is_old, lost, other_files
from remotego.host.contexts import BOTH, COMMAND, INTERACTIVE, UNITS, Context, Contexts, GoAnswer, Holder
from remotego.host.startup import Cause

GO, OTHER = "/opt/go/bin/go", "/usr/bin/go"
LINE = Cause("/h/.profile", 3, "trace")


def seen(*contexts: Context) -> Contexts:
    """Make the contexts of a login."""
    return Contexts("me", "/h", "/bin/bash", contexts, ())


def test_contexts_with_another_go_dissent() -> None:
    """With the line that puts it in front, or why that context cannot be told; units are no shell's."""
    found = dissents(
        seen(
            Context(COMMAND, {}, GO),
            Context(BOTH, {}, OTHER, entries={"/usr/bin": LINE}),
            Context(INTERACTIVE, {}, None, error="it hangs"),
            Context(UNITS, {}, OTHER),
        ),
        GO,
    )
    assert (Dissent(BOTH, OTHER, "/h/.profile:3", "/h/.profile:3"), Dissent(INTERACTIVE, None, "it hangs")) == found


@pytest.mark.parametrize(
    ("variables", "kept", "wanted", "expected"),
    [
        ({"GOROOT": "/x"}, {}, {}, [("GOROOT", False)]),
        ({"GOPROXY": "off"}, {}, {}, [("GOPROXY", False)]),
        ({"GOPROXY": "off"}, {"GOPROXY": "direct"}, {}, [("GOPROXY", True)]),
        ({"GOFLAGS": "-v"}, {}, {"GOFLAGS": "-x"}, [("GOFLAGS", True)]),
        ({"GOFLAGS": "-x"}, {}, {"GOFLAGS": "-x"}, [("GOFLAGS", False)]),
        ({"GOPATH": "/x", "GOENV": "/y", "PATH": "/z"}, {}, {}, []),
        ({"GOPATH": "/x"}, {"GOPATH": "/y"}, {}, [("GOPATH", True)]),
    ],
)
def test_what_had_better_not_be_exported_is_named(
    variables: Mapping[str, str], kept: Mapping[str, str], wanted: Mapping[str, str], expected: list[tuple[str, bool]]
) -> None:
    """GOROOT and what belongs in go's own file; a directory only where it hides one there."""
    answer = GoAnswer(0, {}, "", "/h/.config/go/env", {name: (1, value) for name, value in kept.items()}, {})
    found = exports(seen(Context(COMMAND, variables, GO, answer=answer)), wanted)
    assert expected == [(one.name, one.hides) for one in found]


def test_an_export_is_told_once_for_all_contexts_that_have_it_from_one_line() -> None:
    """With its place and what to do."""
    places = [Context(name, {"GOROOT": "/x"}, GO, {"GOROOT": LINE}) for name in (COMMAND, BOTH)]
    advice = "take that line out: go finds its own tree by where it lies, and any other go fails with this one's"
    assert (Export("GOROOT", (COMMAND, BOTH), "/h/.profile:3", False, advice),) == exports(seen(*places), {})


def test_a_context_where_go_reads_another_file_is_told() -> None:
    """By the line that names it."""
    answer = GoAnswer(0, {}, "", "/h/mine", {}, {})
    place = Context(BOTH, {"GOENV": "/h/mine"}, GO, {"GOENV": LINE}, answer=answer)
    assert (OtherFile(BOTH, "/h/mine", "/h/.profile:3"),) == other_files(seen(place), "/h/.config/go/env")


def test_what_was_written_over_since_is_told() -> None:
    """`go env -w` reads the file, and writes it whole: a value that came between is lost."""
    answer = GoAnswer(0, {}, "", "/h/env", {"GOPROXY": (1, "off"), "GOFLAGS": (2, "-v")}, {})
    wanted = {"GOPROXY": "off", "GOFLAGS": "-x", "GOSUMDB": "off"}
    assert ("GOFLAGS", "GOSUMDB") == lost(seen(Context(COMMAND, {}, GO, answer=answer)), "/h/env", wanted)


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        (Holder(1, "gopls", {}, GO), False),
        (Holder(1, "gopls", {}, OTHER), True),
        (Holder(1, "gopls", {"GOPROXY": "direct"}, GO), True),
        (Holder(1, "gopls", {"GOPROXY": "off"}, GO), False),
    ],
)
def test_a_server_is_old_by_its_go_and_by_what_it_hides(holder: Holder, expected: bool) -> None:
    """The extension hands GOPROXY on to gopls, where it hides what is set since."""
    assert expected is is_old(holder, GO, {"GOPROXY": "off"})
