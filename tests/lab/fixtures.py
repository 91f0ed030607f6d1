"""The fixtures ``lab`` and ``vm``. They are made before the first test, outside its time limit."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack

import pytest

from tests.lab import packages
from tests.lab.failure import EngineMissingError, LabError
from tests.lab.lab import Lab
from tests.lab.stack import lab as lab_context
from tests.lab.vm import Vm
from tests.lab.vm import vm as vm_context

OPENED = pytest.StashKey[dict[str, object]]()
CLOSING = pytest.StashKey[ExitStack]()
CONTEXTS: Mapping[str, Callable[[], AbstractContextManager[object]]] = {"lab": lab_context, "vm": vm_context}


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "for_good: changes the vm in a way that only a reboot takes back; runs last")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what changes the vm for good behind all others that may need it."""
    items.sort(key=lambda item: item.get_closest_marker("for_good") is not None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start what the collected tests ask for."""
    closing, opened = ExitStack(), dict[str, object]()
    session.config.stash[CLOSING], session.config.stash[OPENED] = closing, opened
    if session.config.option.collectonly:
        return
    # A cancelled run must take its lab down as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    for name in sorted(asked & CONTEXTS.keys()):
        _announce(session, f"starting the {name}; the first time on a machine this takes a few minutes")
        opened[name] = _open(CONTEXTS[name](), closing)


def _announce(session: pytest.Session, text: str) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter:
        reporter.write_line(text)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave the lab; the last one to leave takes it down."""
    if closing := session.config.stash.get(CLOSING, None):
        closing.close()


def _open(context: AbstractContextManager[object], closing: ExitStack) -> object:
    """What the context gives, or the reason why this machine does not have it."""
    try:
        return closing.enter_context(context)
    except LabError as problem:
        return problem


def need(*programs: str) -> None:
    """Have programs of Debian here, or skip the test; fail it where REMOTEGO_LAB=required."""
    try:
        packages.ensure(*programs)
    except EngineMissingError as problem:
        if os.environ.get("REMOTEGO_LAB") == "required":
            raise
        pytest.skip(f"NOT HERE: {problem}")


def _given(request: pytest.FixtureRequest, name: str) -> object:
    """What was opened as ``name``; without an engine the test is skipped, unless REMOTEGO_LAB=required."""
    found = request.config.stash[OPENED][name]
    if isinstance(found, EngineMissingError) and os.environ.get("REMOTEGO_LAB") != "required":
        pytest.skip(f"NO LAB: {found}")
    if isinstance(found, LabError):
        pytest.fail(f"NO LAB: {found}", pytrace=False)
    return found


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Lab:
    """The running containers."""
    found = _given(request, "lab")
    assert isinstance(found, Lab)
    return found


@pytest.fixture(scope="session")
def vm(request: pytest.FixtureRequest) -> Vm:
    """A running virtual machine with a kernel of its own."""
    found = _given(request, "vm")
    assert isinstance(found, Vm)
    return found


@pytest.fixture
def ticker(lab: Lab) -> Iterator[int]:
    """The process number, in app, of a debug ticker that only this test knows."""
    pid = lab.spawn()
    yield pid
    lab.kill(pid)
