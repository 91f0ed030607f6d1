"""The door to the system's keyring: a program of its own, that reads [SERVICE, USER] and prints what the keyring has.

It stands alone: it is started by its path, so that nothing but the library is imported here.
"""

from __future__ import annotations

import contextlib
import json
import sys


def ask(service: str, user: str) -> dict[str, str]:
    """Give user and password, or what is lacking, without any secret."""
    try:
        import keyring
    except ImportError:
        return {"lacks": "the package keyring is not installed (pip install keyring)"}
    try:
        with contextlib.redirect_stdout(sys.stderr):  # what a backend has to say is no answer of ours
            found = keyring.get_credential(service, user or None)
    except Exception as error:  # noqa: BLE001 - backends of third parties raise anything; its class tells no secret
        return {"lacks": f"the keyring fails with {type(error).__name__}"}
    if found is None:
        return {"lacks": f"the keyring has nothing for {service!r}"}
    return {"user": found.username or "", "password": found.password}


if __name__ == "__main__":
    json.dump(ask(*json.load(sys.stdin)), sys.stdout)
