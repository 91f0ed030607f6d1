"""Reading what a host tells of its contexts: recorded answers, torn ones, and real shells of this machine."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.fact import Fact
from remotego.host.contexts import BOTH, COMMAND, INTERACTIVE, LOGIN, NAMES, UNITS, Contexts, contexts
from remotego.ops.engine import ask
from tests.ops.local_transport import LocalTransport

RECORDED = Path(__file__).parent.parent / "facts" / "host.contexts"
ANSWERS = {path.stem: path.read_text() for path in sorted(RECORDED.glob("*.txt"))}


def read(name: str) -> Contexts:
    """Parse a recorded answer."""
    return contexts().parse(ANSWERS[name])


def causes(name: str, variable: str) -> dict[str, str]:
    """The causes of a variable in a recorded answer, by context, without the home."""
    seen = read(name)
    given = {one.name: one.causes[variable] for one in seen.contexts if variable in one.causes}
    return {place: f"{str(cause).removeprefix(f'{seen.home}/')} {cause.way}" for place, cause in given.items()}


def test_bash_of_debian() -> None:
    """What stands above the guard reaches all, what stands below it only the interactive."""
    expected = {
        COMMAND: ".bashrc:1 trace",
        LOGIN: ".bashrc:1 trace",
        INTERACTIVE: ".bashrc:10 trace",
        BOTH: ".bashrc:10 trace",
    }
    assert expected == causes("bash-debian", "GOPROXY")


def test_an_unset_variable_has_a_cause_too() -> None:
    """The line that takes it away."""
    seen = read("bash-debian")
    found = (seen.named(BOTH).variables.get("GOFLAGS"), causes("bash-debian", "GOFLAGS")[BOTH])
    assert (None, ".bashrc:12 trace") == found


def test_fish_by_reading() -> None:
    """Its files in its order; a value that is written out and is another's cannot be the cause."""
    expected = {
        COMMAND: ".config/fish/conf.d/go.fish:1 reading",
        LOGIN: ".config/fish/config.fish:1 reading",
        INTERACTIVE: ".config/fish/conf.d/go.fish:1 reading",
        BOTH: ".config/fish/config.fish:1 reading",
    }
    assert expected == causes("fish", "GOPROXY")


def test_a_shell_that_leaves_tells_nothing() -> None:
    """Its code and its last words are the error; other contexts are whole."""
    seen = read("zsh-leaves")
    errors = {one.name: one.error for one in seen.contexts if one.name != UNITS}
    assert {COMMAND: None, LOGIN: "more (exit code 4)", INTERACTIVE: None, BOTH: "more (exit code 4)"} == errors


def test_no_systemd_is_an_answer() -> None:
    """It is said, and is no error of the whole."""
    assert "there is no systemd on this host" == read("fish").named(UNITS).error


def test_go_says_what_it_says() -> None:
    """Its answer is told per context, with the files it goes by."""
    answer = read("bash-debian").named(INTERACTIVE).answer
    assert answer is not None
    assert (0, (1, "https://file.example"), "local") == (
        answer.exit_code,
        answer.user["GOPROXY"],
        answer.values["GOTOOLCHAIN"],
    )


def test_an_end_by_force_is_said() -> None:
    """A shell that was still starting when its time was up."""
    hung = ANSWERS["zsh-leaves"].replace("n\tmore\nx\t4", "x\t137")
    assert "it had not started after 10 s and was ended" == contexts().parse(hung).named(LOGIN).error


@pytest.mark.parametrize(
    ("ended", "expected"),
    [("137\t10", "it had not started after 10 s and was ended"), ("137\t0", "it was killed (SIGKILL) after 0 s")],
)
def test_who_has_ended_a_shell_is_told_by_the_time(ended: str, expected: str) -> None:
    """Ours comes when its time is up."""
    hung = ANSWERS["zsh-leaves"].replace("n\tmore\nx\t4", f"x\t{ended}")
    assert expected == contexts().parse(hung).named(LOGIN).error


def test_a_start_that_ends_in_another_program_is_told() -> None:
    """By the line that says so."""
    left = ANSWERS["zsh-leaves"].replace("n\tmore\nx\t4", "x\t0\t0")
    file = "/home/sh-zsh/.zprofile"
    left = left.replace(f"s\t{file}\t1\tPATH", f"s\t{file}\t2\texec\t=fish\ns\t{file}\t1\tPATH")
    said = f"not known: its start-up ends in another program (exec, {file}:2)"
    assert (said, None) == (contexts().parse(left).named(LOGIN).error, contexts().parse(left).named(COMMAND).error)


def test_newlines_in_values_come_back() -> None:
    """They travel as another character."""
    text = ANSWERS["fish"].replace("v\tGOPROXY=https://conf.example", "v\tGOPROXY=a\x1fb")
    assert "a\nb" == contexts().parse(text).named(COMMAND).variables["GOPROXY"]


@given(st.sampled_from(sorted(ANSWERS)), st.data())
def test_a_torn_answer_is_refused_or_read(name: str, data: st.DataObject) -> None:
    """Lines left out, doubled, cut: ValueError or Contexts, never anything else."""
    lines = ANSWERS[name].split("\n")
    chosen = data.draw(st.lists(st.integers(0, len(lines) - 1), min_size=len(lines) // 2, max_size=len(lines)))
    cut = data.draw(st.integers(0, 40))
    try:
        seen = contexts().parse("\n".join(lines[at][: cut + at % 60] for at in sorted(chosen)))
    except ValueError:
        return
    assert NAMES == tuple(one.name for one in seen.contexts)


@given(st.text(alphabet=st.sampled_from("= \t\nkvtsigxnjcefr/0:$\x1f\x1b'\"(GOPATH")))
def test_nonsense_is_refused(text: str) -> None:
    """What is no answer is a ValueError."""
    with pytest.raises(ValueError, match="does not tell"):
        contexts().parse(text)


def test_any_sh_can_ask(local: LocalTransport) -> None:
    """dash, bash and busybox with nothing but its own tools: the ssh command's PATH is the one it was started with."""
    path, seen = ask(local, Fact("path", 'printf %s "$PATH"', str), contexts())
    assert (path, NAMES) == (seen.named(COMMAND).variables["PATH"], tuple(one.name for one in seen.contexts))
