"""What cannot be debugged: a clear error, nothing left behind, and the process as it was."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from remotego.adapters.ssh.errors import ForwardingForbiddenError
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.errors import HostError, RemotegoError
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.delve.refusal import AttachError, ProcessGoneError
from remotego.delve.session import LongSocketPathError, Plan
from remotego.golang.buildinfo import NotGoProgramError
from remotego.host.processes import (
    AlreadyTracedError,
    ForeignProcessError,
    NoProcessError,
    Process,
    ProcessTable,
    processes,
    select,
)
from remotego.ops.debug import Stop, debug
from remotego.ops.deploy import deploy_dlv
from remotego.ops.engine import ask
from remotego.ops.holding import hold
from remotego.ops.remote_file import UnreadableFileError
from remotego.ops.upkeep import undo
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, finished
from tests.ops.debuggee import UNTOUCHED, Debuggee
from tests.ops.editors import debugging

FORBIDDING = {"hardened": "/var/tmp/rg-refused", "inner-hardened": "/var/tmp/rg-refused", "tiny": "~/.rg-refused"}


def refusal(network: SshNetwork, host: str, pid: int, store: str | None) -> RemotegoError:
    """Try to debug; the error."""
    settings = Settings(store=store, pid=pid, port=0)
    with pytest.raises(RemotegoError) as caught:
        debug(network, host, settings, Stop(), Silence(), dry=False, tell=print)
    return caught.value


@pytest.mark.parametrize("alias", FORBIDDING)
def test_host_that_forbids_forwarding(lab: Lab, network: SshNetwork, alias: str) -> None:
    """The error names the options of sshd, and dlv is gone again when it comes."""
    host, store = alias.removeprefix("inner-"), FORBIDDING[alias]
    debuggee = Debuggee(lab, lab.pid("ticker-debug", host), store.replace("~", "/home/dev"), host)
    error = refusal(network, alias, debuggee.pid, store)
    seen = (type(error), debuggee.tracer(), debuggee.ticks(), debuggee.left())
    undo(network, alias, Settings(store=store), Silence(), dry=False)
    assert (ForwardingForbiddenError, 0, True, ()) == seen


def test_process_of_somebody_else(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """Another user's process is refused by name, before anything is put on the host."""
    error = refusal(network, "app", lab.pid("ticker-svc"), controller.store)
    left = lab.exec("app", "sh", "-c", f"ls -d {controller.store} 2>/dev/null || true")
    assert (ForeignProcessError, "") == (type(error), left)


