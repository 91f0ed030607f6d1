"""What cannot be debugged: a clear error, nothing left behind, and the process as it was."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from remotego.adapters.ssh.network import SshNetwork
from remotego.core.errors import RemotegoError
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.delve.refusal import AttachError, ProcessGoneError
from remotego.delve.session import LongSocketPathError, Plan
from remotego.host.inventory import Running
from remotego.host.obstacles import GidDiffersError, UidDiffersError
from remotego.host.selection import AlreadyTracedError, NoProcessError
from remotego.host.survey import survey
from remotego.ops.agent import bring
from remotego.ops.attaching import Scene, attached
from remotego.ops.channel import NoChannelError
from remotego.ops.consent import ConsentNeededError
from remotego.ops.debug import Stop, debug
from remotego.ops.debuggee import find
from remotego.ops.deploy import deploy_dlv
from remotego.ops.engine import ask
from remotego.ops.upkeep import undo
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, finished
from tests.ops.debuggee import UNTOUCHED, Debuggee
from tests.ops.editors import debugging

FORBIDDING = {"hardened": "/var/tmp/rg-refused", "inner-hardened": "/var/tmp/rg-refused", "tiny": "~/.rg-refused"}


def refusal(network: SshNetwork, host: str, pid: int, store: str | None, channel: str = "auto") -> RemotegoError:
    """Try to debug without anybody's help; the error."""
    settings = Settings(store=store, pid=pid, local_port=0, channel=channel, ptrace="none")
    with pytest.raises(RemotegoError) as caught:
        debug(network, host, settings, Stop(), Silence(), dry=False, tell=print)
    return caught.value


@pytest.mark.parametrize("alias", FORBIDDING)
def test_channel_that_is_forbidden(lab: Lab, network: SshNetwork, alias: str) -> None:
    """The error names the options of sshd, and dlv is gone again when it comes."""
    host, store = alias.removeprefix("inner-"), FORBIDDING[alias]
    debuggee = Debuggee(lab, lab.pid("ticker-debug", host), store.replace("~", "/home/dev"), host)
    error = refusal(network, alias, debuggee.pid, store, channel="streamlocal")
    seen = (type(error), debuggee.tracer(), debuggee.ticks(), debuggee.left())
    undo(network, alias, Settings(store=store), Silence(), dry=False)
    assert (NoChannelError, 0, True, ()) == seen


