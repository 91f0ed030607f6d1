"""What every test may ask for, and what every test may rely on."""

import signal

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.golang.checksums", "tests.internet.fixtures", "tests.lab.fixtures", "tests.ops.local_fixtures"]

settings.register_profile("busy", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
"""How long an example takes says something of the machine, and nothing of the code; `invoke fuzz` has more time."""


def pytest_configure(config: pytest.Config) -> None:
    """Undo what nohup and a shell's `&` have programs ignore: commands under test are sent these signals."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
