"""A real Go SDK: verified by the public database's own answers without a network, packed, and used."""

import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from remotego.core.progress import Silence
from remotego.golang.sdk import MODULE, parse_sdk
from remotego.golang.sumdb.lookup import lookup_path
from remotego.ops.sdk.order import Sources
from remotego.ops.sdk.supply import supply
from tests.golang.specimens import go

SDK = parse_sdk("1.26.6")
H1 = "h1:owmNw4SPM9h46FGOeGJVUWzFEEDSmO6g7gAtWoXp28s="
"""What sum.golang.org has said of it since it was published."""

BUILD_TIMEOUT_S = 240

PROGRAM = """package main

import (
	"fmt"
	"runtime"
)

func main() { fmt.Println(runtime.Version()) }
"""


@pytest.fixture(scope="module")
def module_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's module cache with the SDK in it, as go downloads and keeps it; a bundle is a copy of that."""
    empty = tmp_path_factory.mktemp("empty")
    made = json.loads(go("mod", "download", "-json", SDK.module, cwd=empty, GOFLAGS="-modcacherw"))
    cache = Path(made["Zip"]).parents[3]
    assert (H1, True) == (
        made["Sum"],
        (cache / "sumdb/sum.golang.org" / lookup_path(MODULE, SDK.module_version)).is_file(),
    )
    return cache


@pytest.mark.timeout(600)
def test_a_real_sdk_is_verified_offline_packed_and_compiles(module_cache: Path, tmp_path: Path) -> None:
    """From the stored answers of the public database to a program that runs."""
    asked = Sources(bundle=module_cache, cache=tmp_path / "cache", state=tmp_path / "state")
    found = supply(SDK, asked, Silence())
    assert (H1, "database") == (found.h1, found.proof.by)
    with tarfile.open(found.artifact.path) as tar:
        tar.extractall(tmp_path / "sdk", filter="data")
    (tmp_path / "main.go").write_text(PROGRAM)
    home = {"HOME": str(tmp_path), "GOFLAGS": "", "GOENV": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    ran = subprocess.run(
        [tmp_path / "sdk/go/bin/go", "run", tmp_path / "main.go"],
        env={"PATH": os.environ["PATH"], "GOPROXY": "off", **home},
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
    )
    assert (0, "go1.26.6\n") == (ran.returncode, ran.stdout), ran.stderr
