"""The real thing: modules, Delve and an SDK of the public proxy, taken to where there is no network.

What is fetched comes over the ordinary go client, once; all that uses it has no network.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.delve.versions import NEWEST
from tests.bundle.site import lay_out, offline_go
from tests.bundle.test_offline import unpacked
from tests.lab import places
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, fresh_store

SDK = "1.26.6"
DLV = f"github.com/go-delve/delve/cmd/dlv@v{NEWEST.version}"
PROGRAM = """\
package main

import (
	"fmt"
	"runtime"

	"rsc.io/quote"
)

func main() { fmt.Println(quote.Go(), runtime.Version()) }
"""
TEST = """\
package main

import (
	"testing"

	"rsc.io/quote"
)

func TestGo(t *testing.T) {
	if quote.Go() == "" {
		t.Fatal("nothing")
	}
}
"""
MODFILE = "module example.com/svc\n\ngo 1.26\n\nrequire rsc.io/quote v1.5.2\n"
SAID = "Don't communicate by sharing memory, share memory by communicating."


@pytest.fixture(scope="module")
def controller(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A developer's machine with a network; what has once been fetched is kept for other runs of the tests."""
    room = tmp_path_factory.mktemp("developer")
    lay_out(room, {"go.mod": MODFILE, "main.go": PROGRAM, "main_test.go": TEST})
    variables = {
        "GOMODCACHE": str(places.cache() / "sdk-proxy"),
        "GOPROXY": "https://proxy.golang.org",
        "GOSUMDB": "sum.golang.org",
        "GOFLAGS": "",
        "GOENV": "off",
        "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache")),
        "XDG_STATE_HOME": str(tmp_path_factory.mktemp("state")),
        "XDG_DATA_HOME": str(tmp_path_factory.mktemp("data")),
    }
    controller = Controller(lab, room, f"~/.{Path(fresh_store()).name}", variables=variables)
    yield controller
    controller.run("undo", "--host", "app")


def told(controller: Controller, verb: str, *words: str, exit_code: int = 0) -> dict[str, Any]:
    """Run a verb with --json; what it prints fits its schema."""
    done = controller.run(verb, *words, "--json")
    assert exit_code == done.exit_code, done
    validate(done.document, schema(verb.replace(".", "-")))
    return dict(done.document)


@pytest.fixture(scope="module")
def site(controller: Controller) -> Path:
    """A bundle of the program, Delve and an SDK."""
    made = told(controller, "bundle.create", "--tools", "dlv", "--sdk", SDK, "-o", "site.tar.zst")
    assert ([DLV], [f"{SDK} linux/amd64"]) == (made["bundle"]["tools"], made["bundle"]["sdks"])
    return controller.folder / "site.tar.zst"


@pytest.fixture(scope="module")
def goproxy(site: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """GOPROXY that leads to it."""
    return f"{unpacked(site, tmp_path_factory.mktemp('site'))},off"


PUBLIC = {"GOSUMDB": "sum.golang.org", "GONOSUMDB": ""}


def test_it_is_verified(controller: Controller, site: Path) -> None:
    """All of it is vouched for by the public database."""
    found = told(controller, "bundle.verify", str(site))
    assert {"database": found["bundle"]["modules"], "go.sum": 0, "nobody": 0} == found["vouched"]


def test_delve_is_installed_without_a_network(goproxy: str, tmp_path: Path) -> None:
    """go install, the database on, an empty module cache; what has once been compiled is kept."""
    variables = PUBLIC | {"GOCACHE": str(places.cache() / "bundle-gocache"), "CGO_ENABLED": "0"}
    done = offline_go("install", "-trimpath", DLV, cwd=tmp_path, room=tmp_path, goproxy=goproxy, **variables)
    assert (0, True) == (done.returncode, (tmp_path / "bin/dlv").is_file()), done.stderr


def test_the_toolchain_is_switched_without_a_network(goproxy: str, tmp_path: Path) -> None:
    """go fetches another go out of the bundle and proves it by the database."""
    done = offline_go("version", cwd=tmp_path, room=tmp_path, goproxy=goproxy, **PUBLIC, GOTOOLCHAIN=f"go{SDK}")
    assert f"go version go{SDK} linux/amd64\n" == done.stdout, done.stderr
    shutil.rmtree(tmp_path / "mod")


def test_a_tampered_toolchain_is_refused_by_name(controller: Controller, site: Path, tmp_path: Path) -> None:
    """One bit in the middle of the largest file."""
    raw = bytearray(site.read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / "bad.tar.zst").write_bytes(raw)
    done = controller.run("bundle.verify", str(tmp_path / "bad.tar.zst"))
    assert (6, True) == (done.exit_code, "golang.org/toolchain/@v/v0.0.1-go1.26.6" in done.stderr), done


def test_a_host_without_a_network_builds_and_tests(lab: Lab, controller: Controller, site: Path) -> None:
    """The SDK and the modules come out of one file; the second time there is nothing to do."""
    told(controller, "sdk.install", SDK, "--host", "app", "--offline", str(site))
    (first,) = told(controller, "bundle.apply", str(site), "--host", "app")["hosts"]
    (again,) = told(controller, "bundle.apply", str(site), "--host", "app")["hosts"]
    assert ("installed", "nothing to do") == (first["status"], again["status"])
    folder = Path(first["paths"][0]).parents[1]
    script = "".join(
        f"cat > {name} <<'EOF'\n{text}EOF\n"
        for name, text in (("go.mod", MODFILE), ("main.go", PROGRAM), ("main_test.go", TEST))
    )
    go = f"{folder}/sdk/{SDK}/bin/go"
    run = f"{go} mod tidy 2>/dev/null && {go} run . && {go} test ./... && {go} env GOPROXY GOSUMDB"
    said = lab.ssh(
        "app", f"mkdir -p {folder}/try && cd {folder}/try && {script}{run}; chmod -R u+w ~/go; rm -rf ~/go *"
    )
    lines = [line for line in said.splitlines() if line]
    assert [f"{SAID} go{SDK}", first["variables"]["GOPROXY"], "sum.golang.org"] == [lines[-4], *lines[-2:]], said


def test_dry_names_what_would_come(controller: Controller) -> None:
    """Nothing is fetched and nothing written."""
    done = controller.run("--dry", "bundle.create", "--tools", "dlv", "--sdk", SDK, "-o", "none.tar.zst", "--json")
    takes = done.document["takes"]
    assert (True, True, False) == (
        DLV in takes,
        f"golang.org/toolchain@v0.0.1-go{SDK}.linux-amd64" in takes,
        os.path.exists(controller.folder / "none.tar.zst"),
    )
