"""A keyring in memory, for the program that asks one (PYTHON_KEYRING_BACKEND)."""

import sys
import threading

from keyring.backend import KeyringBackend


class Memory(KeyringBackend):
    """One service is known, one breaks, one has something to say, and one never answers."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        """Give what there is."""
        if service == "broken":
            raise RuntimeError("canary")
        if service == "locked":
            threading.Event().wait(600)
        if service == "loud":
            print("canary", file=sys.stdout)
        return "canary" if service in ("corp", "loud") and username == "ann" else None

    def set_password(self, *_: str) -> None:
        """Nothing is ever stored."""
        raise AssertionError
