"""Which paths a module may have: what real go says of each."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go
from remotego.golang.modulepath import fault_of_path

PATHS = (
    *("a.example", "a.example/x", "a.example/Foo", "a.example/x_y", "a.example/~x", "a.example/-x", "a..b/x"),
    *("A.Example/foo", "a_b.example/x", "~a.example/x", ".example/x", "a.example./x", "aexample/x"),
    *("a.example/x.", "a.example/.x", "a.example/x/.y", "a.example/x..y", "a.example/.."),
    *("a.example//x", "a.example/x/", "a.example/x+y", "a.example/x y", "a.example/\u00e9"),
    *(
        "a.example/con/x",
        "a.example/x/con.go",
        "a.example/LPT1",
        "a.example/com0",
        "a.example/console",
        "con.example/x",
    ),
    *("a.example/x~1", "a.example/x~1/y", "a.example/x~1.go", "a.example/x~", "a.example/x~a1", "a.example/~1"),
    *("a.example/v1", "a.example/x/v0", "a.example/x/v1", "a.example/x/v2", "a.example/x/v02", "a.example/x/v10"),
    *("a.example/x/v2.0", "a.example/x/v2.1", "a.example/x/v.", "a.example/x/v", "a.example/x/v1/y", "v2.example/x"),
    *("gopkg.in", "gopkg.in/yaml", "gopkg.in/yaml.v0", "gopkg.in/yaml.v1", "gopkg.in/yaml.v3", "gopkg.in/yaml.v03"),
    *("gopkg.in/yaml.v2-unstable", "gopkg.in/yaml.v0-unstable", "gopkg.in/a/b.v2", "gopkg.in/yaml.v3/sub"),
    *("gopkg.in/.v1", "gopkg.in/a.v2-stable", "a.example/x/2", "a.example/x/.5", "a.example/x.v2"),
)
"""Every rule of CheckPath, and what just escapes it; go takes what has "..." for a pattern before it looks at this."""


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The paths that go takes for no module's, asked for all of them at once; nobody is there to be asked."""
    folder: Path = tmp_path_factory.mktemp("go")
    env = {"GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "GOMODCACHE": str(folder / "cache")}
    said = subprocess.run(
        [str(bundled_go()), "mod", "download", "-json", *(f"{path}@v1.0.0" for path in PATHS)],
        cwd=folder,
        env={**os.environ, **env, "GOENV": "off", "GO111MODULE": "on"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    told = json.loads("[" + said.stdout.replace("}\n{", "},{") + "]")
    assert list(PATHS) == [one["Path"] for one in told], said.stderr
    return {one["Path"] for one in told if "malformed module path" in one["Error"]}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_taken_as_go_takes_it(path: str, refused: set[str]) -> None:
    """Refused with a reason, or taken."""
    assert (path in refused) == bool(fault_of_path(path)), fault_of_path(path)
