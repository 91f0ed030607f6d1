"""``python -m tests.lab up|down|status``: a lab that stays, for work by hand."""

import sys
from collections.abc import Callable, Mapping

from tests.lab.failure import LabError
from tests.lab.stack import lab, release, running


def up() -> int:
    """Start the lab, or take the one that is up, and leave it running."""
    with lab(keep=True) as ready:
        print(ready.ssh_config)
    return 0


def down() -> int:
    """Take the lab down, or let the tests that use it do so when they end."""
    print("down" if release() else "in use: the last test run takes it down")
    return 0


def status() -> int:
    """Say what runs; exit code 1 when nothing does."""
    ready = running()
    if ready is None:
        print("down")
        return 1
    print(ready.ssh_config, *(f"{host} {container}" for host, container in ready.containers.items()), sep="\n")
    return 0


COMMANDS: Mapping[str, Callable[[], int]] = {"up": up, "down": down, "status": status}


def main(argv: list[str]) -> int:
    """Run the one command of ``argv``; its exit code."""
    if len(argv) != 1 or argv[0] not in COMMANDS:
        print("usage: python -m tests.lab up|down|status", file=sys.stderr)
        return 2
    try:
        return COMMANDS[argv[0]]()
    except LabError as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
