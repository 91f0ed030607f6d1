"""Fixtures for scripts on real shells of this machine."""

import subprocess
from pathlib import Path

import pytest

from tests.lab.fixtures import need
from tests.ops.local_transport import BUSYBOX, SHELLS, LocalTransport


@pytest.fixture(scope="session")
def applets(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with nothing but what busybox has."""
    need("busybox", "dash")
    folder = tmp_path_factory.mktemp("applets")
    listed = subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True)
    for applet in listed.stdout.split():
        (folder / applet).symlink_to(BUSYBOX)
    return str(folder)


@pytest.fixture(params=SHELLS)
def local(request: pytest.FixtureRequest, tmp_path: Path, applets: str) -> LocalTransport:
    """This machine with an empty home: dash and bash with GNU tools, busybox with its own."""
    home = tmp_path / "home"
    home.mkdir()
    shell = request.param
    return LocalTransport(home, shell, applets) if shell == "busybox" else LocalTransport(home, shell)
