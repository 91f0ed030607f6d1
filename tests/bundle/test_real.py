"""The real thing: modules, Delve and an SDK of the public proxy, taken to where there is no network.

What is fetched comes over the ordinary go client, once; all that uses it has no network.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.delve.versions import NEWEST
from tests.bundle.site import GO_LIMIT_S, lay_out, offline_go, unpacked
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, fresh_store

pytestmark = pytest.mark.timeout(900)
"""An SDK is packed, sent and unpacked here; on a machine that does much else besides that takes minutes."""

SDK = "1.26.6"
BOTH = ("--host", "app", "--host", "jump")
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
MODFILE = "module example.com/svc\n\ngo 1.26\n\nrequire rsc.io/quote v1.5.2\n"
SAID = "Don't communicate by sharing memory, share memory by communicating."


@pytest.fixture(scope="module")
def controller(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A developer's machine with a network and an empty module cache."""
    room = tmp_path_factory.mktemp("developer")
    lay_out(room, {"go.mod": MODFILE, "main.go": PROGRAM})
    variables = {
        "GOMODCACHE": str(tmp_path_factory.mktemp("modules")),
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
    controller.run("undo", *BOTH)


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


def test_delve_can_be_installed_without_a_network(goproxy: str, tmp_path: Path) -> None:
    """go finds, proves by the database and loads all of it; -n leaves the compiling out, which takes a minute of CPU.

    That `go install` of a tool from a bundle compiles too is seen in test_offline and test_apply.
    """
    done = offline_go("install", "-n", DLV, cwd=tmp_path, room=tmp_path, goproxy=goproxy, **PUBLIC)
    assert (0, True) == (done.returncode, "cmd/dlv" in done.stderr + done.stdout), done.stderr


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


@pytest.fixture(scope="module")
def installed(controller: Controller, site: Path) -> dict[str, Any]:
    """A host that has the SDK out of the bundle."""
    (host,) = told(controller, "sdk.install", SDK, "--host", "app", "--offline", str(site))["hosts"]
    return dict(host)


@pytest.fixture(scope="module")
def applied(controller: Controller, site: Path, installed: dict[str, Any]) -> dict[str, Any]:
    """A host that has the modules too, out of the same file, and another one that got them at the same time."""
    assert installed
    first, other = told(controller, "bundle.apply", str(site), *BOTH)["hosts"]
    assert ("jump", "installed", first["variables"]) == (other["host"], other["status"], other["variables"])
    return dict(first)


def test_sdk_install_takes_the_same_file(installed: dict[str, Any]) -> None:
    """As it is, by --offline; the database in it vouches."""
    assert ("installed", SDK) == (installed["status"], installed["sdk"]["version"])


def test_a_host_without_a_network_gets_it(applied: dict[str, Any]) -> None:
    """By bundle.apply."""
    assert ("installed", True) == (applied["status"], applied["written"])


@pytest.mark.usefixtures("applied")
def test_again_is_nothing_to_do(controller: Controller, site: Path) -> None:
    """All is there."""
    found = told(controller, "bundle.apply", str(site), *BOTH)["hosts"]
    assert ["nothing to do"] * 2 == [one["status"] for one in found]


def test_that_host_builds_and_runs(lab: Lab, applied: dict[str, Any]) -> None:
    """By go's own file alone: none of its variables is set, no go.sum is there, and the database vouches."""
    folder = Path(applied["paths"][0]).parents[1]
    files = "".join(f"cat > {name} <<'EOF'\n{text}EOF\n" for name, text in (("go.mod", MODFILE), ("main.go", PROGRAM)))
    go = f"{folder}/sdk/{SDK}/bin/go"
    steps = f"{go} mod tidy 2>/dev/null && {go} run . && {go} env GOPROXY GOSUMDB"
    room = "room=$(mktemp -d) && cd $room && export GOCACHE=$room/cache GOPATH=$room/path"
    tidy = "cd / && chmod -R u+w $room && rm -rf $room ~/.config/go/telemetry"
    script = f"{room}\n{files}{steps}; {tidy}"
    said = lab.ssh("app", script, timeout_s=GO_LIMIT_S).splitlines()
    assert [f"{SAID} go{SDK}", applied["variables"]["GOPROXY"], "sum.golang.org"] == said[-3:], said


def test_dry_names_what_would_come(controller: Controller) -> None:
    """Nothing is fetched and nothing written."""
    done = controller.run("--dry", "bundle.create", "--tools", "dlv", "--sdk", SDK, "-o", "none.tar.zst", "--json")
    takes = done.document["takes"]
    assert (True, True, False) == (
        DLV in takes,
        f"golang.org/toolchain@v0.0.1-go{SDK}.linux-amd64" in takes,
        (controller.folder / "none.tar.zst").exists(),
    )
