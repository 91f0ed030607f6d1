"""Two machines in two directories: one that builds, with a proxy of its own, and a developer's.

Nothing comes from outside. What was built stays in the cache, named by all that decides it.
"""

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from remotego.adapters.toolchain import bundled_go
from remotego.golang.modulepath import escaped
from tests.flavours.texts import DEPENDENCY, PUBLISHED, TREES, go_mod
from tests.lab import places

HERE = Path(__file__).parent
BUILD_TIMEOUT_S = 280


@dataclass(frozen=True, slots=True)
class Flavour:
    """A way to build a tree. ``opened`` is the folder the developer has open, ``lib`` where lib.go is for them.

    ``$CI`` in ``flags`` is the builder's directory; in ``lib``, ``$HOME`` is the developer's tree and
    ``$CACHE`` their module cache. ``bazel``: the program says nothing of its modules, as rules_go's.
    """

    tree: str
    flags: tuple[str, ...] = ()
    opened: str = "Svc"
    lib: str = "$CACHE/example.com/lib@v1.4.0"
    dep: str = f"$CACHE/{DEPENDENCY}"
    home: str = ""
    bazel: bool = False


_TRIM = ("-trimpath",)
_SVC, _CACHE = "$CI/plain/Svc", "$CI/mod"
_BAZEL = (
    f"-gcflags=example.com/...=-trimpath={_SVC}=>;{_CACHE}/{DEPENDENCY}=>external/com_example_burnt_dep;"
    f"{_CACHE}/example.com/lib@v1.4.0=>external/gazelle++go_deps+com_example_lib"
)
_PREFIX = f"-gcflags=example.com/...=-trimpath={_SVC}=>/proj/it;{_CACHE}=>third_party/go"
_OF_WORK = {"lib": "$HOME/lib", "dep": "$HOME/vendor/example.com/Burnt/Dep"}
_IN_VENDOR = {"lib": "$HOME/Svc/vendor/example.com/lib", "dep": "$HOME/Svc/vendor/example.com/Burnt/Dep"}
FLAVOURS = {
    "plain": Flavour("plain"),
    "trimmed": Flavour("plain", _TRIM),
    "go.work": Flavour("work", opened="", lib="$HOME/lib"),
    "go.work, one of its modules open": Flavour("work", lib="$HOME/lib"),
    "go.work, trimmed": Flavour("work", _TRIM, opened="", lib="$HOME/lib"),
    "go.work, trimmed, one of its modules open": Flavour("work", _TRIM, lib="$HOME/lib"),
    "replaced by a module": Flavour("fork", lib="$CACHE/example.com/fork@v1.4.1"),
    "replaced by a module, trimmed": Flavour("fork", _TRIM, lib="$CACHE/example.com/fork@v1.4.1"),
    "replaced by a directory": Flavour("beside", lib="$HOME/lib"),
    "replaced by a directory, trimmed": Flavour("beside", _TRIM, lib="$HOME/lib"),
    "vendored": Flavour("vendor", **_IN_VENDOR),
    "vendored, trimmed": Flavour("vendor", _TRIM, **_IN_VENDOR),
    "go.work, vendored": Flavour("work-vendor", opened="", **_OF_WORK),
    "go.work, vendored, one of its modules open": Flavour("work-vendor", **_OF_WORK),
    "go.work, vendored, trimmed, one of its modules open": Flavour("work-vendor", _TRIM, **_OF_WORK),
    "vendored there, not here": Flavour("vendor", home="plain"),
    "cgo": Flavour("cgo"),
    "cgo, trimmed": Flavour("cgo", _TRIM),
    "Bazel": Flavour("plain", (_BAZEL,), bazel=True),
    "Bazel, all trimmed": Flavour("plain", (*_TRIM, _BAZEL), bazel=True),
    "prefixes": Flavour("plain", (_PREFIX,)),
}


