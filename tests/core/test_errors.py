"""Errors that a user can act on."""

import importlib
import pkgutil
import string
from dataclasses import fields, is_dataclass

import pytest

import remotego
from remotego.core.errors import HostError, RemotegoError, UsageError


def load_everything() -> None:
    """Import each module, so that every error class exists."""
    for module in pkgutil.walk_packages(remotego.__path__, "remotego."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def concrete() -> list[type[RemotegoError]]:
    """All errors of ours that can be raised: those with a text of their own. Those of tests do not count."""
    load_everything()
    found, queue = [], [RemotegoError]
    while queue:
        kind = queue.pop()
        queue += kind.__subclasses__()
        if "what" in vars(kind) and kind.__module__.startswith("remotego."):
            found.append(kind)
    return sorted(found, key=lambda kind: kind.__name__)


def names_in(template: str) -> set[str]:
    """The facts a text asks for."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("kind", concrete(), ids=lambda kind: kind.__name__)
def test_error_texts_fit_its_facts(kind: type[RemotegoError]) -> None:
    """Every fact that a text names is a field of the error."""
    if not is_dataclass(kind):
        pytest.fail(f"{kind.__name__} is no dataclass")
    assert set() == (names_in(kind.what) | names_in(kind.remedy)) - {one.name for one in fields(kind)}


def test_names_for_machines_are_unique() -> None:
    """No two errors share a code."""
    codes = [kind.__name__ for kind in concrete()]
    assert len(set(codes)) == len(codes)


def test_name_for_machines() -> None:
    """A class name becomes words joined by hyphens."""
    from remotego.host.faults import DiskFullError

    assert "disk-full" == DiskFullError("/x", 0).code


def test_error_as_json() -> None:
    """An error is plain data too."""
    from remotego.host.faults import DiskFullError

    error = DiskFullError("/x", 12)
    assert {
        "code": "disk-full",
        "exit_code": 7,
        "what": "no space left for /x (12 kB free)",
        "remedy": error.remedy,
    } == error.as_json()


def test_exit_codes_tell_whose_move_it_is() -> None:
    """Direct subclasses of RemotegoError have codes of their own, 2 to 7."""
    load_everything()
    codes = {kind.exit_code for kind in RemotegoError.__subclasses__()}
    assert {2, 3, 4, 5, 6, 7} == codes
    assert (2, 7) == (UsageError.exit_code, HostError.exit_code)
