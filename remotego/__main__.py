"""``python -m remotego``, and the ``remotego`` command."""

import sys


def main() -> None:
    """Run the command line. Ctrl-C while it is still being loaded is an interrupt like any other."""
    try:
        from remotego.cli.program import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
