"""A real git and a real go get private code by a connection, and only by it."""

import base64
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.credentials.entry import Entry
from remotego.credentials.protocol import Question
from remotego.ops.auth.broker import Asked
from remotego.ops.auth.connect import Finished, Ready, Wish, connect
from remotego.ops.auth.line import Stop
from remotego.ops.upkeep import undo
from tests.credentials.conftest import Ground
from tests.credentials.forge import CANARY, PROXIED, USER, VERSION, environment, go
from tests.credentials.lent import Fixed, allow, lent

LIMIT_S = 120
FORMS = (CANARY, base64.b64encode(f"{USER}:{CANARY}".encode()).decode())
"""How the token travels."""


def run(*words: str, env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run as somebody on the host would."""
    return subprocess.run(words, env=env, cwd=cwd, capture_output=True, text=True, timeout=LIMIT_S)


def ls_remote(ground: Ground, **more: str) -> subprocess.CompletedProcess[str]:
    """Have git ask for the private repository."""
    url = f"{ground.forge.url}/team/svc.git"
    return run("git", "ls-remote", url, env=environment(ground.home, ground.forge, **more), cwd=ground.home)


def download(ground: Ground, **more: str) -> subprocess.CompletedProcess[str]:
    """Have go ask the private proxy."""
    env = environment(ground.home, ground.forge, GOPROXY=f"{ground.forge.url}/proxy", **more)
    return run(str(go()), "mod", "download", f"{PROXIED}@{VERSION}", env=env, cwd=ground.home)


def test_git_and_go_get_private_code_while_a_connection_lasts(ground: Ground) -> None:
    """Neither gets it before, both get it then, and neither afterwards."""
    url = ground.forge.url
    before = ls_remote(ground).returncode, download(ground).returncode
    with lent(Fixed(ground.host), allow(f"{url}/team", f"{url}/proxy")) as lending:
        during = ls_remote(ground), download(ground)
    after = ls_remote(ground).returncode, download(ground, GOMODCACHE=str(ground.home / "anew")).returncode
    assert ((128, 1), (0, 0), (128, 1)) == (before, tuple(one.returncode for one in during), after), during
    assert {"granted"} == set(lending.outcomes)
    assert "refs/tags/v1.0.0" in during[0].stdout


def test_what_is_written_there_is_constant_and_can_be_taken_back(ground: Ground) -> None:
    """A second connection finds nothing to do; undo leaves the home as it was."""
    (ground.home / ".gitconfig").write_text("[user]\n\tname = Ann\n")
    entries = allow(f"{ground.forge.url}/team")
    with lent(Fixed(ground.host), entries) as first:
        written = [len(one.there.changes) for one in first.told if isinstance(one, Ready)]
    with lent(Fixed(ground.host), entries) as second:
        again = [len(one.there.changes) for one in second.told if isinstance(one, Ready)]
    assert written[0] > 0
    assert [0] == again
    assert "GOAUTH=" in (ground.home / ".config/go/env").read_text()
    undo(Fixed(ground.host), "here", Settings(), Silence(), dry=False)
    assert {".gitconfig": "[user]\n\tname = Ann\n"} == remains(ground.home)


def test_dry_writes_nothing_and_shows_all_of_it(ground: Ground) -> None:
    """The plan names both files, and no file is there afterwards."""
    told: list[Any] = []
    wish = Wish(allow(f"{ground.forge.url}/team"), 60)
    connect(Fixed(ground.host), "here", Settings(), wish, Stop(), Silence(), dry=True, tell=told.append)
    text = "\n".join(told[0].there.diff())
    assert ("+GOAUTH=" in text, "gitconfig" in text, {}) == (True, True, remains(ground.home))


def test_dry_shows_no_argument_of_anothers_command(ground: Ground) -> None:
    """What is in GOAUTH already may be given a secret."""
    settings = ground.home / ".config/go/env"
    settings.parent.mkdir(parents=True)
    settings.write_text("GOAUTH=git /x; /bin/sh -c CANARY8\n")
    told: list[Any] = []
    wish = Wish(allow(f"{ground.forge.url}/team"), 60)
    connect(Fixed(ground.host), "here", Settings(), wish, Stop(), Silence(), dry=True, tell=told.append)
    text = "\n".join(told[0].there.diff())
    assert ("-GOAUTH=git /x;/bin/sh ***" in text, "CANARY8" in text) == (True, False)


def test_another_prefix_is_refused(ground: Ground) -> None:
    """A repository beside the allowed one stays closed, and git says why."""
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/team/svc-other")) as lending:
        asked = fill(ground, f"{ground.forge.url}/team/svc.git")
    assert ("", ["not-allowed"]) == (asked.stdout.replace("quit=1\n", ""), lending.outcomes)
    assert "is not allowed" in asked.stderr


def test_git_is_refused_for_good_once_the_time_is_up(ground: Ground) -> None:
    """Access ends by itself, and nothing hangs."""
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/team"), for_s=1.5) as lending:
        ended = lending.wait(Finished)
        after = ls_remote(ground)
    assert ("expired", 128) == (ended.why, after.returncode)


def test_what_is_not_confirmed_is_not_granted(ground: Ground) -> None:
    """A no here is a no there, final for git: it asks nobody else."""
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/team"), confirm=lambda *_: False) as lending:
        done = ls_remote(ground)
    assert (128, {"not-confirmed"}) == (done.returncode, set(lending.outcomes))
    assert "not confirmed" in done.stderr


def test_a_question_whose_asker_has_gone_is_not_answered(ground: Ground) -> None:
    """Somebody here says yes too late: nothing is granted, and nothing is asked of a vault."""
    asked, gone = threading.Event(), threading.Event()

    def confirm(_question: Question, _entry: Entry, moot: Callable[[], str]) -> bool:
        asked.set()
        while not moot():
            gone.wait(0.05)
        return True

    url = f"{ground.forge.url}/team/svc.git"
    env = environment(ground.home, ground.forge)
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/team"), confirm=confirm) as lending:
        git = subprocess.Popen(("git", "ls-remote", url), env=env, cwd=ground.home, start_new_session=True)
        assert asked.wait(LIMIT_S)
        os.killpg(git.pid, signal.SIGKILL)
        git.wait()
        told = lending.wait(Asked)
    assert ("gone", "whoever asked has gone") == (told.outcome, told.why)


def test_the_wish_to_end_is_heard_while_somebody_is_asked(ground: Ground) -> None:
    """Ctrl-C is no answer, and needs none."""
    asked = threading.Event()

    def confirm(_question: Question, _entry: Entry, moot: Callable[[], str]) -> bool:
        asked.set()
        while not moot():
            threading.Event().wait(0.05)
        return False

    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/team"), confirm=confirm) as lending:
        git = threading.Thread(target=ls_remote, args=(ground,), daemon=True)
        git.start()
        assert asked.wait(LIMIT_S)
        lending.stop.ask("SIGINT")
        assert "SIGINT" == lending.wait(Finished).why
        git.join(LIMIT_S)
    assert ["gone"] == lending.outcomes


def test_a_killed_broker_leaves_no_access(ground: Ground) -> None:
    """The program there is killed: what its socket leaves leads nowhere, and the next connection sweeps it up."""
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/team")) as lending:
        ready = next(one for one in lending.told if isinstance(one, Ready))
        os.kill(listener(ready.up.socket), signal.SIGKILL)
        lending.wait(Finished)
        after = ls_remote(ground)
    assert 128 == after.returncode
    assert "no connection to a developer's machine" in after.stderr
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/team")):
        assert 0 == ls_remote(ground).returncode
        assert 1 == len(list(Path(ready.up.socket).parent.glob("*.sock")))
        os.kill(listener(ready.up.socket), signal.SIGKILL)
    undo(Fixed(ground.host), "here", Settings(), Silence(), dry=False)
    assert {} == remains(ground.home)


def test_two_connections_lend_side_by_side(ground: Ground) -> None:
    """Each answers for what it allows; the end of one leaves the other."""
    url = ground.forge.url
    with lent(Fixed(ground.host), allow(f"{url}/proxy")):
        with lent(Fixed(ground.host), allow(f"{url}/team")):
            both = ls_remote(ground).returncode, download(ground).returncode
        rest = ls_remote(ground).returncode, download(ground, GOMODCACHE=str(ground.home / "anew")).returncode
    assert ((0, 0), (128, 0)) == (both, rest)


def test_git_does_not_hand_the_secret_to_a_helper_that_keeps_it(ground: Ground) -> None:
    """A `store` of the login's is dropped for our URLs; one that a repository adds after ours is a reason to refuse."""
    (ground.home / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/team")):
        plain = ls_remote(ground)
        late = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "credential.helper", "GIT_CONFIG_VALUE_0": "store"}
        added = ls_remote(ground, **late)
    assert (0, 128, False) == (plain.returncode, added.returncode, (ground.home / ".git-credentials").exists())
    assert "would tell the helper" in added.stderr


def test_an_old_go_has_a_netrc_in_memory(ground: Ground) -> None:
    """~/.netrc leads to a file without a name, that goes with the connection; GOAUTH=netrc is all an old go knows."""
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/proxy"), netrc=True, link_netrc=True) as lending:
        ready = next(one for one in lending.told if isinstance(one, Ready))
        during = download(ground, GOAUTH="netrc")
        os.kill(listener(ready.up.socket), signal.SIGKILL)
        lending.wait(Finished)
    after = download(ground, GOAUTH="netrc", GOMODCACHE=str(ground.home / "anew"))
    assert (0, 1) == (during.returncode, after.returncode), during.stderr
    assert not Path(ready.up.netrc).exists()


def test_a_netrc_of_the_logins_is_kept_beside_ours(ground: Ground) -> None:
    """What it has is read still, and where both know a host it is told which comes first."""
    theirs = f"machine localhost:{ground.forge.port} login x password old\nmachine h.example login y password z\n"
    (ground.home / ".netrc").write_text(theirs)
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/proxy"), netrc=True) as lending:
        ready = next(one for one in lending.told if isinstance(one, Ready))
        during = download(ground, GOAUTH="netrc", NETRC=ready.up.netrc)
        assert Path(ready.up.netrc).read_text().endswith(theirs)
    assert (0, 1, (f"localhost:{ground.forge.port}",)) == (during.returncode, ready.up.kept, ready.up.hidden)
    assert theirs == (ground.home / ".netrc").read_text()


def test_a_netrc_goes_with_its_connection(ground: Ground) -> None:
    """The program there ends in order and leaves nothing of it, and the next connection finds its place."""
    for _ in range(2):
        with lent(Fixed(ground.host), allow(f"{ground.forge.url}/proxy"), netrc=True, link_netrc=True) as lending:
            ready = next(one for one in lending.told if isinstance(one, Ready))
            served = os.pidfd_open(listener(ready.up.socket))
            places = (Path(ready.up.socket), ground.home / ".netrc", ground.home / ".local/share/remotego/auth")
            assert os.path.lexists(places[1])
        assert [served] == select.select([served], [], [], LIMIT_S)[0]
        os.close(served)
        assert [] == [place for place in places if os.path.lexists(place)]


def test_the_secret_is_nowhere_in_the_home_or_in_what_is_told(ground: Ground) -> None:
    """Neither on the disk there, nor in what the connection tells, though it was granted many times."""
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/team", f"{ground.forge.url}/proxy")) as lending:
        assert (0, 0) == (ls_remote(ground).returncode, download(ground).returncode)
        during = hits(ground.home)
    assert ([], []) == (during, hits(ground.home))
    assert [] == [form for form in FORMS if form in repr(lending.told)]


HOSTILE = (
    b"\n",
    b"\0" * 100 + b"\n",
    b"[" * 60000 + b"\n",
    b'{"kind":"git"' + b" " * 200000 + b"}\n",
    b'{"kind":"git","operation":"store","url":"https://localhost/team"}\n',
    b'{"kind":"git","operation":"get","url":"https://localhost/team\\nhost=evil"}\n',
    b'{"kind":"git","operation":"get","url":"http://localhost/team"}\n',
    b'{"kind":"git","operation":"get","url":"https://localhost/' + b"a" * 3000 + b'"}\n',
    b'{"kind":"git","operation":"get","url":"https://localhost/team/%2e%2e/x"}\n',
    b'{"answer":1,"user":"x","password":"y"}\n',
)


def test_hostile_questions_get_nothing_and_harm_nobody(ground: Ground) -> None:
    """Each is refused in a line or hung up on, and whoever asks properly is answered still."""
    with lent(Fixed(ground.host), allow(f"{ground.forge.url}/team")) as lending:
        ready = next(one for one in lending.told if isinstance(one, Ready))
        answers = [raw(ready.up.socket, question) for question in HOSTILE]
        assert 0 == ls_remote(ground).returncode
    assert [] == [one for one in answers if one and "refuse" not in json.loads(one)], answers
    assert not any(CANARY.encode() in one for one in answers)


def raw(path: str, question: bytes) -> bytes:
    """Say anything to the socket; give what it says before it hangs up."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LIMIT_S)
        folder = os.open(os.path.dirname(path), os.O_RDONLY)  # noqa: PTH120 - beside os.open
        client.connect(f"/proc/self/fd/{folder}/{os.path.basename(path)}")  # noqa: PTH119 - the path may be too long
        os.close(folder)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(question)
            return client.makefile("rb").readline()
    return b""


def hits(folder: Path) -> list[str]:
    """Name the files that have the token in them, in any form that git or go send."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [str(path) for path in files if any(form.encode() in path.read_bytes() for form in FORMS)]


def remains(home: Path) -> dict[str, str]:
    """Give all files of a home by their names, but what git and go themselves keep."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return {str(path.relative_to(home)): path.read_text() for path in files}


def fill(ground: Ground, url: str) -> subprocess.CompletedProcess[str]:
    """Ask the helper as git would, for any URL."""
    agent = next((ground.home / ".local/share/remotego/store").glob("agent-*"))
    host, _, path = url.removeprefix("https://").partition("/")
    return subprocess.run(
        (agent, "credential", "git", "get"),
        input=f"protocol=https\nhost={host}\npath={path}\n\n",
        env=environment(ground.home, ground.forge),
        cwd=ground.home,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )


def listener(path: str) -> int:
    """Give the process that serves a socket: the agent whose input it is."""
    folder = path.rpartition("/")[0].rpartition("/")[0]
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdecimal() else []
            if words[1:3] == [b"credential", b"serve"] and words[0].startswith(folder.encode()):
                return int(entry.name)
    raise AssertionError(f"nobody serves {path}")
