"""The bundles on a target that were asked for, and what to change to have them there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remotego.core.artifact import Artifact
from remotego.core.change import Change, MakeDir, RemoveDir
from remotego.core.fact import Fact
from remotego.core.sdkchange import RemoveSdk, Unpack
from remotego.core.terminal import inert
from remotego.host.bundles.layout import folder, path_of
from remotego.host.root import guarded
from remotego.host.scripts import assign, read
from remotego.host.sdk.layout import MANIFEST, NOTE
from remotego.host.store import plan_home
from remotego.host.survey import Survey

_SCRIPT = """\
[ -d "$root/bundles" ] && echo there=1
for name in $names; do
  dir=$root/bundles/$name
  [ -d "$dir" ] || continue
  printf 'bundle=%s\\nmode=%s\\nfound=%s\\n' "$name" "$(LC_ALL=C ls -ldn -- "$dir")" "$(count "$dir")"
  head -n 2 -- "$dir/$note_name" 2>/dev/null | head -c 8192 | sed -e '1s/^/meant=/' -e '2s/^/note=/'
done
for tool in tar tee find stat gzip; do command -v $tool >/dev/null 2>&1 || printf 'lacks=%s\\n' "$tool"; done
true
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A bundle on a target. ``fault`` says what a quick look finds wrong with it, "" for nothing."""

    name: str
    fault: str


@dataclass(frozen=True, slots=True)
class Bundles:
    """Those that were asked for and are there. ``lacks`` are tools that unpacking takes and the target has not."""

    root: str
    there: bool
    standing: tuple[Standing, ...]
    lacks: tuple[str, ...]

    def find(self, name: str) -> Standing | None:
        """Give one that is there."""
        return next((one for one in self.standing if one.name == name), None)

    def is_whole(self, name: str) -> bool:
        """Tell whether one is there, and nothing is wrong with it at a quick look; it was hashed as it came."""
        found = self.find(name)
        return found is not None and not found.fault


@dataclass(frozen=True, slots=True)
class Cargo:
    """A bundle packed for targets, and the SHA-256 of the listing of its ``content``."""

    artifact: Artifact
    content: str


def bundles(store: str | None, names: Sequence[str]) -> Fact[Bundles]:
    """Ask for bundles by their names. ``store`` overrides where we keep things on the target."""
    words = {"note_name": NOTE, "manifest": MANIFEST, "names": " ".join(names)}
    return guarded("bundles", store, "\n".join([assign(words), read("sdk/trees"), _SCRIPT]), _parse)


def _parse(root: str, text: str) -> Bundles:
    pairs = [(key, value) for key, equals, value in (line.partition("=") for line in text.splitlines()) if equals]
    found: list[dict[str, str]] = []
    for key, value in pairs:
        if key == "bundle":
            found.append({})
        if found:
            found[-1][key] = inert(value)
    return Bundles(
        root,
        ("there", "1") in pairs,
        tuple(Standing(one["bundle"], _fault(one)) for one in found),
        tuple(value for key, value in pairs if key == "lacks"),
    )


def _fault(one: dict[str, str]) -> str:
    if not one.get("meant") or one.get("note") != one["bundle"]:
        return "its note is missing or damaged"
    if one.get("found") != one["meant"]:
        return f"it has {one.get('found')} files and bytes instead of {one['meant']}"
    return "" if one.get("mode", "")[:10] == "dr-xr-xr-x" else "its directory can be written"


def plan_standing(name: str, cargo: Cargo, have: Survey, there: Bundles) -> list[Change]:
    """Have a bundle in a directory of its own; one that is damaged gives way. [] when it is there and whole."""
    if there.is_whole(name):
        return []
    path, above = path_of(name, there.root), folder(there.root)
    anew = there.find(name) is not None
    unpack = Unpack(cargo.artifact, path, (), "", name, anew=anew, content=cargo.content)
    made = [] if there.there else [above]
    change = Change(
        f"have the bundle {name} in {path}",
        do=(*map(MakeDir, made), unpack),
        undo=(RemoveSdk(path), *map(RemoveDir, made)),
    )
    return [*plan_home(have), change]
