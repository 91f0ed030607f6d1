"""Workspaces in conflict, made with real go: each has one fault, and what it is made of is published by ``publish``."""

from collections.abc import Callable
from pathlib import Path

from tests.modgraph.lab import MAIN, Lab
from tests.modgraph.proxy import gomod

A, B, G, N, R = (f"example.com/{name}" for name in "abgnr")
Case = Callable[[Lab], Path]


def publish(modlab: Lab) -> None:
    """Publish the modules that the cases are made of."""
    for version in ("v1.0.0", "v1.1.0", "v1.2.0"):
        modlab.proxy.publish(A, version)
    modlab.proxy.publish(B, "v1.0.0", f"{A}@v1.1.0")
    modlab.proxy.publish(G, "v1.0.0", go="1.25.0")
    modlab.proxy.publish(N, "v1.0.0", go="1.99.0")
    modlab.proxy.publish(R, "v1.0.0")
    modlab.proxy.publish(R, "v1.0.1", extra=("retract v1.0.0 // it eats data",))


def change(file: Path, old: str, new: str) -> None:
    """Change a text that is there."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def lowered(modlab: Lab) -> Path:
    """A requirement that someone has lowered by hand."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.1.0", f"require {B} v1.0.0"), A, B)
    change(folder / "go.mod", f"{A} v1.1.0", f"{A} v1.0.0")
    return folder


def low_go_line(modlab: Lab) -> Path:
    """A go line below that of a dependency."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {G} v1.0.0"), G)
    change(folder / "go.mod", "go 1.25.0", "go 1.21")
    return folder


def high_go_line(modlab: Lab) -> Path:
    """A go line that no dependency needs, and no go command has."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    change(folder / "go.mod", "go 1.21", "go 1.99.0")
    return folder


def excluding(modlab: Lab) -> Path:
    """An exclude directive about what a dependency needs."""
    mod = gomod(MAIN, f"require {A} v1.0.0", f"require {B} v1.0.0", f"exclude {A} v1.1.0")
    return modlab.workspace("w", mod, A, B)


def replaced_by_older(modlab: Lab) -> Path:
    """A replacement older than what a dependency needs."""
    return modlab.workspace("w", gomod(MAIN, f"require {B} v1.0.0", f"replace {A} => {A} v1.0.0"), B)


def replaced_by_nothing(modlab: Lab) -> Path:
    """A replacement by a directory that was left elsewhere."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    (folder / "go.mod").open("a").write(f"\nreplace {A} => ../nowhere\n")
    return folder


def replaced_in_vain(modlab: Lab) -> Path:
    """A replacement of what is not in the build."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    (folder / "go.mod").open("a").write(f"\nreplace {B} => {B} v1.0.0\n")
    return folder


def retracted(modlab: Lab) -> Path:
    """A version its author has taken back."""
    return modlab.workspace("w", gomod(MAIN, f"require {R} v1.0.0"), R)


def without_sums(modlab: Lab) -> Path:
    """A go.sum that has lost what it said of a module."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    (folder / "go.sum").write_text("")
    return folder


def torn_sums(modlab: Lab) -> Path:
    """A go.sum with a comment of go.mod in it."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    first, _, rest = (folder / "go.sum").read_text().partition("\n")
    (folder / "go.sum").write_text(f"{first} // indirect\n{rest}")
    return folder


TORN = f"{A} v1.0.0".encode()
"""What good lines of go.sum begin with, too."""


def several_torn_sums(modlab: Lab) -> Path:
    """A go.sum of Windows with two torn lines beside whole ones, one with bytes that are no UTF-8."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    whole = (folder / "go.sum").read_bytes()
    (folder / "go.sum").write_bytes((TORN + b"\n" + whole + b"\xff\xfe torn\n").replace(b"\n", b"\r\n"))
    return folder


def drifted_vendor(modlab: Lab) -> Path:
    """A vendor directory that go.mod has left behind."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    modlab.go(folder, "mod", "vendor")
    modlab.go(folder, "get", f"{A}@v1.1.0")
    return folder


def changed_vendor(modlab: Lab) -> Path:
    """A vendored file that someone has changed."""
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.0.0"), A)
    modlab.go(folder, "mod", "vendor")
    (folder / "vendor" / A / "x.go").write_text("package a\n\nconst Version = 666\n")
    return folder


def unknown_package(modlab: Lab) -> Path:
    """An import of a module that go.mod does not name."""
    folder = modlab.workspace("w", gomod(MAIN), tidy=False)
    (folder / "x.go").write_text(f'package main\n\nimport _ "{A}"\n')
    return folder
