"""How a program is built: files, arguments and environment for ``go``, decided before anything runs.

What the user's settings may decide is where modules come from; what they may not decide is the
bytes. So every variable that changes code generation or module selection is fixed here.
Sources: ``go help environment``, ``go help build``, ``go help goproxy``.
"""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.recipe import Recipe

_SCRATCH = "remotego.scratch"
_FLAGS = ("-trimpath", "-buildvcs=false", "-ldflags=-s -w")
_FIXED = {
    "CGO_ENABLED": "0",
    "GO111MODULE": "on",
    "GO386": "sse2",
    "GO_EXTLINK_ENABLED": "",
    "GOAMD64": "v1",
    "GOARM64": "v8.0",
    "GOENV": "off",
    "GOEXPERIMENT": "",
    "GOFIPS140": "off",
    "GOOS": "linux",
    "GOPPC64": "power8",
    "GOROOT": "",
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}


@dataclass(frozen=True, slots=True)
class ModulePin:
    """A module at a version, and the ``h1:`` hashes go.sum has for its zip and its go.mod.

    ``go`` is the go line of its go.mod: the scratch module takes the same one, so that the
    program gets the run-time defaults (GODEBUG) its authors chose.
    """

    path: str
    version: str
    zip_sum: str
    mod_sum: str
    go: str


def plan_module(
    pin: ModulePin, package: str, *, label: str, goarch: str, goos: str = "linux", tags: tuple[str, ...] = ()
) -> Recipe:
    """Build ``package`` of a published module for ``goos``/``goarch``.

    The module is checked against its pin, its dependencies against the go.sum inside it;
    whatever that does not name, cmd/go asks the checksum database for.
    """
    return Recipe(
        label=label,
        files=(("go.mod", _go_mod(pin)), ("go.sum", _go_sum(pin))),
        download=("mod", "download", "-json", f"{pin.path}@{pin.version}"),
        build=_build(package, label, "-mod=mod", tags),
        output=label,
        env=_environment(goarch, goos),
    )


def plan_program(files: tuple[tuple[str, str], ...], *, label: str, goarch: str, goos: str = "linux") -> Recipe:
    """Build the program in the root of a local module for ``goos``/``goarch``.

    ``files`` are (path below the root, text), go.mod among them; no directory of theirs may be
    called ``label``. Without a go.sum the module has no dependencies: nothing is downloaded, so that what is built is
    ``files`` and the toolchain's own library. With one, dependencies come from where the user's come from, and each
    must have the hash that go.sum pins.
    """
    closed = {} if any(path == "go.sum" for path, _ in files) else {"GOPROXY": "off"}
    return Recipe(
        label=label,
        files=files,
        download=(),
        build=_build(".", label, "-mod=readonly", ()),
        output=label,
        env=tuple(sorted((_FIXED | {"GOARCH": goarch, "GOOS": goos} | closed).items())),
    )


def _go_mod(pin: ModulePin) -> str:
    return f"module {_SCRATCH}\n\ngo {pin.go}\n\nrequire {pin.path} {pin.version}\n"


def _go_sum(pin: ModulePin) -> str:
    return f"{pin.path} {pin.version} {pin.zip_sum}\n{pin.path} {pin.version}/go.mod {pin.mod_sum}\n"


def _build(package: str, output: str, mod: str, tags: tuple[str, ...]) -> tuple[str, ...]:
    tagged = (f"-tags={','.join(tags)}",) if tags else ()
    return ("build", mod, *_FLAGS, *tagged, "-o", output, package)


def _environment(goarch: str, goos: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((_FIXED | {"GOARCH": goarch, "GOOS": goos}).items()))
