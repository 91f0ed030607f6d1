"""The model asks what real go asks, request for request: every failure, both separators, every setting."""

from pathlib import Path

import pytest

from remotego.goproxy.asking import GoImport
from remotego.goproxy.scenes import Question
from tests.golang.checksums import NAME, Server, signer
from tests.goproxy.realgo import compare, compare_all
from tests.goproxy.scenery import PRIVATE, PUBLIC, A, B, Scenery, Trouble
from tests.goproxy.scripted import refusing, site

STATUSES = ("400", "401", "403", "404", "410", "429", "500", "502", "503")
TROUBLES = (*STATUSES, "page", "reset", "hang", "301", "302", "302 http")
PARTS = ("@v/list", ".info", ".mod", ".zip", "/supported", "/lookup/")
SEPARATORS = (",", "|")

QUESTIONS = (
    Question("download", PUBLIC, "v1.0.0"),
    Question("get", f"{PUBLIC}/sub"),
    Question("download", PUBLIC, "v9.9.9"),
    Question("get", PRIVATE, "v1.0.0"),
)
"""A version that is there, the newest, one that nobody has, and a private one whose proxies must stay silent."""

ORIGIN = {PRIVATE: GoImport(PRIVATE, "mod", "https://proxy.corp.example")}


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("kind", TROUBLES)
def test_whatever_the_first_proxy_does(tmp_path: Path, database: Server, kind: str, separator: str) -> None:
    """Who is asked next, and how go ends."""
    scenery = Scenery(database, (Trouble("a.example", kind),), ORIGIN)
    values = {"GOPROXY": f"{A}{separator}{B},direct", "GOPRIVATE": "*.corp.example"}
    said, done = compare_all(tmp_path, QUESTIONS, scenery, values)
    assert said == done


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("kind", ["404", "500", "page"])
@pytest.mark.parametrize("part", PARTS)
def test_whatever_file_the_first_proxy_fails_at(
    tmp_path: Path, database: Server, part: str, kind: str, separator: str
) -> None:
    """Each file is asked of every place anew; sums, zips and lists each end in their own way."""
    scenery = Scenery(database, (Trouble("a.example", kind, part),))
    found = compare(tmp_path, Question("get", f"{PUBLIC}/sub"), scenery, {"GOPROXY": f"{A}{separator}{B},off"})
    assert found.said == found.done


