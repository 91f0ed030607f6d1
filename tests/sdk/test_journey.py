"""A real SDK, from a module proxy that is a file tree, onto hosts whose network leads nowhere."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.adapters.toolchain import bundled_go
from tests.lab import places
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, fresh_store

VERSION, MODULE = "1.26.6", "golang.org/toolchain@v0.0.1-go1.26.6.linux-amd64"
H1 = "h1:owmNw4SPM9h46FGOeGJVUWzFEEDSmO6g7gAtWoXp28s="
"""What the checksum database has signed for it."""

FETCH_LIMIT_S = 280


@pytest.fixture(scope="session")
def tree() -> Path:
    """A module proxy as a file tree, filled once on a machine; whoever uses it needs no network."""
    cache = places.cache() / "sdk-proxy"
    downloads = cache / "cache/download"
    if not (downloads / "golang.org/toolchain/@v/v0.0.1-go1.26.6.linux-amd64.ziphash").exists():
        go = bundled_go()
        assert go is not None, "the extra 'go' is not installed"
        # A go that knows nothing yet of the database asks for all the proof that another such will ask for.
        places_of = {"GOMODCACHE": str(cache), "GOPATH": str(cache / "fresh")}
        fixed = places_of | {"GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local", "GOENV": "off"}
        words = [go, "mod", "download", MODULE]
        subprocess.run(words, env=os.environ | fixed, check=True, capture_output=True, timeout=FETCH_LIMIT_S)
    supported = downloads / "sumdb/sum.golang.org/supported"
    supported.parent.mkdir(parents=True, exist_ok=True)
    supported.touch()
    return downloads


@pytest.fixture(scope="module")
def controller(lab: Lab, tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A machine that reaches nothing but that tree; its caches outlive the test, what it put on hosts does not."""
    variables = {
        "GOPROXY": f"file://{tree},off",
        "XDG_CACHE_HOME": str(places.cache() / "sdk-artifacts"),
        "XDG_STATE_HOME": str(tmp_path_factory.mktemp("state")),
        "XDG_DATA_HOME": str(tmp_path_factory.mktemp("data")),
        "GOPATH": str(tmp_path_factory.mktemp("gopath")),
    }
    controller = Controller(
        lab, tmp_path_factory.mktemp("machine"), f"~/.{Path(fresh_store()).name}", variables=variables
    )
    yield controller
    controller.run("undo", "--host", "app", "--host", "app-other")


@pytest.fixture(scope="module")
def installed(controller: Controller) -> dict[str, Any]:
    """What the first installation on app has told."""
    return told(controller, "sdk.install", VERSION, "--host", "app", "--current")


def told(controller: Controller, verb: str, *words: str, exit_code: int = 0) -> dict[str, Any]:
    """Run a verb with --json; what it prints fits its schema."""
    done = controller.run(verb, *words, "--json")
    assert exit_code == done.exit_code, done
    validate(done.document, schema(verb.replace(".", "-")))
    return dict(done.document)


def test_real_sdk_is_installed(lab: Lab, installed: dict[str, Any]) -> None:
    """Verified by the checksum database on the controller; app has no way to any network."""
    (host,) = installed["hosts"]
    link = f"{Path(host['sdk']['path']).parent}/current"
    said = lab.ssh("app", f"{link}/bin/go version && {link}/bin/go env GOROOT").splitlines()[-2:]
    expected = ("installed", H1, [f"go version go{VERSION} linux/amd64", host["sdk"]["path"]])
    assert expected == (host["status"], host["sdk"]["h1"], said)


@pytest.mark.usefixtures("installed")
def test_real_sdk_is_verified_there(controller: Controller) -> None:
    """The hash of all its files is the one that is signed, its go says so too, and it compiles a program."""
    ((one,),) = (host["sdks"] for host in told(controller, "sdk.verify", "current", "--host", "app")["hosts"])
    expected = (None, H1, f"go{VERSION}", f"go{VERSION} linux/amd64")
    assert expected == (one["fault"], one["h1"], one["go"], one["trial"])


@pytest.mark.usefixtures("installed")
def test_again_and_on_a_second_host_at_the_same_time(controller: Controller) -> None:
    """One has nothing to do; the other takes the archive from the cache."""
    document = told(controller, "sdk.install", VERSION, "--host", "app", "--host", "app-other")
    assert ["nothing to do", "installed"] == [host["status"] for host in document["hosts"]]


def test_damaged_file_is_found_and_repaired(lab: Lab, controller: Controller, installed: dict[str, Any]) -> None:
    """A byte that nobody sees: verifying names the file, listing tells of it, installing puts it right."""
    file = f"{installed['hosts'][0]['sdk']['path']}/src/fmt/print.go"
    lab.exec(
        "app", "sh", "-c", f"chmod u+w {file} && printf X | dd of={file} bs=1 seek=99 conv=notrunc && chmod a-w {file}"
    )
    found = told(controller, "sdk.verify", VERSION, "--host", "app", exit_code=7)["hosts"][0]["sdks"][0]["changed"]
    listed = told(controller, "sdk.list", "--host", "app")["hosts"][0]["sdks"][0]["fault"]
    repaired = told(controller, "sdk.install", VERSION, "--host", "app")["hosts"][0]["status"]
    mended = told(controller, "sdk.list", "--host", "app")["hosts"][0]["sdks"][0]["fault"]
    expected = (["src/fmt/print.go"], "1 changed (src/fmt/print.go)", "installed", None)
    assert expected == (found, listed, repaired, mended)


@pytest.mark.usefixtures("installed")
def test_current_sdk_is_refused_to_be_removed(controller: Controller) -> None:
    """A policy, by its exit code."""
    done = told(controller, "sdk.remove", VERSION, "--host", "app", exit_code=4)
    assert "sdk-is-current" == done["hosts"][0]["error"]["code"]
