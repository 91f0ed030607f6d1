"""A debug adapter client that nobody here wrote: Microsoft's ``@vscode/debugadapter-testsupport``."""
