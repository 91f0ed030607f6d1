"""Servers of files: what counts as absent, what is tried again, whom a password is sent to."""

import base64
import datetime
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from remotego.adapters.doors import AbsentError, EndlessError, NoAnswerError
from remotego.adapters.filetree import FileTree, tree_of_url
from remotego.adapters.web import Web, shown

SECRET = "s3cret-word"

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A server that answers by path, and remembers what it was asked."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, str | None]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Answer, and note the path and the password."""
                site.asked.append((self.path, self.headers.get("Authorization")))
                site.answers.get(self.path, status(404))(self)

            def log_message(self, *_: object) -> None:  # type: ignore[override]  # nothing is printed
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if trust:
            self._server.socket = trust.wrap_socket(self._server.socket, server_side=True)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"{'https' if trust else 'http'}://{self.host}"

    @contextmanager
    def running(self) -> Iterator["Site"]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """Answer with a status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def after(failures: int, failing: Answer, then: Answer) -> Answer:
    """Fail so often, then answer."""
    count = iter([failing] * failures)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        next(count, then)(handler)

    return answer


@pytest.fixture
def site() -> Iterator[Site]:
    """A server over plain HTTP."""
    with Site().running() as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of its own for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "pair.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return file


@pytest.fixture
def secure(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server over TLS whose certificate the system trusts."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Site(trust).running() as running:
        yield running


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Write the user's netrc: one entry for a machine."""

    def write(machine: str) -> None:
        (tmp_path / "netrc").write_text(f"machine {machine} login me password {SECRET}\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    return write


BASIC = "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode()


@pytest.mark.parametrize("code", [404, 410])
def test_absent_is_what_says_so(site: Site, code: int) -> None:
    """These two, as cmd/go has it."""
    site.answers["/a/x"] = status(code)
    with pytest.raises(AbsentError, match=f"{site.url}/a has no x"):
        Web(f"{site.url}/a").read("x", 10)


@pytest.mark.parametrize("code", [400, 401, 403, 418, 204, 206])
def test_any_other_status_is_a_failure_at_once(site: Site, code: int) -> None:
    """It is not tried again."""
    site.answers["/x"] = status(code)
    with pytest.raises(NoAnswerError, match=f"status {code}"):
        Web(site.url).read("x", 10)
    assert 1 == len(site.asked)


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(site: Site, code: int) -> None:
    """Three times in all."""
    site.answers["/x"] = after(2, status(code), status(200, b"data"))
    assert b"data" == Web(site.url).read("x", 10)
    site.answers["/y"] = status(code)
    with pytest.raises(NoAnswerError, match=f"status {code}"):
        Web(site.url).read("y", 10)
    assert 6 == len(site.asked)


def test_an_answer_that_breaks_off_is_tried_again(site: Site) -> None:
    """It said how long it would be."""
    site.answers["/x"] = after(1, status(200, b"da", Content_Length="4"), status(200, b"data"))
    assert b"data" == Web(site.url).read("x", 10)


def test_a_large_file_is_fetched_anew_when_it_breaks_off(site: Site, tmp_path: Path) -> None:
    """From its beginning; what came before is gone."""
    site.answers["/x"] = after(1, status(200, b"evilevil", Content_Length="9"), status(200, b"data"))
    heard: list[tuple[int, int]] = []
    Web(site.url).fetch("x", tmp_path / "x", 100, lambda done, total: heard.append((done, total)))
    assert (b"data", (4, 4)) == ((tmp_path / "x").read_bytes(), heard[-1])


def test_more_than_was_asked_for_is_not_read(site: Site, tmp_path: Path) -> None:
    """Small or large."""
    site.answers["/x"] = status(200, bytes(1 << 20))
    with pytest.raises(NoAnswerError, match="larger than 1000 bytes"):
        Web(site.url).read("x", 1000)
    with pytest.raises(NoAnswerError, match="larger than 1000 bytes"):
        Web(site.url).fetch("x", tmp_path / "x", 1000, lambda *_: None)


def test_a_slow_answer_is_given_up(site: Site) -> None:
    """Each piece comes in time, the whole never."""
    site.answers["/x"] = status(200, bytes(2 << 20))
    with pytest.raises(NoAnswerError, match="takes too long"):
        Web(site.url, small_s=0).read("x", 4 << 20)


def test_a_silent_server_is_given_up(site: Site) -> None:
    """It is told apart from one that cannot be reached, and the bound is named."""
    over = threading.Event()
    site.answers["/x"] = lambda _: over.wait(60) and None
    try:
        with pytest.raises(EndlessError, match=r"timed out.*0\.2"):
            Web(site.url, tries=1, silence_s=0.2).read("x", 10)
    finally:
        over.set()


def test_a_packed_answer_is_refused(site: Site) -> None:
    """It could be a bomb, and nobody asked for it."""
    site.answers["/x"] = status(200, b"data", Content_Encoding="gzip")
    with pytest.raises(NoAnswerError, match="packed although nobody asked"):
        Web(site.url).read("x", 10)


def test_nobody_there_is_said_so() -> None:
    """In a word, without our library's."""
    with pytest.raises(NoAnswerError, match=r"^http://127\.0\.0\.1:9/a: x: Connection refused$"):
        Web("http://127.0.0.1:9/a").read("x", 10)


def test_redirects_are_followed(site: Site) -> None:
    """To a path or a whole URL, ten at most."""
    site.answers |= {"/x": status(302, Location="/y"), "/y": status(307, Location=f"{site.url}/z")}
    site.answers |= {"/z": status(200, b"data"), "/loop": status(301, Location="/loop")}
    assert b"data" == Web(site.url).read("x", 10)
    with pytest.raises(NoAnswerError, match="more than 10 redirects"):
        Web(site.url).read("loop", 10)


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "file:///etc/passwd", f"http://me:{SECRET}@127.0.0.1/x"])
def test_a_redirect_elsewhere_is_not_followed(site: Site, target: str) -> None:
    """Another protocol, or with a password in it."""
    site.answers["/x"] = status(302, Location=target)
    with pytest.raises(NoAnswerError, match="is not followed") as caught:
        Web(site.url).read("x", 10)
    assert SECRET not in str(caught.value)


