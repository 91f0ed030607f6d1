"""What is where in a bundle: the manifest, and below ``cache/download`` the tree that GOPROXY=file:// leads to.

The names are those of GOMODCACHE/cache/download (go.dev/ref/mod#module-cache, #goproxy-protocol).
"""

from __future__ import annotations

from remotego.golang.modulepath import escaped

MANIFEST = "remotego-bundle.json"
TREE = "cache/download"
SUMDB = f"{TREE}/sumdb"


def info_path(path: str, version: str) -> str:
    """Where a version's time is told."""
    return _of(path, version, "info")


def mod_path(path: str, version: str) -> str:
    """Where its go.mod lies."""
    return _of(path, version, "mod")


def zip_path(path: str, version: str) -> str:
    """Where its files lie."""
    return _of(path, version, "zip")


def list_path(path: str) -> str:
    """Where the versions of a module are listed."""
    return f"{TREE}/{escaped(path)}/@v/list"


def database_path(name: str, path: str) -> str:
    """Where an answer of a checksum database lies."""
    return f"{SUMDB}/{name}/{path}"


def lookup_path(name: str, path: str, version: str) -> str:
    """Where the record of a module lies."""
    return database_path(name, f"lookup/{escaped(path)}@{escaped(version)}")


def _of(path: str, version: str, ending: str) -> str:
    return f"{TREE}/{escaped(path)}/@v/{escaped(version)}.{ending}"