def test_process_of_somebody_else(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """Another user's process is refused by name, before anything is put on the host."""
    error = refusal(network, "app", lab.pid("ticker-svc"), controller.store)
    left = lab.exec("app", "sh", "-c", f"ls -d {controller.store} 2>/dev/null || true")
    assert (UidDiffersError, "") == (type(error), left)


def test_process_of_root(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """Though sudo would let us be root, nothing is done as root unasked, nor is anything put on the host."""
    pid = lab.spawn(user="root")
    settings = Settings(store=controller.store, pid=pid, local_port=0)
    with pytest.raises(ConsentNeededError):
        debug(network, "app", settings, Stop(), Silence(), dry=False, tell=print)
    lab.kill(pid)
    left = lab.exec("app", "sh", "-c", f"ls -d {controller.store}* 2>/dev/null || true")
    assert "" == left


def test_process_that_is_no_go_program(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """A shell is not a Go program."""
    pid = int(lab.exec("app", "sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"))
    error = refusal(network, "app", pid, controller.store)
    lab.kill(pid)
    assert NoProcessError is type(error)


def test_process_of_another_group(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """Same user, other group: the kernel does not even let its binary be read."""
    pid = lab.spawn(user="dev:svc")
    error = refusal(network, "app", pid, controller.store)
    lab.kill(pid)
    assert GidDiffersError is type(error)


def test_process_that_is_not_there(network: SshNetwork, controller: Controller) -> None:
    """A number nobody has."""
    assert NoProcessError is type(refusal(network, "app", 4_194_303, controller.store))


def test_process_that_is_debugged_already(lab: Lab, network: SshNetwork, ticker: int, controller: Controller) -> None:
    """The second debugger is refused and told how to end the first, and no other; that one goes on."""
    assert controller.store is not None
    debuggee = Debuggee(lab, ticker, controller.store)
    with debugging(controller, debuggee) as (child, ready):
        error = refusal(network, "app", ticker, controller.store)
        still = debuggee.tracer() != 0
        child.send_signal(signal.SIGINT)
        finished(child)
    state = debuggee.state()
    controller.run("undo", "--host", "app")
    named = f"stop --host app --session {ready['session']}`" in error.advice
    assert (AlreadyTracedError, True, True, UNTOUCHED) == (type(error), named, still, state)


def test_store_with_a_long_name(lab: Lab, network: SshNetwork, ticker: int) -> None:
    """A socket's name has 107 bytes at most; that is found out before anything is put on the host."""
    store = f"/var/tmp/{'x' * 90}"
    error = refusal(network, "app", ticker, store)
    left = lab.exec("app", "sh", "-c", f"ls -d {store} 2>/dev/null || true")
    assert (LongSocketPathError, "") == (type(error), left)


@dataclass(frozen=True, slots=True)
class Site:
    """app with agent and dlv in its store."""

    network: SshNetwork
    agent: str
    dlv: str
    root: str

    def find(self, pid: int) -> Running:
        """A process as it is found there."""
        with self.network.reach("app") as host:
            _, process = find(host, Settings(store=self.root, pid=pid), Silence())
        return process

    def refusal(self, process: Running, dlv: str | None = None, root: str | None = None) -> RemotegoError:
        """Attach past all checks; the error."""
        plan = Plan("0badf00d", root or self.root, dlv or self.dlv, process, "me")
        with (
            self.network.reach("app") as host,
            pytest.raises(RemotegoError) as caught,
            attached(Scene(self.network, host, self.agent), plan, Stop()),
        ):
            pass
        return caught.value


@pytest.fixture
def site(network: SshNetwork, controller: Controller) -> Iterator[Site]:
    """Both programs are there, and are taken back at the end."""
    settings = Settings(store=controller.store)
    assert controller.store is not None
    dlv = deploy_dlv(network, "app", settings, Silence(), dry=False).dlv.path
    with network.reach("app") as host:
        agent = bring(host, ask(host, survey(settings.store)), settings, Silence()).path
    yield Site(network, agent, str(dlv), controller.store)
    undo(network, "app", settings, Silence(), dry=False)


def test_dlv_that_cannot_attach(lab: Lab, site: Site, ticker: int, controller: Controller) -> None:
    """dlv's own words are quoted, and the session's directory goes."""
    debuggee = Debuggee(lab, ticker, site.root)
    process = site.find(ticker)
    with debugging(controller, debuggee) as (child, _):
        error = site.refusal(process)
        child.send_signal(signal.SIGINT)
        finished(child)
    assert (AttachError, True, UNTOUCHED) == (type(error), "already being debugged" in str(error), debuggee.state())


def test_process_that_ended_meanwhile(site: Site, ticker: int) -> None:
    """Another process by the same number is not the one that was chosen."""
    assert ProcessGoneError is type(site.refusal(replace(site.find(ticker), start=1)))


def test_dlv_that_is_not_there(lab: Lab, site: Site, ticker: int) -> None:
    """A store emptied by somebody: the kernel's words are quoted."""
    error = site.refusal(site.find(ticker), dlv=f"{site.dlv}-gone")
    state = Debuggee(lab, ticker, site.root).state()
    assert (AttachError, True, UNTOUCHED) == (type(error), "no such file" in str(error), state)


def test_session_without_a_place(site: Site, ticker: int) -> None:
    """A directory for sessions that is not there: the target's words are quoted."""
    error = site.refusal(site.find(ticker), root="/var/tmp/nowhere")
    assert "no such file" in str(error)


def test_home_is_left_as_it_was(lab: Lab, tmp_path: Path) -> None:
    """With the default store in a plain home: after a session and undo not a file is more or less there."""
    controller = Controller(lab, tmp_path)
    home = "/home/sh-dash"
    pid = lab.spawn(user="sh-dash")
    debuggee = Debuggee(lab, pid, f"{home}/.local/share/remotego", user="sh-dash")
    look = ("app", "find", home, "/tmp", "/run", "-path", "/run/ticker", "-prune", "-o", "-user", "sh-dash", "-print")
    before = lab.exec(*look, user="root")
    with debugging(controller, debuggee, "app-dash") as (child, _):
        child.send_signal(signal.SIGINT)
        done = finished(child)
    state, undone = debuggee.state(), controller.run("undo", "--host", "app-dash")
    after = lab.exec(*look, user="root")
    lab.kill(pid)
    assert (0, 0, UNTOUCHED, before) == (done.exit_code, undone.exit_code, state, after)
