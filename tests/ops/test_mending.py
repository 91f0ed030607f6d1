"""What the doctor makes of our own files in a home: the go that they lead to is the one its user has chosen."""

from dataclasses import replace
from pathlib import Path

import pytest

from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.core.transport import Answer, Script, Sent
from remotego.doctor.check import Finding
from remotego.host.homeedit import change_of
from remotego.host.homefiles import ENV_FILE, home_files
from remotego.host.shellenv import plan_shellenv
from remotego.host.store import plan_home
from remotego.host.survey import survey
from remotego.ops.engine import apply, ask
from remotego.ops.mending import judge_written
from tests.host.test_homefiles import install
from tests.lab.fixtures import need
from tests.ops.local_transport import LocalTransport

SHELLS = pytest.mark.parametrize("shell", ["/usr/bin/bash", "/usr/bin/fish"])


class Login(LocalTransport):
    """A login with this shell."""

    def __init__(self, home: Path, shell: str) -> None:
        need(Path(shell).name)
        super().__init__(home)
        self._login = shell

    def run(self, script: Script, *, timeout_s: float = 60.0, sent: Sent | None = None) -> Answer:
        """Run with its variables."""
        told = replace(script, text=f"export SHELL={self._login}\n{script.text}")
        return super().run(told, timeout_s=timeout_s, sent=sent)


def written(local: LocalTransport) -> str:
    """Have a home whose user has chosen a go, and whose interactive shells find another, which would be chosen else."""
    chosen = install(local.home, "my tools/go")
    install(local.home, "sdk/go1.27.1", "go1.27.1")
    (local.home / ".bashrc").write_text('. "$HOME/more.sh"\n')
    (local.home / "more.sh").write_text('PATH="$HOME/sdk/go1.27.1/bin:$PATH"\n')
    (local.home / ".config/fish").mkdir(parents=True)
    (local.home / ".config/fish/config.fish").write_text("source $HOME/more.fish\n")
    (local.home / "more.fish").write_text("set -gx PATH $HOME/sdk/go1.27.1/bin $PATH\n")
    have, home = ask(local, survey(), home_files(chosen))
    plan = plan_shellenv(home, (chosen.removesuffix("/go"),))
    apply(local, [*plan_home(have), *(change_of(edit, home) for edit in plan.edits)], have, Silence())
    return chosen


def judged(local: LocalTransport) -> Finding:
    """The doctor's finding about what is written."""
    have, home = ask(local, survey(), home_files())
    return next(iter(judge_written(home, (), frozenset(), have, Settings())))


@pytest.fixture
def local(tmp_path: Path) -> LocalTransport:
    """A host whose login has bash."""
    return Login(tmp_path, "/usr/bin/bash")


@SHELLS
def test_what_was_written_for_the_go_of_the_users_choice_is_well(tmp_path: Path, shell: str) -> None:
    """Whatever else is there."""
    local = Login(tmp_path, shell)
    written(local)
    found = judged(local)
    assert ("ok", "it is as we wrote it") == (found.verdict, found.evidence)


def test_damage_is_mended_for_the_same_go(local: LocalTransport) -> None:
    """And the difference shows what will be done."""
    written(local)
    with (local.home / ENV_FILE).open("a") as file:
        file.write("PATH=$PATH:/oops\n")
    found = judged(local)
    steps = found.fix.steps() if found.fix else ()
    changed = [step for step in steps if step[:1] in ("+", "-") and step[1:3] not in ("++", "--")]
    assert ["-PATH=$PATH:/oops"] == changed


def test_a_go_that_is_gone_is_told(local: LocalTransport) -> None:
    """Another is chosen then."""
    chosen = Path(written(local))
    chosen.unlink()
    found = judged(local)
    said = f"it leads to {chosen}, and no go is there: {local.home}/{ENV_FILE}"
    steps = found.fix.steps() if found.fix else ()
    assert (said, True) == (found.evidence, any(step.startswith("+") for step in steps))
