"""The gateway for this machine, built before anything is timed: the first build compiles net/http."""

from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.ops.probing import gateway_here


@pytest.fixture(scope="session")
def gateway() -> Path:
    """The program, built once."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    return gateway_here(Settings(go=str(go)), "this machine", Silence())
