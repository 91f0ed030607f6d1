"""``python -m tests.demo``: exit code 0 when every promise held."""

import signal
import subprocess
import sys
from types import FrameType

from tests.demo import processes
from tests.demo.dap import DapError
from tests.demo.play import PromiseBrokenError, play
from tests.demo.show import Show

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130


def main() -> int:
    """Play the demo; whatever happens, nothing of it goes on afterwards."""
    if sys.platform != "linux":
        print("error: the demo debugs a process of this machine, and that takes Linux", file=sys.stderr)
        return 2
    for number in ENDINGS:
        signal.signal(number, _end)
    processes.adopt_orphans()
    show = Show()
    try:
        play(show)
    except (PromiseBrokenError, RuntimeError, DapError, OSError, subprocess.TimeoutExpired) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        processes.end_descendants()
    show.act("That was remotego")
    return 0


def _end(number: int, frame: FrameType | None) -> None:
    """Leave in good order, and only once: cleaning up must not be interrupted."""
    for one in ENDINGS:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
