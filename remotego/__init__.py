"""remotego: from F5 in VS Code to a breakpoint in a Go process on a remote Linux host."""

__version__ = "0.1.0"
