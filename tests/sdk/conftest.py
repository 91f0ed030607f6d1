"""Fixtures about SDKs."""

import tarfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from remotego.ops.sdk.hosts import Delivery
from tests.ops.local_transport import LocalTransport
from tests.sdk.small import build_go, deliver

HEAVY_BYTES = 12 << 20

Small = Callable[[str], Delivery]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A small SDK for linux/amd64 of any version, made when first asked for."""

    @cache
    def make(version: str) -> Delivery:
        folder: Path = tmp_path_factory.mktemp("sdk")
        return deliver(folder, version, build_go(folder, version))

    return make


@pytest.fixture(scope="session")
def heavy(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    """One that takes a while to send."""
    one = small("1.26.6")
    with tarfile.open(one.artifact.path) as tar:
        go = tar.extractfile("go/bin/go")
        assert go is not None
        return deliver(tmp_path_factory.mktemp("heavy"), "1.26.6", go.read(), ballast_bytes=HEAVY_BYTES)


@pytest.fixture(params=["dash", "busybox"])
def local(request: pytest.FixtureRequest, tmp_path: Path, applets: str) -> LocalTransport:
    """This machine with an empty home: dash with GNU tools, busybox with its own."""
    home = tmp_path / "home"
    home.mkdir()
    shell = request.param
    return LocalTransport(home, shell, applets) if shell == "busybox" else LocalTransport(home, shell)