def test_process_that_is_no_go_program(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """A shell is not a Go program."""
    pid = int(lab.exec("app", "sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"))
    error = refusal(network, "app", pid, controller.store)
    lab.kill(pid)
    assert NotGoProgramError is type(error)


def test_process_of_another_group(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """Same user, other group: the kernel does not even let its binary be read."""
    pid = lab.spawn(user="dev:svc")
    error = refusal(network, "app", pid, controller.store)
    lab.kill(pid)
    assert UnreadableFileError is type(error)


def test_process_that_is_not_there(network: SshNetwork, controller: Controller) -> None:
    """A number nobody has."""
    assert NoProcessError is type(refusal(network, "app", 4_194_303, controller.store))


def test_process_that_is_debugged_already(lab: Lab, network: SshNetwork, ticker: int, controller: Controller) -> None:
    """The second debugger is refused and told how to end the first, which goes on."""
    assert controller.store is not None
    debuggee = Debuggee(lab, ticker, controller.store)
    with debugging(controller, debuggee) as (child, _):
        error = refusal(network, "app", ticker, controller.store)
        still = debuggee.tracer() != 0
        child.send_signal(signal.SIGINT)
        finished(child)
    state = debuggee.state()
    controller.run("undo", "--host", "app")
    assert (AlreadyTracedError, True, UNTOUCHED) == (type(error), still, state)


def test_store_with_a_long_name(lab: Lab, network: SshNetwork, ticker: int) -> None:
    """A socket's name has 107 bytes at most; that is found out before anything is put on the host."""
    store = f"/var/tmp/{'x' * 90}"
    error = refusal(network, "app", ticker, store)
    left = lab.exec("app", "sh", "-c", f"ls -d {store} 2>/dev/null || true")
    assert (LongSocketPathError, "") == (type(error), left)


@pytest.fixture
def deployed(network: SshNetwork, controller: Controller) -> str:
    """The path of a dlv on app."""
    return str(deploy_dlv(network, "app", Settings(store=controller.store), Silence(), dry=False).dlv.path)


def hold_refused(network: SshNetwork, process: Process, dlv: str, root: str) -> RemotegoError:
    """Start a session past all checks; the error."""
    plan = Plan("0badf00d", root, dlv, process, "me")
    with network.reach("app") as host, pytest.raises(RemotegoError) as caught, hold(host, plan, Stop(), None):
        pass
    return caught.value


def find(network: SshNetwork, pid: int) -> Process:
    """A process of app as it is found there."""
    with network.reach("app") as host:
        table: ProcessTable = ask(host, processes())
    return select(table, host="app", pid=pid)


def test_dlv_that_cannot_attach(
    lab: Lab, network: SshNetwork, ticker: int, controller: Controller, deployed: str
) -> None:
    """dlv's own words are quoted, and the session's directory goes."""
    assert controller.store is not None
    debuggee = Debuggee(lab, ticker, controller.store)
    process = find(network, ticker)
    with debugging(controller, debuggee) as (child, _):
        error = hold_refused(network, process, deployed, controller.store)
        child.send_signal(signal.SIGINT)
        finished(child)
    state = debuggee.state()
    undo(network, "app", Settings(store=controller.store), Silence(), dry=False)
    assert (AttachError, True, UNTOUCHED) == (type(error), "already being debugged" in str(error), state)


def test_process_that_ended_meanwhile(network: SshNetwork, ticker: int, controller: Controller, deployed: str) -> None:
    """Another process by the same number is not the one that was chosen."""
    assert controller.store is not None
    process = replace(find(network, ticker), start=1)
    error = hold_refused(network, process, deployed, controller.store)
    undo(network, "app", Settings(store=controller.store), Silence(), dry=False)
    assert ProcessGoneError is type(error)


def test_dlv_that_is_not_there(
    lab: Lab, network: SshNetwork, ticker: int, controller: Controller, deployed: str
) -> None:
    """A store emptied by somebody: the shell's words are quoted."""
    assert controller.store is not None
    error = hold_refused(network, find(network, ticker), f"{deployed}-gone", controller.store)
    state = Debuggee(lab, ticker, controller.store).state()
    undo(network, "app", Settings(store=controller.store), Silence(), dry=False)
    assert (AttachError, True, UNTOUCHED) == (type(error), "No such file" in str(error), state)


def test_session_without_a_place(network: SshNetwork, ticker: int, tmp_path: Path) -> None:
    """A directory for sessions that is not there is a HostError in the target's words."""
    error = hold_refused(network, find(network, ticker), "/bin/true", "/var/tmp/nowhere")
    assert (True, True) == (isinstance(error, HostError), "No such file" in str(error))


def test_home_is_left_as_it_was(lab: Lab, tmp_path: Path) -> None:
    """With the default store in a plain home: after a session and undo not a file is more or less there."""
    controller = Controller(lab, tmp_path)
    home = "/home/sh-dash"
    pid = lab.spawn(user="sh-dash")
    debuggee = Debuggee(lab, pid, f"{home}/.local/share/remotego", user="sh-dash")
    before = lab.exec("app", "find", home, "/tmp", "/run", "-user", "sh-dash", user="root")
    with debugging(controller, debuggee, "app-dash") as (child, _):
        child.send_signal(signal.SIGINT)
        done = finished(child)
    state, undone = debuggee.state(), controller.run("undo", "--host", "app-dash")
    after = lab.exec("app", "find", home, "/tmp", "/run", "-user", "sh-dash", user="root")
    lab.kill(pid)
    assert (0, 0, UNTOUCHED, before) == (done.exit_code, undone.exit_code, state, after)
