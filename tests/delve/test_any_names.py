"""Whatever a binary's file names are, and whatever is here: each mapped file leads back to itself."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from remotego.core.workspace import Module, Workspace
from remotego.delve.paths import Here, PathMap, map_paths, source_names
from remotego.delve.substitution import to_binary, to_local
from remotego.delve.windows import on_windows
from remotego.golang.modinfo import ModInfo
from remotego.golang.modinfo import Module as Built
from tests.delve.test_paths import GOROOT, MODCACHE, ROOT, SOURCES, STANDARD
from tests.delve.windows_reading import substitute

TREES = (
    *("/ci", "/ci/svc", "/ci/vendor/example.com/x", "/home/ann/work", "/opt/go/src", "/usr/local/go/src", ""),
    *("svc", "example.com/svc", "example.com/svc@v1.2.3", "example.com/x@v1.0.0", "external/com_example_x", "."),
    *("/go/pkg/mod/example.com/x@v1.0.0", "third_party/example.com/x@v1.0.0", "vendor/a.b/c", "/cache/Example"),
)
ODD = (*STANDARD, "/usr/local/go/src/runtime/proc.go", "?", "_cgo_gotypes.go", "/x.go", "a.go", "A.go")
NAMES = st.lists(
    st.builds(lambda tree, file: f"{tree}/{file}" if tree else file, st.sampled_from(TREES), SOURCES)
    | st.sampled_from(ODD),
    max_size=30,
)
MAIN, X = Built("example.com/svc", "(devel)"), Built("example.com/x", "v1.0.0", "h1:")
BUILDS = st.sampled_from(
    [
        ModInfo(),
        ModInfo("svc", Built("svc", "(devel)")),
        ModInfo("example.com/svc", MAIN, (X,)),
        ModInfo("example.com/svc", MAIN, (replace(X, sum=""),)),
        ModInfo(
            "example.com/svc", replace(MAIN, version="v1.2.3"), (replace(X, replaced_by=Built("../x", "(devel)")),)
        ),
        ModInfo("example.com/svc", MAIN, (replace(X, replaced_by=Built("example.com/Fork", "v1.0.1", "h1:")),)),
    ]
)
MODULES = (
    Module(ROOT, "svc"),
    Module(ROOT, "example.com/svc", (("example.com/x", "v1.0.0"),)),
    Module(f"{ROOT}/api", "example.com/svc/api"),
    Module("/home/ann/x", "example.com/x"),
)
PLACES = st.builds(
    lambda modules, files, vendors, external: Workspace(
        ROOT, tuple(modules), tuple(files), vendors=vendors, external=external, native=("api/x.c",)
    ),
    st.lists(st.sampled_from(MODULES), unique_by=lambda module: module.directory),
    st.lists(SOURCES, unique=True, max_size=15),
    st.sampled_from([(), (f"{ROOT}/vendor",)]),
    st.sampled_from([None, f"{ROOT}/bazel-work/external"]),
)
GOROOTS = st.sampled_from([None, GOROOT, f"{ROOT}/.go"])


@settings(max_examples=80, deadline=None)
@given(names=NAMES, workspace=PLACES, build=BUILDS, goroot=GOROOTS)
def test_from_linux(names: list[str], workspace: Workspace, build: ModInfo, goroot: str | None) -> None:
    """A file has a place here from which Delve finds it again, or is among those without one."""
    found = map_paths(names, Here(workspace, goroot, MODCACHE), build=build)
    mapped = [name for name in source_names(names) if name not in found.reasons]
    assert mapped == [to_binary(to_local(name, found.rules), found.rules) for name in mapped]


@settings(max_examples=80, deadline=None)
@given(names=NAMES, workspace=PLACES, build=BUILDS, goroot=GOROOTS)
def test_from_windows(names: list[str], workspace: Workspace, build: ModInfo, goroot: str | None) -> None:
    """The same as Delve reads the rules there."""
    found = on_windows(_on_drive(map_paths(names, Here(workspace, goroot, MODCACHE), build=build)), names)
    there = [(rule.local, rule.binary) for rule in found.rules]
    back = [(rule.binary, rule.local) for rule in found.rules]
    mapped = [name for name in source_names(names) if name not in found.reasons]
    assert mapped == [substitute(substitute(name, back), there) for name in mapped]


def _on_drive(paths: PathMap) -> PathMap:
    return replace(paths, rules=tuple(replace(rule, local="C:" + rule.local) for rule in paths.rules))
