"""What may become of an answer on the way; tests/golang/sumdbserver/faults.go has the meaning of each field."""

import secrets
from base64 import b64encode
from dataclasses import asdict, dataclass, field

PORTAL = b"<!DOCTYPE html><html><title>Welcome to the hotel</title><form>Room number: <input></form></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """For which requests it holds (host and path are regular expressions for the whole), and what it does."""

    name: str
    host: str = ""
    path: str = ""
    times: int = 0
    delay_s: float = 0
    hang: bool = False
    status: int = 0
    header: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    flip: bool = False
    hide: str = ""
    reset: int | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    def written(self) -> dict[str, object]:
        """As the server reads it."""
        return asdict(self) | {"body": b64encode(self.body).decode()}


def delay(seconds: float, path: str = "", host: str = "") -> Fault:
    """The right answer, late."""
    return Fault("delay", host, path, delay_s=seconds)


def hang(path: str = "", host: str = "") -> Fault:
    """A connection, and no answer until the fault is taken back; then the right one."""
    return Fault("hang", host, path, hang=True)


def status(code: int, path: str = "", host: str = "", times: int = 0) -> Fault:
    """A status in place of the answer."""
    return Fault(f"status {code}", host, path, times, status=code, body=f"status {code}\n".encode())


def reset(path: str = "", host: str = "", after_bytes: int = 0) -> Fault:
    """The connection reset: before any byte, or in the middle of the body."""
    return Fault("reset", host, path, reset=after_bytes)


def portal_page(path: str = "", host: str = "") -> Fault:
    """A captive portal that answers everything with 200 and its own page."""
    return Fault("portal page", host, path, status=200, header={"Content-Type": "text/html"}, body=PORTAL)


def portal_redirect(to: str, path: str = "", host: str = "") -> Fault:
    """A captive portal that sends everybody to its own address."""
    return Fault("portal redirect", host, path, status=302, header={"Location": to}, body=PORTAL)


def wrong_bytes(path: str = "", host: str = "") -> Fault:
    """The right answer but for one bit in the middle."""
    return Fault("wrong bytes", host, path, flip=True)


def forged(body: bytes, path: str, host: str = "") -> Fault:
    """An answer of the right form that somebody else has made."""
    return Fault("forged", host, path, status=200, body=body)


def stale(missing: str, path: str = r".*/@v/list", host: str = "") -> Fault:
    """A list without the lines that match ``missing``, as a mirror that lags behind has it."""
    return Fault("stale", host, path, hide=missing)
