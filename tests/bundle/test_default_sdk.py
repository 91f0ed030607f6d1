"""Which SDK a bundle takes along where nobody names one."""

from pathlib import Path

import pytest

from remotego.adapters.toolchain import Toolchain
from remotego.ops.bundle.gather import needed

ON_PATH, BUNDLED = Toolchain(Path("/usr/bin/go"), "go1.26.8"), Toolchain(Path("/wheel/bin/go"), "go1.27.3")


@pytest.mark.parametrize(
    ("line", "expected"), [("go 1.24", "1.26.8"), ("go 1.27", "1.27.3"), ("go 1.28", "1.27.3"), ("go 1.25.4", "1.25.4")]
)
def test_a_language_is_served_by_the_go_on_path(line: str, expected: str) -> None:
    """Where that is new enough; a release is what it says."""
    text = f"module example.com/svc\n\n{line}\n"
    assert expected == needed([("go.mod", text)], [ON_PATH, BUNDLED])
