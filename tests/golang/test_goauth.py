"""GOAUTH, which auth.connect and profiles both write: each takes out its own, in any order."""

import subprocess
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.change import RestoreGoEnv, RestoreProfile
from remotego.credentials.goauth import goauth_value
from remotego.golang.goauth import apart, ours_in, taken_out, told
from remotego.golang.goenvfile import edited, held
from remotego.golang.goenvfile import told as differences
from remotego.golang.profilefile import beside_ours, changed, turn, unwound
from remotego.host.homeedit import sha256
from remotego.host.scripts import read

AGENT = "/h/.local/share/remotego/store/agent-1"
PROFILES = {"mixed": "git /home/dev/src; netrc", "intranet": "off", "extranet": "/usr/bin/vouch --for corp", "bare": ""}
FILE = "/h/.config/go/env"


@dataclass(slots=True)
class Login:
    """go's own file, and what the journal takes back of it, the oldest first."""

    content: bytes | None
    acts: list[RestoreGoEnv]

    def connect(self) -> None:
        """Do what auth.connect does."""
        before = self.content or b""
        wanted = {"GOAUTH": goauth_value(AGENT, held(before, "GOAUTH"))}
        after = edited(before, wanted)
        if after != before:
            variables = tuple((one.name, one.now, one.was) for one in differences(before, wanted))
            was = "" if self.content is None else sha256(before)
            self.acts.append(RestoreGoEnv(FILE, was, sha256(after), 0, variables))
            self.content = after

    def use(self, profile: str) -> None:
        """Do what profile.use does."""
        made = turn(self.content, self.profiles, beside_ours({"GOAUTH": PROFILES[profile]}, self.content))
        assert {} == made.kept
        variables = tuple((one.name, one.now, one.was) for one in made.variables)
        was = "" if made.base is None else sha256(made.base)
        rest = [act for act in self.acts if act not in self.profiles]
        act = RestoreProfile(FILE, was, sha256(made.after), 0, variables, profile, (), made.first)
        self.content, self.acts = made.after, [*rest, act]

    def none(self) -> None:
        """Do what `profile.use none` does."""
        self.content = unwound(self.content, self.profiles)
        self.acts = [act for act in self.acts if act not in self.profiles]

    def undo(self) -> None:
        """Take back all."""
        self.content, self.acts = unwound(self.content, list(reversed(self.acts))), []

    @property
    def profiles(self) -> list[RestoreProfile]:
        """The entries of profiles, the newest first."""
        return [act for act in reversed(self.acts) if isinstance(act, RestoreProfile)]

    @property
    def goauth(self) -> str | None:
        """What go reads."""
        return held(self.content or b"", "GOAUTH")


STEPS = st.lists(st.sampled_from(["connect", "none", *PROFILES]), max_size=6)
BEFORE = st.sampled_from(
    [None, b"", b"GOFLAGS=-v\n", b"GOAUTH=netrc;git /src\n", b"GOAUTH=off\n", b"GOAUTH=/a/vouch x\n"]
)


@given(BEFORE, STEPS)
def test_each_takes_out_its_own_in_any_order(before: bytes | None, steps: list[str]) -> None:
    """Ours is there once it was put there, beside what the profile says; undo gives the file of before."""
    login = Login(before, [])
    connected, profile = False, "none"
    for step in steps:
        if step == "connect":
            login.connect()
            connected = True
        else:
            login.none() if step == "none" else login.use(step)
            profile = step
        theirs = held(before or b"", "GOAUTH") if profile == "none" else PROFILES[profile]
        assert (connected, apart(theirs)) == (ours_in(login.goauth) is not None, apart(login.goauth)), login
        assert {} == changed(login.content, login.profiles)
    login.undo()
    assert (before or b"") == (login.content or b"")


@pytest.mark.parametrize(
    ("value", "now", "was", "after"),
    [
        ("mine", f"{AGENT} credential goauth;netrc", None, "mine"),
        (f"{AGENT} credential goauth;mine", f"{AGENT} credential goauth;netrc", None, "mine"),
        ("git /other", "git /src", None, "git /other"),
    ],
)
def test_what_the_user_has_changed_is_theirs(value: str, now: str, was: str | None, after: str) -> None:
    """Ours goes from among it, and nothing else."""
    assert after == taken_out(value, now, was)


VALUES = (
    "netrc",
    "off",
    "git /home/dev/src; netrc",
    "git /home/dev/src;netrc",
    f"{AGENT} credential goauth;netrc",
    f"{AGENT} credential goauth;git /src; netrc",
    f"netrc; git /a;   {AGENT} credential goauth",
    "/usr/bin/vouch --token hush; netrc",
    "git /src; /usr/bin/vouch --token hush; netrc",
    "/usr/bin/vouch git /hush",
    "x-git /hush",
    "git -c hush /src",
    "/usr/bin/vouch x credential goauth hush",
    "'/a b/agent' credential goauth;netrc",
)


@pytest.mark.parametrize("form", ["v\tGOAUTH=%s", 'j\t"GOAUTH": "%s",', "f\t3\tGOAUTH=%s"])
def test_a_host_tells_of_a_value_what_we_compare_it_with(form: str) -> None:
    """The real filter of the script, on each kind of row; nothing that may be a secret comes through."""
    blot = read("contexts")
    blot = blot[blot.index("dot=$(") : blot.index("# enter LINES")]
    script = f"sed=sed tab='\t'\n{blot}\nblot"
    lines = "".join(form % value + "\n" for value in VALUES)
    said = subprocess.run(["sh", "-c", script], input=lines, capture_output=True, text=True, check=True).stdout
    head, tail = form.split("%s")
    values = [line.removeprefix(head).removesuffix(tail) for line in said.splitlines()]
    assert [told(value) for value in VALUES] == [told(value) for value in values]
    assert "hush" not in said
