"""Attendance: who looks after a session, a person at a terminal or the background task of an editor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remotego.adapters.forward import Watch
    from remotego.cli.request import Request
    from remotego.cli.screen import Screen
    from remotego.core.settings import Settings
    from remotego.ops.choice import Choice
    from remotego.ops.debug import Stop, Tell


@contextmanager
def attended(
    request: Request, choice: Choice, stop: Stop, screen: Screen, *, task: bool
) -> Iterator[tuple[Settings, Tell, Watch]]:
    """Give what a session is to be held by; for a task it ends with its editor, whatever the settings say."""
    if not task:
        yield choice.settings, screen.tell, lambda _: None
        return
    from remotego.ops.errand import errand

    look = partial(choice.look, request.network, request.printer)
    with errand(choice.settings.local_port, choice, look, stop) as watching:
        yield replace(choice.settings, detach_on_exit=True), watching.telling(screen.tell), watching.watch
