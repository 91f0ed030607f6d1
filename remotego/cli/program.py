"""The ``remotego`` command: the same verbs as ``invoke`` with our namespace, in any directory."""

from __future__ import annotations

from invoke import Config, Program

from remotego import __version__
from remotego.cli.ns import ns


class _QuietConfig(Config):
    """Invoke's configuration without its files: a workspace or a home must not steer us through them."""

    def load_base_conf_files(self) -> None:
        """Read no invoke.yaml or its kin from home and /etc."""


def main() -> None:
    """Run the command line."""
    Program(version=__version__, namespace=ns, name="remotego", binary="remotego", config_class=_QuietConfig).run()
