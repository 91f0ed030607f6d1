"""A scripted internet on loopback: every host there is, its answers from a script, every request written down.

`internet` is an HTTP proxy: what a program asks of any host over http or https comes here, with certificates of an
authority that `Internet.env` makes go and git trust. `site` is one plain server on a port of its own, for what an HTTP
proxy cannot stand for: a refused connection, a reset one. Nothing is ever passed on to a network.

A script is a function from a Request to an Answer. `Shelf` is a script: the modules it holds, as a GOPROXY.
"""

from __future__ import annotations

import datetime
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET, socket
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HANG_S = 1.5
"""How long an Answer that hangs keeps its connection before it closes it without a word."""

LINGER_NOT = struct.pack("ii", 1, 0)
"""Has a socket's close send a reset."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came. ``authorization`` is what it said of who asks ("" without), ``agent`` which program."""

    scheme: str
    host: str
    path: str
    authorization: str = field(default="", compare=False)
    agent: str = field(default="", compare=False)

    @property
    def url(self) -> str:
        """The address that was asked for."""
        return f"{self.scheme}://{self.host}{self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server does about a request. ``to``: a redirect; ``fault``: "reset" or "hang" instead of an answer, "cut"
    for half of it.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    to: str = ""
    fault: str = ""


NOT_FOUND = Answer(404, b"not found\n")
PAGE = Answer(200, b"<!DOCTYPE html><html><title>Welcome</title><p>Please log in.</html>\n", "text/html")
"""What a captive portal says to everything."""

Script = Callable[[Request], Answer]


@dataclass
class Site:
    """One plain server. ``url`` is where it is, ``asked`` what it was asked for, in order."""

    url: str = ""
    asked: list[Request] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """The paths it was asked for, in order."""
        return [one.path for one in self.asked]


@dataclass
class Internet(Site):
    """All hosts behind one HTTP proxy, at ``url``. ``authority`` is the file of certificates to trust."""

    authority: Path = Path()

    @property
    def env(self) -> dict[str, str]:
        """What has go and git take this for the internet."""
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), self.url)
        trust = {"SSL_CERT_FILE": str(self.authority), "GIT_SSL_CAINFO": str(self.authority)}
        return {**proxies, **trust, "NO_PROXY": "", "no_proxy": ""}


@contextmanager
def site(script: Script) -> Iterator[Site]:
    """Serve one plain server on this machine."""
    made = Site()
    with _served(script, made, None):
        yield made


@contextmanager
def internet(script: Script, folder: Path) -> Iterator[Internet]:
    """Serve all hosts; ``folder`` takes the files of the authority."""
    authority = _Authority(folder)
    made = Internet(authority=authority.file)
    with _served(script, made, authority):
        yield made


@contextmanager
def refusing() -> Iterator[str]:
    """Give the URL of a port that refuses connections for as long as this lasts: it is taken, and nobody listens."""
    with socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def _served(script: Script, made: Site, authority: _Authority | None) -> Iterator[None]:
    class Handler(_Handler):
        ran = _Run(script, made, authority)

    with _Server(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield
        server.shutdown()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    block_on_close = False  # an answer that hangs is not waited for

    def handle_error(self, *_: object) -> None:
        """A client that goes away is its own affair."""


@dataclass
class _Run:
    script: Script
    made: Site
    authority: _Authority | None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Answer:
        with self.lock:
            self.made.asked.append(request)
        return self.script(request)


class _Handler(BaseHTTPRequestHandler):
    """HTTP/1.0, so that each answer ends its connection: go would ask again after a reset on one it had kept."""

    ran: _Run
    secure_host = ""

    def do_CONNECT(self) -> None:
        if self.ran.authority is None:
            self.send_error(405)
            return
        self.send_response_only(200)
        self.end_headers()
        host = self.path.removesuffix(":443")
        with (
            suppress(OSError),
            self.ran.authority.serving(self.path.rpartition(":")[0]).wrap_socket(
                self.connection, server_side=True
            ) as inner,
        ):
            self._inside(inner, host)

    def _inside(self, inner: ssl.SSLSocket, host: str) -> None:
        """Answer one request of a tunnel."""
        self.connection = inner
        self.rfile, self.wfile = inner.makefile("rb", -1), inner.makefile("wb", 0)
        self.secure_host = host
        self.handle_one_request()
        self.close_connection = True
        with suppress(OSError):
            inner.unwrap()

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(size)
        whole = urlsplit(self.path)
        path = f"{whole.path}?{whole.query}" if whole.query else whole.path
        host = self.secure_host or whole.netloc or self.headers.get("Host", "")
        said, agent = (self.headers.get(name, "") for name in ("Authorization", "User-Agent"))
        self._give(self.ran.answer(Request("https" if self.secure_host else "http", host, path, said, agent)))

    do_POST = do_GET  # noqa: N815 - the name that http.server looks for

    def _give(self, answer: Answer) -> None:
        if answer.fault == "hang":
            threading.Event().wait(HANG_S)
        if answer.fault in ("reset", "hang"):
            self.connection.setsockopt(SOL_SOCKET, SO_LINGER, LINGER_NOT)
            self.connection.close()
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.to:
            self.send_header("Location", answer.to)
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if answer.fault == "cut" else answer.body)

    def log_message(self, *_: object) -> None:
        """Say nothing: what was asked is in ``asked``."""


class _Authority:
    """An authority of certificates, with one key for all that it makes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "scripted internet")])
        self._made: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self.file = folder / "authority.pem"
        whole = self._certificate("scripted internet", x509.BasicConstraints(ca=True, path_length=0))
        self.file.write_bytes(whole.public_bytes(Encoding.PEM))

    def serving(self, host: str) -> ssl.SSLContext:
        """Give what a server of a host needs; made at most once."""
        with self._lock:
            if host not in self._made:
                self._made[host] = self._context(host)
            return self._made[host]

    def _context(self, host: str) -> ssl.SSLContext:
        leaf = self._certificate(host, x509.SubjectAlternativeName([x509.DNSName(host)]))
        file = self._folder / f"{host}.pem"
        key = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(key + leaf.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _certificate(self, name: str, extension: Any) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        builder = x509.CertificateBuilder(
            self._name,
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:60])]),
            self._key.public_key(),
            x509.random_serial_number(),
            now - day,
            now + day,
        )
        return builder.add_extension(extension, critical=True).sign(self._key, hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Shelf:
    """Modules as a GOPROXY serves them, below any host; by path and version, the files of each."""

    modules: Mapping[str, Mapping[str, Mapping[str, str]]]

    def __call__(self, request: Request) -> Answer:
        """Answer as the protocol says (go.dev/ref/mod#goproxy-protocol)."""
        return self.give(request.path)

    def give(self, path: str) -> Answer:
        """Answer for the path of a request."""
        from tests.goproxy.modules import escape, module_file

        for module, versions in self.modules.items():
            name, at, rest = path.lstrip("/").partition("/@")
            if (
                at
                and name.endswith(escape(module))
                and (content := module_file(module, versions, f"@{rest}")) is not None
            ):
                return Answer(200, content)
        return NOT_FOUND