HTTPS, PLAIN = "https://git.corp.example/team/app.git", "http://git.corp.example/team/app.git"
SETTINGS: dict[str, tuple[Question, dict[str, str], dict[str, GoImport]]] = {
    "direct, nobody at the path": (Question("download", PUBLIC, "v1.0.0"), {"GOPROXY": "direct"}, {}),
    "direct, a module proxy at the path": (Question("download", PRIVATE), {"GOPROXY": "direct"}, ORIGIN),
    "direct, a page that names a parent": (
        Question("download", PUBLIC, "v1.0.0"),
        {"GOPROXY": "direct"},
        dict.fromkeys((PUBLIC, "example.com"), GoImport("example.com", "mod", "https://mod.example")),
    ),
    "direct, pages that disagree": (
        Question("download", PUBLIC, "v1.0.0"),
        {"GOPROXY": "direct"},
        {PUBLIC: GoImport("example.com", "mod", "https://mod.example")},
    ),
    "direct, parents too": (Question("get", f"{PRIVATE}/sub", "v1.0.0"), {"GOPROXY": "direct"}, ORIGIN),
    "direct, a repository that is not there": (
        Question("download", PRIVATE, "v1.0.0"),
        {"GOPROXY": "direct"},
        {PRIVATE: GoImport(PRIVATE, "git", HTTPS)},
    ),
    "direct, a site that go knows": (Question("download", "github.com/x/y", "v1.0.0"), {"GOPROXY": "direct"}, {}),
    "GOVCS off": (
        Question("download", PRIVATE, "v1.0.0"),
        {"GOPROXY": "direct", "GOVCS": "*:off"},
        {PRIVATE: GoImport(PRIVATE, "git", HTTPS)},
    ),
    "GOVCS off, a site that go knows": (
        Question("download", "github.com/x/y", "v1.0.0"),
        {"GOPROXY": f"{A},direct", "GOVCS": "github.com:hg,*:git"},
        {},
    ),
    "GOPRIVATE": (Question("get", PRIVATE), {"GOPROXY": f"{A},direct", "GOPRIVATE": "*.corp.example"}, ORIGIN),
    "GOPRIVATE, nobody at the path": (
        Question("get", PRIVATE),
        {"GOPROXY": f"{A}|{B},direct", "GOPRIVATE": "*.corp.example"},
        {},
    ),
    "GOPRIVATE, one level too deep": (
        Question("get", PRIVATE),
        {"GOPROXY": f"{A},direct", "GOPRIVATE": "git.corp.example/team"},
        {},
    ),
    "GOPRIVATE behind a proxy for it": (
        Question("get", PRIVATE),
        {"GOPROXY": f"{A},off", "GOPRIVATE": "*.corp.example", "GONOPROXY": "none"},
        {},
    ),
    "GOPRIVATE of others": (Question("get", PUBLIC), {"GOPROXY": f"{A},direct", "GOPRIVATE": "*.corp.example"}, {}),
    "GONOSUMDB": (Question("get", PUBLIC), {"GOPROXY": A, "GONOSUMDB": "example.com"}, {}),
    "GOSUMDB off": (Question("get", PUBLIC), {"GOPROXY": A, "GOSUMDB": "off"}, {}),
    "GOSUMDB with a URL": (
        Question("get", PUBLIC),
        {"GOPROXY": A, "GOSUMDB": f"{signer().vkey} https://sums.mirror.example/sumdb/{NAME}"},
        {},
    ),
    "GOSUMDB that is none": (Question("get", PUBLIC), {"GOPROXY": A, "GOSUMDB": "nonsense"}, {}),
    "GOPROXY off": (Question("get", PUBLIC), {"GOPROXY": "off"}, {}),
    "GOPROXY without an entry": (Question("get", PUBLIC), {"GOPROXY": ",|,"}, {}),
    "GOPROXY of another scheme": (Question("get", PUBLIC), {"GOPROXY": f"{A},ftp://b.example"}, {}),
    "GOPROXY without a scheme": (Question("get", PUBLIC), {"GOPROXY": "a.example/mods/ , direct"}, {}),
    "GOPROXY over http": (Question("get", PUBLIC), {"GOPROXY": "http://a.example|https://b.example"}, {}),
    "GOPROXY with a password over http": (Question("get", PUBLIC), {"GOPROXY": f"http://u:p@a.example|{B}"}, {}),
    "something behind off": (Question("download", PUBLIC, "v9.9.9"), {"GOPROXY": f"{A},off,{B}"}, {}),
    "something behind direct": (Question("download", PUBLIC, "v9.9.9"), {"GOPROXY": f"{A},direct,{B}"}, {}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_whatever_the_settings_say(tmp_path: Path, database: Server, name: str) -> None:
    """Each setting changes what is asked as the model says."""
    question, values, tags = SETTINGS[name]
    found = compare(tmp_path, question, Scenery(database, tags=tags), values)
    assert found.said == found.done


SUMS = frozenset((PUBLIC, "v1.0.0", kind) for kind in ("mod", "zip"))
MAIN = 'package main\n\nimport _ "example.com/a/b"\n\nfunc main() {}\n'
REQUIRED = {"go.mod": f"module m\n\ngo 1.27\n\nrequire {PUBLIC} v1.0.0\n", "main.go": MAIN}
VENDOR = {
    "vendor/modules.txt": f"# {PUBLIC} v1.0.0\n## explicit\n{PUBLIC}\n",
    f"vendor/{PUBLIC}/b.go": "package b\n",
}
BUILD, FETCH = Question("build", PUBLIC, "v1.0.0"), Question("download", PUBLIC, "v1.0.0")


def go_sum(folder: Path, database: Server) -> str:
    """Have real go write the lines of go.sum."""
    compare(folder, FETCH, Scenery(database), {"GOPROXY": A}, files=REQUIRED)
    return (folder / "go.sum").read_text()


@pytest.mark.parametrize("part", ["nowhere", ".info", ".mod", ".zip"])
def test_a_build_asks_for_what_go_sum_has(tmp_path: Path, database: Server, part: str) -> None:
    """The zip, the go.mod and the time of the version, and no database; a failure ends it or does not."""
    files = {**REQUIRED, "go.sum": go_sum(tmp_path / "before", database)}
    scenery = Scenery(database, (Trouble("a.example", "500", part),))
    found = compare(tmp_path / "m", BUILD, scenery, {"GOPROXY": f"{A},off"}, files=files, summed=SUMS)
    assert found.said == found.done


def test_a_download_of_what_go_sum_has_asks_no_database(tmp_path: Path, database: Server) -> None:
    """What go.sum vouches for is not looked up."""
    files = {**REQUIRED, "go.sum": go_sum(tmp_path / "before", database)}
    found = compare(tmp_path / "m", FETCH, Scenery(database), {"GOPROXY": f"{A},off"}, files=files, summed=SUMS)
    assert found.said == found.done


def test_a_build_asks_for_nothing_that_go_sum_lacks(tmp_path: Path, database: Server) -> None:
    """It ends with an error instead."""
    found = compare(tmp_path, BUILD, Scenery(database), {"GOPROXY": A}, files=REQUIRED)
    assert found.said == found.done


def test_a_build_with_mod_mod_looks_up_what_go_sum_lacks(tmp_path: Path, database: Server) -> None:
    """It may write go.sum."""
    values = {"GOPROXY": A, "GOFLAGS": "-modcacherw -mod=mod"}
    found = compare(tmp_path, BUILD, Scenery(database), values, files=REQUIRED)
    assert found.said == found.done


@pytest.mark.parametrize(("flags", "vendored"), [("-modcacherw -mod=vendor", False), ("-modcacherw", True)])
def test_a_build_from_vendor_asks_nobody(tmp_path: Path, database: Server, flags: str, vendored: bool) -> None:
    """By the flag, and by the directory alone."""
    values, files = {"GOPROXY": A, "GOFLAGS": flags}, REQUIRED | VENDOR
    found = compare(tmp_path, BUILD, Scenery(database), values, files=files, vendored=vendored)
    assert (found.said, []) == (found.done, list(found.requests))


def test_mod_vendor_does_not_keep_a_download_from_asking(tmp_path: Path, database: Server) -> None:
    """The flag is not one of go mod download."""
    values = {"GOPROXY": A, "GOFLAGS": "-modcacherw -mod=vendor"}
    found = compare(tmp_path, FETCH, Scenery(database), values, files=REQUIRED | VENDOR)
    assert found.said == found.done


def test_a_password_of_netrc_goes_to_its_host_over_https_alone(tmp_path: Path, database: Server) -> None:
    """Over http to the same host there is none."""
    files = {".netrc": "machine a.example login me password secret\n"}
    values = {"GOPROXY": "http://a.example,https://a.example,https://b.example"}
    found = compare(tmp_path, Question("download", PUBLIC, "v9.9.9"), Scenery(database), values, files=files)
    sent = {(one.scheme, one.host, bool(one.authorization)) for one in found.requests}
    assert {("http", "a.example", False), ("https", "a.example", True), ("https", "b.example", False)} == sent


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_place_that_refuses_connections(tmp_path: Path, database: Server, separator: str) -> None:
    """Nobody hears of it there; and what is on this machine is asked past every HTTP proxy."""
    with refusing() as gone, site(Scenery(database).answer) as other:
        values = {"GOPROXY": f"{gone}{separator}{other.url}", "GOSUMDB": "off"}
        trouble = Scenery(database, (Trouble(gone.removeprefix("http://"), "refused"),))
        found = compare(tmp_path, FETCH, trouble, values)
    heard = [url for turn in found.said[0] for url in turn[""] if not url.startswith(gone)]
    assert (heard, found.said[1], ()) == ([one.url for one in other.asked], found.done[1], found.requests)
