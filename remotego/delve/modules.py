"""Where the modules a binary was built from are on this machine: the workspace, vendor, or the module cache.

Its build info names each module with its version and what replaced it. -trimpath names files
``path@version/file`` by the path and version that were required, also where another module, a directory
or vendor took their place; a plain build names them where they were. Modules of a vendored build have
no checksum in the build info (measured with Go 1.26 and 1.27; cmd/go/internal/modload/build.go).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import join, normpath
from typing import TYPE_CHECKING

from remotego.core.modfile import is_directory
from remotego.delve.substitution import Rule, back, is_below
from remotego.golang.modulepath import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from remotego.core.workspace import Workspace
    from remotego.golang.modinfo import ModInfo, Module

_VERSIONED = re.compile(r"(?P<path>[^/@][^@]*)@(?P<version>v[^/]+)/.*")
_CACHED = re.compile(r"(?P<cache>/.*?/pkg/mod)/.+?@v\d.*")
_AT = re.compile(r".+?@v\d[^/]*(?=/)")
"""A name as far as a version; directories of CI servers have an @ in their names too."""

_UNPUBLISHED = "v0.0.0-00010101000000-000000000000"
"""The version cmd/go gives a module that a replace directive takes from a directory."""

_BAZEL = re.compile(r"external/(?:[^/]*[~+])?(?P<repository>[^/~+]+)/.*")
"""A file of an external repository; Bazel modules put an extension's name before that of the repository."""

_BAZEL_OUT = "bazel-out"
"""Generated files, and Bazel's link to them in the workspace."""


