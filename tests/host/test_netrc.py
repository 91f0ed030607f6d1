"""The machines of .netrc, asked of every shell there is."""

import pytest

from remotego.host.netrc import netrc_machines
from remotego.ops.engine import ask
from tests.ops.local_transport import LocalTransport

FILES = {
    "one line each": ("machine a.example login me password secret\nmachine b.example:8443 login me password x\n", 2),
    "spread over lines": ("machine a.example\n  login me\n  password machine\n", 1),
    "with a macro": (
        "machine a.example login me password x\nmacdef init\n machine no.example\n\nmachine b.example login x\n",
        2,
    ),
    "nothing": ("", 0),
}


@pytest.mark.parametrize("name", FILES)
def test_machines_are_told_and_nothing_else(local: LocalTransport, name: str) -> None:
    """Not the logins, not the passwords."""
    text, count = FILES[name]
    (local.home / ".netrc").write_text(text)
    found = ask(local, netrc_machines())
    assert frozenset(("a.example", "b.example:8443" if "8443" in text else "b.example")[:count]) == found


def test_no_file_has_no_machines(local: LocalTransport) -> None:
    """And is no error."""
    assert frozenset() == ask(local, netrc_machines())