@dataclass(frozen=True, slots=True)
class World:
    """``ci`` builds; ``home`` is the developer's."""

    root: Path

    @property
    def ci(self) -> Path:
        """Trees, a GOROOT and a module cache of the machine that builds."""
        return self.root / "ci"

    @property
    def home(self) -> Path:
        """Trees and a module cache of the developer."""
        return self.root / "home"

    @property
    def modcache(self) -> Path:
        """The developer's module cache."""
        return self.home / "mod"

    def tree(self, flavour: Flavour) -> Path:
        """The developer's tree."""
        return self.home / (flavour.home or flavour.tree)

    def local(self, place: str, flavour: Flavour) -> Path:
        """A directory of the developer's."""
        return Path(place.replace("$CACHE", str(self.modcache)).replace("$HOME", str(self.tree(flavour))))

    def program(self, flavour: Flavour) -> Path:
        """The program, built when first asked for."""
        flags = [flag.replace("$CI", str(self.ci)) for flag in flavour.flags]
        key = places.digest([flavour.tree.encode(), *(flag.encode() for flag in flags)])[:12]
        file = self.root / "programs" / f"{flavour.tree}-{key}"
        with FileLock(f"{file}.lock", timeout=BUILD_TIMEOUT_S):
            if not file.exists():
                partial = file.with_suffix(".partial")
                cgo = "1" if flavour.tree == "cgo" else "0"
                _go(self, "build", *flags, "-o", partial, ".", cwd=self.ci / flavour.tree / "Svc", CGO_ENABLED=cgo)
                partial.rename(file)
        return file


def goroot() -> Path:
    """GOROOT of the Go that builds here."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    return go.parents[1]


def make_world() -> World:
    """Set the machines up, or find them in the cache."""
    version = (goroot() / "VERSION").read_text()
    sources = [(HERE / name).read_bytes() for name in ("texts.py", "world.py")]
    key = places.digest([*sources, version.encode()])[:12]
    world = World(places.cache() / "flavours" / f"{key}-{places.checkout_id()}")
    world.root.parent.mkdir(exist_ok=True)
    with FileLock(f"{world.root}.lock", timeout=BUILD_TIMEOUT_S):
        if not (world.root / "complete").exists():
            shutil.rmtree(world.root, ignore_errors=True)
            _set_up(world)
            (world.root / "complete").touch()
    return world


def _set_up(world: World) -> None:
    for (module, version), files in PUBLISHED.items():
        _publish(world.root / "proxy", module, version, {"go.mod": go_mod(module), **files})
    (world.root / "programs").mkdir(parents=True)
    (world.ci).mkdir()
    (world.ci / "goroot").symlink_to(goroot())
    for name, files in TREES.items():
        write(world.ci / name, files)
        _go(world, "mod", "tidy", cwd=world.ci / name / "Svc")
    _go(world, "mod", "vendor", cwd=world.ci / "vendor" / "Svc")
    _go(world, "work", "vendor", cwd=world.ci / "work-vendor")
    for name in (*TREES, "mod"):
        shutil.copytree(world.ci / name, world.home / name)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files by their names."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _publish(proxy: Path, module: str, version: str, files: Mapping[str, str]) -> None:
    """Put a module into a tree of files that is a proxy (go.dev/ref/mod#goproxy-protocol)."""
    place = proxy / escaped(module) / "@v"
    write(place, {f"{escaped(version)}.info": json.dumps({"Version": version})})
    write(place, {f"{escaped(version)}.mod": files["go.mod"], "list": version + "\n"})
    with zipfile.ZipFile(place / f"{escaped(version)}.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{module}@{version}/{name}", text)


def _go(world: World, *words: str | Path, cwd: Path, **env: str) -> None:
    """Run the builder's go."""
    vendored = (cwd / "vendor").exists() and words[0] == "build"
    workspace = words[0] == "work" or ((cwd.parent / "go.work").exists() and words[0] == "build")
    fixed = {
        "GOENV": "off",
        "GOFLAGS": "-modcacherw" if workspace else f"-modcacherw -mod={'vendor' if vendored else 'mod'}",
        "GOPROXY": f"file://{world.root}/proxy",
        "GOSUMDB": "off",
        "GOMODCACHE": str(world.ci / "mod"),
        "GOROOT": str(world.ci / "goroot"),
        "GOTOOLCHAIN": "local",
        "GOWORK": "" if workspace else "off",
    }
    done = subprocess.run(
        [world.ci / "goroot" / "bin" / "go", *words],
        cwd=cwd,
        env=os.environ | fixed | env,
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
