"""Behind a jump host: private code comes to app while a connection lasts, and the token is nowhere there."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from remotego.adapters.files import schema
from tests.credentials.forge import CANARY, HOST, INNER, INNER_VERSION, MODULE, USER, VERSION
from tests.credentials.site import GIT, GO, WHERE, site
from tests.lab.fixtures import need
from tests.lab.lab import Lab
from tests.patience import eventually

CHECKOUT = Path(__file__).parents[2]
STORE = "~/.auth-site"
URL = f"https://{HOST}/team"
FETCH = f"""
export GOFLAGS=-modcacherw GOPRIVATE={HOST} GOTOOLCHAIN=local GOMODCACHE=$(mktemp -d)
{GO} mod download {MODULE}@{VERSION}; code=$?
rm -rf "$GOMODCACHE"; exit $code
"""
LIST = f"GIT_TERMINAL_PROMPT=0 {GIT} ls-remote {URL}/svc.git"
AFTER_S = 40.0
"""A lease is 10 s, and this machine may be busy."""

FORMS = (CANARY, base64.b64encode(f"{USER}:{CANARY}".encode()).decode())
_PATTERNS = " ".join(f"-e '[{form[0]}]{re.escape(form[1:])}'" for form in FORMS)
DISK = f"grep -rla {_PATTERNS} --exclude-dir=proc --exclude-dir=sys / 2>/dev/null; true"
PROCESSES = f"""
for one in /proc/[0-9]*; do
  grep -la {_PATTERNS} "$one/environ" "$one/cmdline" 2>/dev/null
  for file in "$one"/fd/*; do [ ! -f "$file" ] || grep -la {_PATTERNS} "$file" 2>/dev/null; done
done
true
"""
"""The patterns do not match themselves, so that what searches is not found."""


@pytest.fixture(scope="module")
def closed(lab: Lab) -> Iterator[Lab]:
    """The lab with a forge on app."""
    need("git")
    with site(lab):
        yield lab


@dataclass(slots=True)
class Controller:
    """``remotego auth.connect`` as its user runs it."""

    process: "subprocess.Popen[str]"
    ready: dict[str, Any]
    state: Path

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; give its exit code and what it has printed since."""
        self.process.send_signal(number)
        said, complaint = self.process.communicate(timeout=60)
        return self.process.returncode, said + complaint


@contextmanager
def connected(lab: Lab, folder: Path, *more: str) -> Iterator[Controller]:
    """Run it until the end of the block."""
    netrc = folder / "netrc"
    netrc.write_text(f"machine {HOST} login {USER} password {CANARY}\n")
    netrc.chmod(0o600)
    words = ("auth.connect", "--host", "app", "--allow", URL, "--source", "netrc", "--json", "--store", STORE)
    process = subprocess.Popen(
        [sys.executable, "-m", "remotego", *words, "--remote-go", GO, *more],
        cwd=folder,
        env=settings(lab, folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield Controller(process, json.loads(line), folder / "state")
    finally:
        process.kill()
        process.communicate()


def settings(lab: Lab, folder: Path) -> dict[str, str]:
    """What a controller is told: this lab, a netrc, and a place for its log."""
    more = {"REMOTEGO_SSH_CONFIG": str(lab.ssh_config), "NETRC": str(folder / "netrc"), "PYTHONPATH": str(CHECKOUT)}
    return os.environ | more | {"XDG_STATE_HOME": str(folder / "state")}


def undo(lab: Lab, folder: Path) -> None:
    """Take back what was written on app."""
    words = [sys.executable, "-m", "remotego", "undo", "--host", "app", "--store", STORE]
    subprocess.run(words, cwd=folder, env=settings(lab, folder), check=True, capture_output=True, timeout=120)


def works(lab: Lab, command: str) -> bool:
    """Tell whether a command succeeds on app."""
    return lab.attempt("app", command).returncode == 0


def hits(lab: Lab) -> list[str]:
    """Name every file and process of app that has the token."""
    # Without CAP_SYS_PTRACE, which containers lack, even root reads the environments of its own processes only.
    looks = (DISK, "root"), (PROCESSES, "root"), (PROCESSES, "dev")
    return [one for script, user in looks for one in lab.exec("app", "sh", "-c", script, user=user).split()]


def test_the_search_finds_what_is_there(closed: Lab) -> None:
    """A file, a word of a command line and a variable are found: 0 hits mean something."""
    plant = f"""
    exec >/dev/null 2>&1
    echo {CANARY} >/dev/shm/planted
    CANARY={CANARY} sleep 300 & echo $! >/dev/shm/first
    sh -c 'sleep 300; true' {CANARY} & echo $! >/dev/shm/second
    """
    closed.exec("app", "sh", "-c", plant)
    found = hits(closed)
    pids = closed.exec(
        "app", "sh", "-c", "cd /dev/shm; cat first second; kill $(cat first second); rm first second planted"
    )
    first, second = pids.split()
    assert {"/dev/shm/planted", f"/proc/{first}/environ", f"/proc/{second}/cmdline"} <= set(found)


def test_private_code_comes_through_the_jump_host_and_the_token_stays_here(closed: Lab, tmp_path: Path) -> None:
    """go and git get it; another user does not; the token is nowhere on app, during or after, nor in what we print."""
    written = f"ls -d {STORE} ~/.gitconfig ~/.config/go/env 2>/dev/null || true"
    clean = closed.ssh("app", written)
    before = works(closed, LIST), works(closed, FETCH)
    with connected(closed, tmp_path) as controller:
        during = works(closed, LIST), works(closed, FETCH)
        found = hits(closed)
        agent = closed.ssh("app", f"ls -d {STORE}/store/agent-*").strip()
        asked = f"printf 'protocol=https\\nhost={HOST}\\npath=team/svc.git\\n\\n' | {agent} credential git get"
        stolen = closed.attempt("app-other", asked).stdout
        question = json.dumps({"kind": "git", "operation": "get", "url": f"{URL}/svc.git"})
        relayed = f"echo '{question}' | {agent} relay {controller.ready['socket']} || true"
        stolen += closed.exec("app", "sh", "-c", relayed, user="root")
        named = f"{WHERE}/go/bin/go env GOAUTH; ls -la {controller.ready['socket']}"
        shown = closed.ssh("app", named)
        mine = Path(f"/proc/{controller.process.pid}")
        told = (mine / "cmdline").read_bytes() + (mine / "environ").read_bytes()
        code, said = controller.end(signal.SIGINT)
    after = works(closed, LIST), works(closed, FETCH)
    log = (controller.state / "remotego" / "auth.jsonl").read_text()
    assert ((False, False), (True, True), (False, False)) == (before, during, after)
    assert ([], []) == (found, hits(closed))
    assert "" == stolen
    assert ("credential goauth;netrc" in shown, "srw-------" in shown) == (True, True), shown
    assert [] == [form for form in FORMS if form in said + log or form.encode() in told]
    lines = [json.loads(line) for line in said.splitlines()]
    assert [] == [one for one in (controller.ready, *lines) if not fits("auth-connect", one)]
    events = [one["event"] for one in lines]
    assert (0, {"granted", "turned-away"}, "ended") == (code, set(events[:-1]), events[-1])
    assert '"granted"' in log
    undo(closed, tmp_path)
    assert clean == closed.ssh("app", written)


@pytest.mark.parametrize(("transport", "cut"), [("fabric", "freeze"), ("fabric", "sshd"), ("openssh", "kill")])
def test_access_ends_with_whatever_ends_the_connection(closed: Lab, tmp_path: Path, transport: str, cut: str) -> None:
    """The controller stands still as one that the network has lost, its sshd there dies, or it is killed."""
    with connected(closed, tmp_path, "--transport", transport) as controller:
        assert works(closed, LIST)
        if cut == "sshd":
            closed.exec("app", "sh", "-c", f"kill -9 {_sshd(closed)}", user="root")
        else:
            controller.process.send_signal(signal.SIGKILL if cut == "kill" else signal.SIGSTOP)
        look = f"[ -e {controller.ready['socket']} ] || echo gone"
        assert eventually(lambda: "gone" in closed.exec("app", "sh", "-c", look), AFTER_S)
        assert not works(closed, LIST)
    undo(closed, tmp_path)


def _sshd(lab: Lab) -> int:
    """The sshd of app that the one server there hangs on."""
    find = """
    for one in /proc/[0-9]*; do
      case $(tr '\\0' ' ' <"$one/cmdline" 2>/dev/null) in *credential\\ [s]erve*) pid=${one#/proc/} ;; esac
    done
    while [ "$(cat /proc/$pid/comm)" != sshd ]; do pid=$(awk '/^PPid/ { print $2 }' /proc/$pid/status); done
    echo $pid
    """
    return int(lab.exec("app", "sh", "-c", find, user="root"))


def test_check_proves_it_there(closed: Lab, tmp_path: Path) -> None:
    """With a module's name alone: first that go there does not take it for private, then that it comes.

    So does one in a directory of its repository, with a major version in its path: git is asked for what is above.
    """
    (tmp_path / "netrc").write_text(f"machine {HOST} login {USER} password {CANARY}\n")
    open_ = checked(closed, tmp_path)
    closed.ssh("app", f"{GO} env -w GOPRIVATE={HOST}")
    private, inner = checked(closed, tmp_path), checked(closed, tmp_path, f"{INNER}@{INNER_VERSION}")
    closed.ssh("app", f"{GO} env -u GOPRIVATE; cd .config && rm -r go && rmdir . 2>/dev/null || true")
    undo(closed, tmp_path)
    codes = [one["code"] for one in (open_, private, inner)]
    assert ["not-private", "fetched", "fetched"] == codes, (open_, private, inner)
    assert {"granted"} == {one["outcome"] for one in (*private["asked"], *inner["asked"])}
    log = (tmp_path / "state" / "remotego" / "auth.jsonl").read_text().splitlines()
    assert {"granted"} == {json.loads(line)["event"] for line in log}


def checked(lab: Lab, folder: Path, target: str = f"{MODULE}@{VERSION}") -> dict[str, Any]:
    """Give the verdict of ``auth.check`` on app, which has no secret in it."""
    words = ["auth.check", target, "--host", "app", "--json", "--store", STORE, "--remote-go", GO]
    done = subprocess.run(
        [sys.executable, "-m", "remotego", *words],
        cwd=folder,
        env=settings(lab, folder),
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert CANARY not in done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert fits("auth-check", document), document
    found: dict[str, Any] = document["hosts"][0]
    return found


def fits(name: str, document: Any) -> bool:
    """Tell whether what was printed is what a schema says."""
    return Draft202012Validator(schema(name)).is_valid(document)
