"""The bundle that is where one shall be written: the same one, and nothing is done, or another, and it stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from remotego.bundle.manifest import Manifest
from remotego.bundle.tools import LATEST
from remotego.core.errors import RemotegoError, UsageError
from remotego.core.progress import Progress
from remotego.ops.bundle.gather import Plan
from remotego.ops.bundle.verify import Trust, Whole, verify

_NAMED = 5


@dataclass(eq=False)
class BundleThereError(UsageError):
    """The file that shall be written is another bundle already, or something else."""

    path: str
    reason: str
    what = "{path} is there already, and is another one: {reason}"
    remedy = "name another file with -o, or remove that one"


def find_standing(out: Path, since: Sequence[Path], trust: Trust, progress: Progress) -> Whole | None:
    """Give the bundle that is there; None where nothing is. Raises BundleThereError for what is no whole bundle."""
    if not out.exists():
        return None
    try:
        return verify(out, since, trust, progress)
    except RemotegoError as error:
        raise BundleThereError(str(out), str(error)) from error


def digests_of(before: Whole | None) -> tuple[str, ...]:
    """Name the bundles that one upon this builds upon, the newest first."""
    return (before.manifest.digest, *before.manifest.since) if before else ()


def check_wish(out: Path, there: Manifest, plan: Plan, since: Sequence[str], private: str) -> None:
    """Refuse before anything is fetched what cannot become the bundle that is there. Raises BundleThereError."""
    if other := next(_unwished(there, plan, since, private), None):
        raise BundleThereError(str(out), other)


def _unwished(there: Manifest, plan: Plan, since: Sequence[str], private: str) -> Iterator[str]:
    if there.workspace != plan.modules:
        yield f"it is of the workspace {', '.join(there.workspace) or '(none)'}"
    if there.since != tuple(since):
        yield "it builds upon other bundles" if there.since else "it builds upon none"
    if there.private != private:
        yield f"its private modules are {there.private or '(none)'}, and go env GONOSUMDB says {private or '(none)'}"
    named = [tool.package if tool.version == LATEST else tool.name for tool in plan.tools]
    tools = {word for tool in there.tools for word in (tool, tool.rpartition("@")[0])}
    if len(there.tools) != len(plan.tools) or not tools.issuperset(named):
        yield f"its tools are {', '.join(there.tools) or '(none)'}"
    wished = set(map(str, plan.sdks))
    if not wished <= set(there.sdks) or (not plan.tools and wished != set(there.sdks)):
        yield f"its SDKs are {', '.join(there.sdks) or '(none)'}"


def check_same(out: Path, there: Manifest, made: Manifest) -> None:
    """Refuse what came out otherwise than the bundle that is there. Raises BundleThereError."""
    if there.digest == made.digest:
        return
    known, found = (set(one.modules) for one in (there, made))
    rows = [f"it lacks {one.name}" for one in sorted(found - known)]
    rows += [f"{one.name} is no longer in it" for one in sorted(known - found)]
    rest = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    raise BundleThereError(str(out), (", ".join(rows[:_NAMED]) or "its signed tree has to be another one") + rest)
