"""``python -m remotego``."""

from remotego.cli.program import main

if __name__ == "__main__":
    main()
