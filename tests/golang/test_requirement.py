"""Which Go a workspace asks for."""

import subprocess
from pathlib import Path

import pytest

from remotego.golang.requirement import NewerGoNeededError, Requirement, check_requirements, parse_requirements
from tests.golang.specimens import DWARF4, go

MOD = "module x.example/svc // the service\n\ngo 1.24.3\n\ntoolchain go1.26.2\nrequire go.example/toolchain v1.0.0\n"


def requirement(version: str, keyword: str = "go", module: str | None = "m", line: int = 3) -> Requirement:
    """Make one."""
    return Requirement("go.mod", line, module, keyword, version)


def refusal(version: str, *those: Requirement) -> NewerGoNeededError:
    """Give the error that a version is refused with."""
    with pytest.raises(NewerGoNeededError) as caught:
        check_requirements(version, those)
    return caught.value


def test_both_lines_are_read() -> None:
    """With their places, and nothing else that has their names in it."""
    expected = [
        Requirement("go.mod", 3, "x.example/svc", "go", "1.24.3"),
        Requirement("go.mod", 5, "x.example/svc", "toolchain", "1.26.2"),
    ]
    assert expected == list(parse_requirements(MOD, "go.mod"))


def test_a_file_without_sense_asks_for_nothing() -> None:
    """go is the one to complain."""
    assert [] == list(parse_requirements("go\ngo x\ntoolchain default\n", "go.work"))


@pytest.mark.parametrize("version", ["1.24.3", "1.24.4", "1.25.0", "1.27rc1"])
def test_what_is_new_enough_passes(version: str) -> None:
    """A lower line is fine."""
    assert () == check_requirements(version, [requirement("1.24.3")])


@pytest.mark.parametrize("version", ["1.24.2", "1.24rc1", "1.23.9"])
def test_what_is_too_old_is_refused(version: str) -> None:
    """With the module and the line."""
    error = refusal(version, requirement("1.24.3"))
    assert (6, "go.mod:3: module m requires go >= 1.24.3; with ") == (error.exit_code, str(error)[:47])


def test_the_highest_is_named_and_a_toolchain_line_recommended() -> None:
    """Of several modules."""
    those = (requirement("1.25"), requirement("1.26", module=None), requirement("1.26.2", "toolchain", module=None))
    error = refusal("1.24.1", *those)
    assert ("go.work", " (and 1 more ask for a newer one)", "1.26.2") == (error.who, error.others, error.better)


def test_a_toolchain_line_is_not_followed() -> None:
    """GOTOOLCHAIN=local fetches nothing, and says so."""
    assert 1 == len(check_requirements("1.25.0", [requirement("1.24"), requirement("1.26.2", "toolchain")]))


@pytest.mark.parametrize("line", ["1.24.11", "1.24", "1.25", "1.24.12", "1.25rc1"])
def test_go_itself_says_the_same(tmp_path: Path, line: str) -> None:
    """A real go refuses just what is refused here."""
    (tmp_path / "go.mod").write_text(f"module m\n\ngo {line}\n")
    root = go("env", "GOROOT", toolchain=DWARF4).strip()
    env = {"GOTOOLCHAIN": "local", "HOME": str(tmp_path)}
    argv = [f"{root}/bin/go", "list", "-m"]
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert (done.returncode == 0) is is_enough(DWARF4.removeprefix("go"), tmp_path / "go.mod"), done.stderr


def is_enough(version: str, file: Path) -> bool:
    """Whether we let a version pass."""
    try:
        check_requirements(version, list(parse_requirements(file.read_text(), file.name)))
    except NewerGoNeededError:
        return False
    return True
