"""What judges make of facts: Go, proxies, sums, clock, keys, entries of launch.json."""

import base64
import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.health import GoState, Machine, Package, Place, Sums, Trial
from remotego.doctor.check import EditHere, Finding
from remotego.doctor.desk import Files, Seen, judge_desk, wonders
from remotego.doctor.firstaid import judge_go
from remotego.doctor.machine import judge_machine
from remotego.doctor.proxies import judge_proxies, kind_of
from remotego.doctor.reaching import Door, judge_doors, judge_keys
from remotego.doctor.redaction import shown
from remotego.doctor.sums import judge_sums
from remotego.doctor.system import Span, skew
from remotego.host.condition import Clock, bits
from remotego.vscode.entries import entries
from remotego.vscode.inert import inspect
from remotego.vscode.jsonc import parse_jsonc

GO = GoState(path="/opt/go/bin/go", real="/opt/go/bin/go", version="go1.26.8", home="/home/dev")


def verdicts(found: Any, check: str) -> list[str]:
    """Verdicts of one check."""
    return [one.verdict for one in found if one.check == check]


@pytest.mark.parametrize(
    ("exported", "expected"),
    [
        ({}, "ok"),
        ({"GOROOT": "/opt/go"}, "warning"),
        ({"GOROOT": "/opt/go/"}, "warning"),
        ({"GOROOT": "/usr/local/go"}, "failure"),
    ],
)
def test_goroot(exported: dict[str, str], expected: str) -> None:
    """Set at all it breaks the next Go; set to another one it breaks this one."""
    assert [expected] == verdicts(judge_go(dataclasses.replace(GO, exported=exported), needed=True), "go-root")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", "ok"),
        ("/home/dev/go", "warning"),
        ("/a:/b", "warning"),
        ("/work", "warning"),
        ("go", "failure"),
        ("/opt/go", "failure"),
    ],
)
def test_gopath(path: str, expected: str) -> None:
    """Set for no reason, to several places, to nothing go takes, to GOROOT."""
    state = dataclasses.replace(GO, exported={"GOPATH": path} if path else {})
    assert [expected] == verdicts(judge_go(state, needed=True), "go-path")


def test_directories_that_may_not_be_written() -> None:
    """Root's, after a `sudo go build`; read-only ones."""
    places = (Place("/home/dev/go", 0o755, mine=False), Place("/cache", 0o755, writable=False))
    found = next(
        one for one in judge_go(dataclasses.replace(GO, places=places), needed=True) if one.verdict == "failure"
    )
    assert "/home/dev/go belongs to somebody else; /cache may not be written" == found.evidence


SAID = {
    "name": [
        "dial tcp: lookup proxy.corp on 10.0.0.2:53: no such host",
        "curl: (6) Could not resolve host: proxy.corp",
        "wget: bad address 'proxy.corp'",
        "wget: unable to resolve host address 'proxy.corp'",
    ],
    "refused": [
        'Get "http://127.0.0.1:9/x/@v/list": dial tcp 127.0.0.1:9: connect: connection refused',
        "curl: (7) Failed to connect to 127.0.0.1 port 9",
        "wget: can't connect to remote host (127.0.0.1): Connection refused",
    ],
    "timeout": [
        "context deadline exceeded (Client.Timeout)",
        "curl: (28) Connection timed out",
        "wget: download timed out",
    ],
    "certificate": [
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
        "curl: (60) SSL certificate problem: self-signed certificate",
    ],
    "denied": [
        "reading https://proxy.corp/x/@v/list: 401 Unauthorized",
        "curl: (22) The requested URL returned error: 403",
    ],
    "absent": [
        "reading http://proxy.corp/x/@v/list: 404 Not Found",
        "wget: server returned error: HTTP/1.1 404 Not Found",
    ],
    "broken": [
        "reading https://proxy.corp/x/@v/list: 502 Bad Gateway",
        "read: connection reset by peer",
        "unexpected EOF",
    ],
    "bared": ["refusing to pass credentials to insecure URL: http://***@proxy.corp"],
}


@pytest.mark.parametrize(("kind", "said"), [(kind, one) for kind, those in SAID.items() for one in those])
def test_failures_of_a_proxy_are_told_apart(kind: str, said: str) -> None:
    """By the words of go, curl, GNU wget and busybox wget."""
    found = kind_of(Trial("https://proxy.corp", "go", 1, said))
    assert kind == (found and found.name)