@dataclass(frozen=True, slots=True)
class Modules:
    """What is known of modules: the build's, the workspace's, and where this machine keeps the others."""

    build: ModInfo
    workspace: Workspace
    modcache: str | None

    def rules(self, names: Sequence[str]) -> list[Rule]:
        """Map each module that files of the binary belong to, in the order of their names."""
        cached = list(self._from_cache(names))
        ways = back(cached)
        named = [name for name in names if ways.decides(name) is None]
        found = [*self._by_path(names), *self._by_version(named), *self._from_vendor(names)]
        return list(dict.fromkeys([*found, *cached, *self._from_bazel(names)]))

    def paths(self) -> frozenset[str]:
        """Give the paths of all modules known."""
        listed = (module.path for module in (*self.workspace.modules, *self.build.deps, self.build.main) if module)
        return frozenset(listed) | ({self.build.path} if self.build.path else frozenset())

    def is_vendored(self, name: str) -> bool:
        """Tell whether a file lies in a vendor directory, of a module known to be in the build if any is."""
        if not self.build.deps or "/vendor/" not in name:
            return "/vendor/" in name
        return any(f"/vendor/{module.path}/" in name for module in self.build.deps)

    def _by_path(self, names: Sequence[str]) -> Iterator[Rule]:
        """Modules of the workspace, where files are named by module path alone."""
        for module in self.workspace.modules:
            if any(name.startswith(module.path + "/") for name in names):
                yield Rule(module.directory, module.path)

    def _by_version(self, names: Sequence[str]) -> Iterator[Rule]:
        found = {(match["path"], match["version"]) for name in names if (match := _VERSIONED.fullmatch(name))}
        for path, version in sorted(found):
            if directory := self._directory(path, version):
                yield Rule(directory, f"{path}@{version}")

    def _directory(self, path: str, version: str) -> str | None:
        """Find the directory of a module that was required in a version."""
        local = self._own(path)
        if local and (version == _UNPUBLISHED or (self.build.main and path == self.build.main.path)):
            return local
        module = next((one for one in self.build.deps if (one.path, one.version) == (path, version)), None)
        if module and (vendored := self._vendored(path)):
            return vendored
        if module and module.replaced_by and is_directory(module.replaced_by.path):
            return self._replacement(module.replaced_by.path) or local
        return self._cached(_effective(module)) if module else self._in_cache(path, version)

    def _own(self, path: str) -> str | None:
        return next((module.directory for module in self.workspace.modules if module.path == path), None)

    def _replacement(self, target: str) -> str | None:
        """Find the directory of a replace directive, which is relative to the main module."""
        main = self._own(self.build.main.path) if self.build.main else None
        wanted = normpath(join(main or self.workspace.root, target.replace("\\", "/")))
        return next((one.directory for one in self.workspace.modules if one.directory == wanted), None)

    def _vendored(self, path: str) -> str | None:
        """Give the directory that holds a vendored module, if this was a vendored build and it is here."""
        if not self._is_vendored:
            return None
        main = self._own(self.build.main.path) if self.build.main else None
        near = [vendor for vendor in self.workspace.vendors if main and is_below(main, vendor.removesuffix("/vendor"))]
        vendor = max(near, key=len, default=next(iter(self.workspace.vendors), None))
        return f"{vendor}/{path}" if vendor else None

    @property
    def _is_vendored(self) -> bool:
        """Builds from the module cache have a checksum for each module in it."""
        from_cache = [found for found in map(_effective, self.build.deps) if found.version.startswith("v")]
        return bool(from_cache) and not any(found.sum for found in from_cache)

    def _from_vendor(self, names: Sequence[str]) -> Iterator[Rule]:
        """Vendored files of a plain build, where vendor is not below the workspace; else its rule holds."""
        if any(is_below(vendor, self.workspace.root) for vendor in self.workspace.vendors):
            return
        names = [name for name in names if "/vendor/" in name]
        for module in self.build.deps if names else ():
            inside = f"/vendor/{module.path}/"
            places = sorted({name.partition(inside)[0] + inside[:-1] for name in names if inside in name})
            target = _effective(module)
            local = self._own(module.path) if is_directory(target.path) else self._cached(target)
            local = self._vendored(module.path) or local
            yield from (Rule(local, place) for place in places if local)

    def _from_cache(self, names: Sequence[str]) -> Iterator[Rule]:
        """The module cache as a whole: directories below it are spelt alike everywhere."""
        if self.modcache is None:
            return
        spelt = {f"{escaped(one.path)}@{escaped(one.version)}" for one in map(_effective, self.build.deps)}
        found = {match[0] for name in names if (match := _AT.match(name)) is not None}
        caches = {match["cache"] for name in names if (match := _CACHED.fullmatch(name))}
        for folder in sorted(found):
            caches |= {folder[: at.start()] for at in re.finditer("/", folder) if folder[at.end() :] in spelt}
            if folder in spelt and "!" in folder:
                yield Rule(f"{self.modcache}/{folder}", folder)
        yield from (Rule(self.modcache, cache) for cache in sorted(caches))

    def _from_bazel(self, names: Sequence[str]) -> Iterator[Rule]:
        """External repositories: where Bazel keeps them, else the module that has that name in Gazelle."""
        found = {
            name.split("/")[1]: match["repository"] for name in names if (match := _BAZEL.fullmatch(name)) is not None
        }
        if any(name.startswith(f"{_BAZEL_OUT}/") for name in names):
            yield Rule(f"{self.workspace.root}/{_BAZEL_OUT}", _BAZEL_OUT)
        if found and self.workspace.external:
            yield Rule(self.workspace.external, "external")
            return
        required = {
            repository(path): (path, version) for one in self.workspace.modules for path, version in one.requires
        }
        for folder, name in sorted(found.items()):
            if name in required and (local := self._in_cache(*required[name])):
                yield Rule(local, f"external/{folder}")

    def _cached(self, module: Module) -> str | None:
        return self._in_cache(module.path, module.version)

    def _in_cache(self, path: str, version: str) -> str | None:
        return f"{self.modcache}/{escaped(path)}@{escaped(version)}" if self.modcache else None


def repository(module: str) -> str:
    """Give the name Gazelle makes for a module's repository (bazel-gazelle, label.ImportPathToBazelRepoName)."""
    host, _, rest = module.lower().partition("/")
    parts = [*reversed(host.split(".")), *rest.split("/")] if rest else [*reversed(host.split("."))]
    return re.sub(r"[-.]", "_", "_".join(parts))


def _effective(module: Module) -> Module:
    """Give the module whose files were compiled."""
    return module.replaced_by or module
