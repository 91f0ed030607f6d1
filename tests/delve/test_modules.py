"""Which directory a module's files are in here."""

import pytest

from remotego.core.workspace import Module, Workspace
from remotego.delve.modules import Modules, repository
from remotego.delve.paths import Here, map_paths
from remotego.delve.substitution import Rule
from remotego.golang.modinfo import ModInfo
from remotego.golang.modinfo import Module as Built

ROOT, CACHE = "/home/ann/svc", "/home/ann/go/pkg/mod"
MAIN = Built("example.com/svc", "(devel)")
OWN = Module(ROOT, "example.com/svc", (("github.com/BurntSushi/toml", "v1.4.0"), ("example.com/x-y", "v1.0.0")))
X = "example.com/x@v1.0.0/x.go"


def rules(*names: str, deps: tuple[Built, ...] = (), here: Workspace | None = None) -> list[Rule]:
    """Map a few names."""
    workspace = here or Workspace(ROOT, (OWN,))
    return Modules(ModInfo("example.com/svc", MAIN, deps), workspace, CACHE).rules(names)


def test_a_module_of_another_version_is_found_where_that_is() -> None:
    """The name says what was required, the cache has what was taken."""
    taken = Built("example.com/x", "v1.0.0", replaced_by=Built("example.com/Fork", "v1.1.0", "h1:"))
    assert [Rule(f"{CACHE}/example.com/!fork@v1.1.0", "example.com/x@v1.0.0")] == rules(X, deps=(taken,))


def test_a_directory_is_found_from_the_main_module() -> None:
    """Whatever module path its own go.mod has."""
    taken = Built("example.com/x", "v1.0.0", replaced_by=Built("../mine", "(devel)"))
    here = Workspace(ROOT, (OWN, Module("/home/ann/mine", "example.com/other")))
    assert [Rule("/home/ann/mine", "example.com/x@v1.0.0")] == rules(X, deps=(taken,), here=here)


def test_a_directory_that_is_elsewhere_here_is_found_by_its_module() -> None:
    """The builder's layout need not be the developer's."""
    taken = Built("example.com/x", "v1.0.0", replaced_by=Built("/ci/x", "(devel)"))
    here = Workspace(ROOT, (OWN, Module(f"{ROOT}/x", "example.com/x")))
    assert [Rule(f"{ROOT}/x", "example.com/x@v1.0.0")] == rules(X, deps=(taken,), here=here)


def test_a_directory_that_is_not_here_is_not_guessed() -> None:
    """The module cache has another version of the code, or none."""
    taken = Built("example.com/x", "v1.0.0", replaced_by=Built("../gone", "(devel)"))
    assert [] == rules(X, deps=(taken,))


@pytest.mark.parametrize(("checksum", "folder"), [("", f"{ROOT}/vendor/example.com/x"), ("h1:", f"{CACHE}/{X[:-5]}")])
def test_a_build_without_checksums_was_vendored(checksum: str, folder: str) -> None:
    """Although vendor is here, a build may have gone past it."""
    here = Workspace(ROOT, (OWN,), vendors=(f"{ROOT}/vendor",))
    assert [Rule(folder, X[:-5])] == rules(X, deps=(Built("example.com/x", "v1.0.0", checksum),), here=here)


@pytest.mark.parametrize("place", ["/cache/7", "/ci/svc@2/mod", "/ci/svc@2/go/pkg/mod", "third_party"])
def test_a_cache_in_an_odd_place_is_found_by_what_is_in_it(place: str) -> None:
    """GOMODCACHE of a build machine may be anything."""
    name = f"{place}/example.com/x@v1.0.0/x.go"
    assert [Rule(CACHE, place)] == rules(name, deps=(Built("example.com/x", "v1.0.0", "h1:"),))


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("github.com/BurntSushi/toml", "com_github_burntsushi_toml"),
        ("gopkg.in/yaml.v3", "in_gopkg_yaml_v3"),
        ("golang.org/x/sys", "org_golang_x_sys"),
        ("example.com/x-y", "com_example_x_y"),
        ("svc", "svc"),
    ],
)
def test_repositories_are_called_as_gazelle_calls_them(module: str, expected: str) -> None:
    """Reversed host, path, underscores."""
    assert expected == repository(module)


@pytest.mark.parametrize("prefix", ["", "gazelle~~go_deps~", "gazelle++go_deps+", "gazelle~0.36.0~go_deps~"])
def test_a_repository_of_bazel_is_the_module_that_go_mod_requires(prefix: str) -> None:
    """With WORKSPACE, and with Bazel modules of several versions."""
    folder = f"external/{prefix}com_github_burntsushi_toml"
    expected = [Rule(f"{CACHE}/github.com/!burnt!sushi/toml@v1.4.0", folder)]
    assert expected == rules(f"{folder}/decode.go")


def test_bazels_own_copies_come_first() -> None:
    """Where its link into the output tree is, the files are the very ones that were compiled."""
    here = Workspace(ROOT, (OWN,), external=f"{ROOT}/bazel-svc/external")
    assert [Rule(f"{ROOT}/bazel-svc/external", "external")] == rules("external/com_example_x_y/x.go", here=here)


def test_what_bazel_generates_is_behind_its_link() -> None:
    """The workspace has a link called bazel-out."""
    assert [Rule(f"{ROOT}/bazel-out", "bazel-out")] == rules("bazel-out/k8-dbg/bin/api/api.pb.go")


def test_the_standard_library_of_rules_go_is_found() -> None:
    """It is compiled with GOROOT as its root."""
    found = map_paths(
        ["GOROOT/src/runtime/proc.go", "cmd/svc/main.go"], Here(Workspace(ROOT, (OWN,), ("cmd/svc/main.go",)), "/go")
    )
    assert ((Rule("/go/src", "GOROOT/src"), Rule(ROOT, "")), ()) == (found.rules, found.unmapped)


def test_own_files_of_bazel_stay_apart_from_the_standard_librarys() -> None:
    """Where both have relative names, the directories without a file of the library lead to the workspace."""
    own = ("main.go", "cmd/svc/main.go", "internal/api/api.go")
    names = ["runtime/proc.go", "internal/abi/type.go", *own]
    found = map_paths(names, Here(Workspace(ROOT, (OWN,), own), "/go", CACHE))
    expected = {
        Rule(f"{ROOT}/cmd", "cmd"),
        Rule(f"{ROOT}/internal/api", "internal/api"),
        Rule(f"{ROOT}/main.go", "main.go", is_file=True),
        Rule("/go/src", ""),
    }
    assert (expected, ()) == (set(found.rules), found.unmapped)


def test_a_package_called_as_one_of_the_standard_library_is_the_librarys() -> None:
    """Modules have their path before it; errors/errors.go of the workspace is another file."""
    names = ["runtime/proc.go", "errors/errors.go", "example.com/svc/errors/errors.go"]
    found = map_paths(
        names, Here(Workspace(ROOT, (OWN,), ("errors/errors.go",)), "/go", CACHE), module="example.com/svc"
    )
    assert {Rule(ROOT, "example.com/svc"), Rule("/go/src", "")} == set(found.rules)