def test_numbers_in_the_address_are_no_failures() -> None:
    """Port 404 is a port."""
    found = kind_of(Trial("http://proxy:404", "go", 1, "dial http://proxy:404: connection refused"))
    assert "refused" == (found and found.name)


def test_a_proxy_that_is_ended_has_timed_out() -> None:
    """timeout(1) ends with 124."""
    found = kind_of(Trial("https://proxy.corp", "go", 124, ""))
    assert "timeout" == (found and found.name)


@pytest.mark.parametrize(
    ("codes", "expected"), [([0, 1], ["ok", "warning"]), ([1, 0], ["failure", "ok"]), ([1, 1], ["failure", "failure"])]
)
def test_the_first_proxy_has_to_work(codes: list[int], expected: list[str]) -> None:
    """Behind a comma the next one is asked only after a 404: that it would work helps nobody."""
    trials = tuple(Trial(f"https://p{number}", "go", code, "connection refused") for number, code in enumerate(codes))
    state = dataclasses.replace(GO, said={"GOPROXY": "https://p0,https://p1"}, trials=trials)
    assert expected == verdicts(judge_proxies(state), "go-proxy")


@given(st.text(st.characters(exclude_characters="@ |,?/\t\n", exclude_categories=("C", "Z")), min_size=6))
def test_no_password_is_shown(password: str) -> None:
    """Wherever it stands in an address."""
    assert password not in shown(f"https://joe:{password}@proxy.corp/x,direct").replace("proxy.corp", "")


MISMATCH = "verifying golang.org/x/mod@v0.34.0: checksum mismatch\n\tdownloaded: h1:x\n\tgo.sum: h1:y\n"
MODIFIED = "golang.org/x/mod v0.34.0: dir has been modified (/home/dev/go/pkg/mod/golang.org/x/mod@v0.34.0)\n"


@pytest.mark.parametrize(
    ("code", "said", "expected", "word"),
    [
        (0, "all modules verified", "ok", "are what was fetched"),
        (1, MISMATCH, "failure", "go.sum says another hash of golang.org/x/mod v0.34.0"),
        (1, MODIFIED, "failure", "the module cache is damaged"),
        (1, "malformed go.sum:\n/w/go.sum:3: wrong number of fields 5", "failure", "go.sum cannot be read"),
        (1, "module lookup disabled by GOPROXY=off", "ok", "not all modules are there"),
        (None, "timed out", "unknown", "was not looked at"),
    ],
)
def test_a_mismatch_is_explained(code: int | None, said: str, expected: str, word: str) -> None:
    """Whether the cache or go.sum is to blame."""
    (found,) = judge_sums([Sums("/w", code, said, ("golang.org/x/mod v0.34.0 h1:y",))])
    assert (expected, True) == (found.verdict, word in found.evidence), found


@given(st.floats(0, 1e9), st.floats(0, 60), st.floats(0, 60), st.floats(-1e6, 1e6))
def test_the_bounds_of_a_skew_hold(now: float, there: float, back: float, ahead: float) -> None:
    """However the round trip is split, the truth lies between them."""
    looked = now + there
    clock = Clock(math.floor(looked + ahead), math.floor(looked + ahead))
    least, most = skew(clock, Span(now, looked + back))
    assert least - 1e-3 <= ahead <= most + 1e-3


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("drwxr-xr-x", 0o755),
        ("drwxrwxrwt", 0o1777),
        ("-rwsr-xr-x", 0o4755),
        ("-rw-------", 0o600),
        ("drwxr-sr-T", 0o3754),
    ],
)
def test_permission_bits_are_read(mode: str, expected: int) -> None:
    """As ls writes them."""
    assert expected == bits(mode)


