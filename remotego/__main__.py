"""``python -m remotego``, and the ``remotego`` command."""

import os
import sys

PIPE_CLOSED = 141
"""What a shell reports of a program that SIGPIPE has ended."""


def main() -> None:
    """Run the command line. Ctrl-C while it is still being loaded is an interrupt like any other.

    A reader that goes away, as ``head`` does, ends the program without a word.
    """
    try:
        from remotego.cli.loading import begin_loading

        begin_loading()
        from remotego.cli.program import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Python flushes standard output once more as it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)


if __name__ == "__main__":
    main()