def test_a_redirect_from_https_to_http_is_not_followed(secure: Site, site: Site) -> None:
    """As with go."""
    secure.answers["/x"] = status(302, Location=f"{site.url}/x")
    with pytest.raises(NoAnswerError, match="is not followed"):
        Web(secure.url).read("x", 10)
    assert [] == site.asked


def test_the_systems_trust_store_decides(secure: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is not in it is not trusted, and not tried again."""
    secure.answers["/x"] = status(200, b"data")
    assert b"data" == Web(secure.url).read("x", 10)
    (tmp_path / "none.pem").write_bytes(b"")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(NoAnswerError, match="certificate"):
        Web(secure.url).read("x", 10)
    assert 1 == len(secure.asked)


def test_netrc_is_for_https(secure: Site, netrc: Callable[[str], None]) -> None:
    """By host and port, for the port is not https's own."""
    netrc(secure.host)
    secure.answers["/x"] = status(200, b"data")
    Web(secure.url).read("x", 10)
    assert [("/x", BASIC)] == secure.asked


def test_netrc_is_not_for_http(site: Site, netrc: Callable[[str], None]) -> None:
    """Not even on loopback."""
    netrc(site.host)
    site.answers["/x"] = status(200, b"data")
    Web(site.url).read("x", 10)
    assert [("/x", None)] == site.asked


@pytest.mark.parametrize("machine", ["127.0.0.1", "default", "127.0.0.2"])
def test_netrc_for_another_machine_is_not_sent(secure: Site, netrc: Callable[[str], None], machine: str) -> None:
    """Another port is another machine."""
    netrc(machine)
    secure.answers["/x"] = status(200, b"data")
    Web(secure.url).read("x", 10)
    assert [("/x", None)] == secure.asked


def test_a_password_of_the_url_is_sent_to_its_host_alone(secure: Site, certificate: Path) -> None:
    """A redirect to another one goes without."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate)
    with Site(trust).running() as other:
        other.answers["/y"] = status(200, b"data")
        secure.answers["/x"] = status(302, Location=f"{other.url}/y")
        Web(secure.url.replace("https://", f"https://me:{SECRET}@")).read("x", 10)
        assert ([("/x", BASIC)], [("/y", None)]) == (secure.asked, other.asked)


def test_a_password_is_not_sent_over_http(site: Site) -> None:
    """The request is not even made."""
    with pytest.raises(NoAnswerError, match="a password is not sent over http") as caught:
        Web(site.url.replace("http://", f"http://me:{SECRET}@")).read("x", 10)
    assert ([], False) == (site.asked, SECRET in str(caught.value))


@pytest.mark.parametrize("code", [401, 404, 500])
def test_no_message_has_a_password_in_it(secure: Site, code: int) -> None:
    """Whatever goes wrong."""
    secure.answers["/x"] = status(code)
    with pytest.raises((AbsentError, NoAnswerError)) as caught:
        Web(secure.url.replace("https://", f"https://me:{SECRET}@") + f"?token={SECRET}").read("x", 10)
    assert SECRET not in str(caught.value) + caught.value.advice + repr(caught.value)


@pytest.mark.parametrize(
    ("url", "as_shown"),
    [
        ("https://me:pw@h.example/a", "https://h.example/a"),
        ("https://me:p@w@h.example/a?t=1", "https://h.example/a"),
        ("https://h.example/a@v1", "https://h.example/a@v1"),
        ("me:pw@h.example", "h.example"),
        ("https://h.example/\x1b[31ma", "https://h.example/a"),
    ],
)
def test_urls_are_shown_without_secrets(url: str, as_shown: str) -> None:
    """And without what a terminal obeys."""
    assert as_shown == shown(url)


def test_a_proxy_of_the_environment_is_used_but_not_for_loopback(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As go does it."""
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", site.url)
    site.answers["http://files.invalid/x"] = status(200, b"by proxy")
    assert b"by proxy" == Web("http://files.invalid").read("x", 10)
    with pytest.raises(NoAnswerError):
        Web("http://127.0.0.1:9").read("x", 10)
    assert ["http://files.invalid/x"] == [path for path, _ in site.asked]


def test_a_wider_tile_is_read_as_its_beginning(tmp_path: Path) -> None:
    """A cache keeps tiles as wide as they were when it asked."""
    (tmp_path / "tile/8/0/000.p").mkdir(parents=True)
    (tmp_path / "tile/8/0/000.p/5").write_bytes(bytes(range(160)))
    door = FileTree(tmp_path, "here")
    assert bytes(range(96)) == door.read("tile/8/0/000.p/3", 8192)
    with pytest.raises(AbsentError):
        door.read("tile/8/0/000.p/6", 8192)


@pytest.mark.parametrize("url", ["file://host/x", "file:x", "file://x"])
def test_a_file_url_is_a_whole_path(url: str) -> None:
    """Three slashes."""
    with pytest.raises(NoAnswerError, match="three slashes"):
        tree_of_url(url)