def rsa(bits: int) -> str:
    """A line of a public key file whose modulus is so long."""
    fields = [b"ssh-rsa", b"\x01\x00\x01", (1 << (bits - 1)).to_bytes((bits + 7) // 8 + 1, "big")]
    blob = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return f"ssh-rsa {base64.b64encode(blob).decode()} root@old"


@pytest.mark.parametrize(
    ("offered", "known", "expected"),
    [
        (["ssh-ed25519 AAAA root"], ["ssh-ed25519"], "ok"),
        ([rsa(3072)], [], "ok"),
        ([rsa(1024)], ["ssh-ed25519"], "warning"),
        (["ssh-dss AAAA"], [], "warning"),
        (["ssh-ed25519 AAAA"], ["ssh-rsa"], "warning"),
        ([], [], "ok"),
    ],
)
def test_weak_host_keys(offered: list[str], known: list[str], expected: str) -> None:
    """Those the host has, and those that are on file."""
    assert expected == judge_keys(offered, {"app": known}).verdict


@pytest.mark.parametrize(
    ("doors", "expected"),
    [
        ([Door("tcp", None), Door("relay", None)], "ok"),
        ([Door("tcp", "no"), Door("relay", None)], "warning"),
        ([Door("tcp", "no"), Door("relay", "no")], "failure"),
    ],
)
def test_doors(doors: list[Door], expected: str) -> None:
    """One open way is enough for a session."""
    assert expected == judge_doors(doors).verdict


def desk(launch: str = "", settings: str = "", tasks: frozenset[str] = frozenset()) -> Files:
    """A workspace with these files."""
    documents = {
        "launch": [parse_jsonc(launch, file="/w/.vscode/launch.json")],
        "settings": [parse_jsonc(settings, file="/w/.vscode/settings.json")],
    }
    values = parse_jsonc(settings, file="s").root.value
    return Files(
        "/w",
        settings or None,
        launch or None,
        tasks,
        inspect(documents),
        tuple(entries(launch, "configurations", file="l")),
        values if isinstance(values, dict) else {},
    )


def entry(**more: Any) -> str:
    """launch.json with one entry, a good one but for what is given."""
    import json

    good = {
        "name": "a",
        "type": "go",
        "request": "attach",
        "mode": "remote",
        "debugAdapter": "dlv-dap",
        "port": 23450,
        "preLaunchTask": "remotego: a",
        "postDebugTask": "remotego: release a",
        "substitutePath": [{"from": "${workspaceFolder}", "to": "/src"}],
    }
    kept = {key: value for key, value in (good | more).items() if value is not None}
    return json.dumps({"version": "0.2.0", "configurations": [kept]}, indent=2)


TASKS = frozenset(("remotego: a", "remotego: release a"))

ENTRIES: dict[str, tuple[dict[str, Any], str, str]] = {
    "mode attach": ({"mode": "attach"}, "launch-mode", "failure"),
    "another mode": ({"mode": "debug"}, "launch-mode", "failure"),
    "remotePath": ({"remotePath": "/src"}, "launch-paths", "failure"),
    "no rules": ({"substitutePath": None}, "launch-paths", "warning"),
    "a rule for all": ({"substitutePath": [{"from": "/x", "to": "/"}]}, "launch-order", "warning"),
    "slashes": ({"substitutePath": [{"from": "D:/x", "to": "/src"}]}, "launch-windows", "warning"),
    "no port": ({"port": None}, "launch-port", "failure"),
    "nobody at the port": ({"preLaunchTask": None, "postDebugTask": None}, "launch-port", "warning"),
    "no task": ({"preLaunchTask": "remotego: b"}, "launch-tasks", "failure"),
    "no release": ({"postDebugTask": None}, "launch-release", "warning"),
    "legacy": ({"debugAdapter": "legacy"}, "editor-adapter", "warning"),
    "no adapter": ({"debugAdapter": None}, "editor-adapter", "warning"),
    "a stale pid": ({"mode": "local", "processId": 4194304, "port": None}, "launch-process", "failure"),
    "a stale program": ({"request": "launch", "mode": "exec", "program": "/gone"}, "launch-process", "failure"),
    "showLog": ({"showLog": True}, "editor-inert", "warning"),
    "a picker": ({"processId": "${command:pickProcess}"}, "editor-inert", "warning"),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_that_cannot_work(name: str) -> None:
    """Is named by its check."""
    more, check, expected = ENTRIES[name]
    found = judge_desk(desk(entry(**more), tasks=TASKS), Seen())
    assert expected in verdicts(found, check)


def test_a_good_entry_is_left_in_peace() -> None:
    """No finding but good ones."""
    found = list(judge_desk(desk(entry(), tasks=TASKS), Seen()))
    assert {"ok"} == {one.verdict for one in found}, found


def test_only_what_entries_name_is_asked_of_the_machine() -> None:
    """Programs of mode exec, ports, numbers."""
    files = desk(
        entry(request="launch", mode="exec", program="${workspaceFolder}/svc"), '{"go.alternateTools": {"go": "/g"}}'
    )
    assert ({"/w/svc", "/g"}, {23450}, set()) == tuple(map(set, dataclasses.astuple(wonders(files))))


def test_an_entry_of_ours_is_mended() -> None:
    """What does nothing there goes; what the user added stays. Entries of others are only told of."""
    found = list(judge_desk(desk(entry(showLog=True, cwd="/x", mine=1), tasks=TASKS), Seen()))
    fixes = {one.fix for one in found if one.fix}
    (fix,) = fixes
    assert isinstance(fix, EditHere)
    assert (entry(mine=1), []) == (fix.after, [one for one in foreign(showLog=True) if one.fix])


def foreign(**more: Any) -> list[Finding]:
    """Findings about an entry that is not ours."""
    return list(judge_desk(desk(entry(preLaunchTask="build", **more), tasks=TASKS | {"build"}), Seen()))


def test_a_dlv_of_ours_that_is_gone_is_taken_out_of_the_settings() -> None:
    """Another tool that is gone is the user's."""
    settings = '{\n  "go.alternateTools": {"dlv": "/ours/dlv", "go": "/gone/go"}\n}\n'
    found = list(judge_desk(desk(settings=settings), Seen(own_dlv="/ours/dlv")))
    fixes = [(one.evidence.split()[4], one.fix and one.fix.after) for one in found if one.check == "editor-tools"]  # type: ignore[union-attr]  # an EditHere
    expected = '{\n  "go.alternateTools": {"go": "/gone/go"}\n}\n'
    assert [("dlv,", expected), ("go,", None)] == fixes


MACHINE = Machine(ssh="OpenSSH_9.2p1 Debian", python=(3, 12, 1), dlv="/d", dlv_version="1.27.1", go=GO)

MACHINES: dict[str, tuple[dict[str, Any], str, str]] = {
    "old ssh": ({"ssh": "OpenSSH_6.6.1p1"}, "ssh-client", "warning"),
    "no ssh": ({"ssh": ""}, "ssh-client", "warning"),
    "odd ssh": ({"ssh": "dropbear"}, "ssh-client", "unknown"),
    "open key": ({"ssh_files": (Place("/h/.ssh/id_rsa", 0o644),)}, "ssh-permissions", "failure"),
    "open directory": ({"ssh_files": (Place("/h/.ssh", 0o777),)}, "ssh-permissions", "failure"),
    "a readable directory": ({"ssh_files": (Place("/h/.ssh", 0o755),)}, "ssh-permissions", "ok"),
    "old python": ({"python": (3, 9, 2)}, "python-version", "failure"),
    "old package": ({"packages": (Package("rich", ">=13.9", "9.0", fits=False),)}, "python-packages", "failure"),
    "closed cache": ({"cache": Place("/c", 0o500, writable=False)}, "cache-writable", "failure"),
    "full disk": ({"cache": Place("/c", 0o700), "free_bytes": 1000}, "cache-space", "warning"),
    "no dlv": ({"dlv": ""}, "editor-dlv", "warning"),
    "dead dlv": ({"dlv_version": ""}, "editor-dlv", "failure"),
    "old dlv": ({"dlv_version": "1.8.3"}, "editor-dlv", "warning"),
    "no go": ({"go": GoState()}, "go-command", "warning"),
    "dangling go": ({"go": GoState(dangling=("/usr/local/go",))}, "go-link", "failure"),
    "closed path": ({"go": GoState(closed=("/opt/x",))}, "go-link", "warning"),
}


@pytest.mark.parametrize("name", MACHINES)
def test_what_is_wrong_with_this_machine(name: str) -> None:
    """Is named by its check."""
    more, check, expected = MACHINES[name]
    assert expected in verdicts(judge_machine(dataclasses.replace(MACHINE, **more)), check)
