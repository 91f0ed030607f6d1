"""The verbs about bundles, what a workspace needs where there is no network: create, verify, apply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.deploying import document_changes
from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.bundle.manifest import Manifest
    from remotego.cli.request import Request
    from remotego.ops.bundle.apply import Applied
    from remotego.ops.bundle.create import Created
    from remotego.ops.bundle.gather import Plan
    from remotego.ops.bundle.verify import Trust, Whole

_BUNDLE = "a bundle: a file that bundle.create has written"
_TAKE_OUT = "take that out of the environment there; until then go goes by it, and not by the bundle"
_CHECKS = {
    "base": "an earlier bundle that this one builds upon; may be given several times",
    "digest": "the digest that the bundle has to have, as bundle.create has printed it",
    "sumdb": "the checksum database that is trusted, as in GOSUMDB (default: what go env GOSUMDB says)",
}


@verb(
    "create",
    iterable=("tools", "sdk", "platform", "since", "seen"),
    explain={
        "o": "the file to write (default site.tar.zst)",
        "tools": "dlv, gopls, staticcheck or a package@version; several with commas, or the flag again",
        "sdk": "a Go release such as 1.26.6 (default: the one that the workspace asks for), or none",
        "platform": "where SDKs shall run, such as linux/arm64 (default: a machine like this one)",
        "seen": "a copy of what a go that was online remembers of the database (GOPATH/pkg/sumdb/NAME/latest), or here "
        "for this machine's: the bundle proves to it that it continues that",
        "since": "an earlier bundle: what it holds is left out. Where that one builds upon others, name these after it",
    },
)
def create(
    c: Context,
    tools: list[str],
    sdk: list[str],
    platform: list[str],
    since: list[str],
    seen: list[str],
    o: str = "site.tar.zst",
    workspace: str | None = None,
    go: str | None = None,
) -> Report:
    """Write all that the workspace needs to be built, tested, debugged and edited without a network into one file.

    go fetches and verifies the modules of the workspace, of tools, and SDKs; every answer of the checksum database is
    kept, so that go verifies them again where they are used. The same modules under the same signed tree give the same
    bytes. No secret, no URL and no path of this machine is in it. With --dry it lists what it would take.

    Examples:
        bundle.create --tools dlv,gopls -o site.tar.zst
        bundle.create --tools dlv --sdk 1.26.6 --platform linux/arm64 --platform linux/amd64
        bundle.create --since site.tar.zst -o update.tar.zst
    """
    from remotego.ops.bundle import create as use_case
    from remotego.ops.bundle.gather import Wish, plan_gathering

    request = c.request
    wish = Wish(_words(tools), _words(sdk), _words(platform), tuple(seen))
    if request.dry:
        return _planned(plan_gathering(wish, request.settings), o)
    made = use_case.create(wish, Path(o), [Path(one) for one in since], request.settings, request.printer)
    return _created(made)


def _words(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for one in given for word in one.replace(",", " ").split())


def _planned(plan: Plan, out: str) -> Report:
    document = {"status": "planned", "path": out, "takes": list(plan.takes), "bundle": None, "notes": []}
    rows = [("planned", f"write {out}"), *(("planned", f"take {name}") for name in plan.takes)]
    notes = ["tools bring what they need, and each comes with its records of the checksum database"]
    return Report("bundle-create", document, ("status", ""), rows, notes)


def _created(made: Created) -> Report:
    manifest = made.manifest
    status = "nothing to do" if made.was_there else "written"
    rows = [
        (status, f"{made.path}, {made.path.stat().st_size / 1e6:.1f} MB"),
        (status, _contents(manifest)),
        (status, f"digest {manifest.digest}"),
    ]
    notes = [*made.notes, *_unvouched(manifest)]
    document = {
        "status": status,
        "path": str(made.path),
        "takes": [module.name for module in manifest.modules if module.zip],
        "bundle": _document(manifest),
        "notes": notes,
    }
    return Report("bundle-create", document, ("status", ""), rows, notes)


def _contents(manifest: Manifest) -> str:
    zips = sum(bool(module.zip) for module in manifest.modules)
    what = [*manifest.workspace, *manifest.tools, *(f"Go {sdk}" for sdk in manifest.sdks)]
    return f"{zips} modules in {len(manifest.files)} files for {', '.join(what)}"


def _unvouched(manifest: Manifest) -> list[str]:
    from remotego.bundle.claims import waivers
    from remotego.bundle.manifest import NOBODY

    waived = "; ".join(waivers(manifest))
    told = f"bundle.apply asks for the digest, since hosts are to do without the checksum database: {waived}"
    return [told] * bool(waived) + [
        f"nothing vouches for {module.name}: no go.sum and no checksum database has it; the digest pins it from now on"
        for module in manifest.modules
        if module.vouched == NOBODY
    ]


def _document(manifest: Manifest) -> dict[str, Any]:
    return {
        "digest": manifest.digest,
        "since": list(manifest.since),
        "workspace": list(manifest.workspace),
        "tools": list(manifest.tools),
        "sdks": list(manifest.sdks),
        "modules": len(manifest.modules),
        "files": len(manifest.files),
        "size_bytes": manifest.size_bytes,
    }


@verb("verify", iterable=("base",), positional=("bundle",), explain={"bundle": f"{_BUNDLE}, or a directory", **_CHECKS})
def verify(c: Context, bundle: str, base: list[str], digest: str | None = None, sumdb: str | None = None) -> Report:
    """Verify a bundle without a network and without go: every byte, every hash, every signature and proof.

    Each file is held to the manifest, each module to the hash that the checksum database has signed. Exit code 6 when
    anything was changed, with the names of the files. What no database vouches for, a private module, is as
    trustworthy as whoever gave you the digest: compare it, with --digest.

    Examples:
        bundle.verify site.tar.zst
        bundle.verify site.tar.zst --digest sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
        bundle.verify update.tar.zst --base site.tar.zst
    """
    whole = _verified(c.request, bundle, base, _trust(c.request, digest, sumdb))
    manifest = whole.manifest
    counted = [f"{number} by {voucher}" for voucher, number in whole.vouched.items() if number]
    rows = [
        ("whole", _contents(manifest)),
        ("whole", f"hashes vouched for: {', '.join(counted)}"),
        *([("whole", f"without the database: {manifest.private} (GONOSUMDB)")] if manifest.private else []),
        ("whole", f"digest {manifest.digest}"),
    ]
    document = {"status": "whole", "path": bundle, "bundle": _document(manifest), "vouched": dict(whole.vouched)}
    return Report("bundle-verify", document, ("status", ""), rows, _unvouched(manifest))


def _trust(request: Request, digest: str | None, sumdb: str | None) -> Trust:
    from remotego.ops.bundle.verify import Trust
    from remotego.ops.sdk.settings import sources

    said = sources(request.settings)
    return Trust(sumdb or said.sumdb, digest or "", frozenset(said.pins.values()))


def _verified(request: Request, bundle: str, base: Sequence[str], trust: Trust) -> Whole:
    from remotego.ops.bundle import verify as use_case

    return use_case.verify(Path(bundle), [Path(one) for one in base], trust, request.printer)


@verb(
    "apply",
    iterable=("host", "base"),
    positional=("bundle",),
    explain={
        "bundle": _BUNDLE,
        **_CHECKS,
        "keep_env": "leave go's own file there alone; what a profile has to say is printed",
    },
)
def apply(
    c: Context,
    bundle: str,
    host: list[str],
    base: list[str],
    digest: str | None = None,
    sumdb: str | None = None,
    keep_env: bool = False,
    parallel: str | None = None,
) -> Report:
    """Put a bundle on each HOST and lead go there to it. The host needs no network.

    It is verified here, pushed once, hashed there file by file, and only then has its place, a directory that nothing
    changes any more. Then `go env -w` says GOPROXY=file://...,off, and the checksum database stays on. Where a bundle
    would have it off for anything, such as private modules, the digest that bundle.create has printed is asked for.
    Exports of a login that hide go's own file are named. `undo` takes it all back. A second run finds nothing to do,
    in one round trip. With --dry it only shows what it would do.

    Examples:
        bundle.apply site.tar.zst --host app1 --host app2
        bundle.apply site.tar.zst --host app1 --digest sha256:...
        bundle.apply update.tar.zst --base site.tar.zst --host app1
        bundle.apply site.tar.zst --host app1 --keep-env
    """
    from remotego.ops.bundle.apply import apply_bundle
    from remotego.ops.bundle.shipping import shipping

    request = c.request
    trust = _trust(request, digest, sumdb)
    whole = _verified(request, bundle, base, trust)
    with shipping(whole, trust, request.printer, dry=request.dry) as shipment:
        return on_each_host(
            request,
            "bundle-apply",
            lambda name, settings: apply_bundle(
                request.network, name, shipment, settings, request.printer, keep_env=keep_env, dry=request.dry
            ),
            lambda done: view_applied(done, dry=request.dry),
            absent={"paths": [], "variables": {}, "written": False, "changes": [], "hidden": []},
        )


def view_applied(done: Applied, *, dry: bool) -> View:
    """Show what was done on a host, and what keeps go from the bundle there."""
    from remotego.cli.setting import DIFFERS

    status = "nothing to do" if not done.changes else "planned" if dry else "installed"
    if done.hidden or done.elsewhere:
        status = DIFFERS.get(status, status)
    changes = document_changes(done.changes)
    document = {
        "paths": list(done.paths),
        "variables": dict(done.variables),
        "written": done.written,
        "changes": changes,
        "hidden": list(_hiding(done)),
    }
    acts = [act for change in changes for act in change["do"]] if dry else []
    told = [f"{name}={value}" for name, value in done.variables.items()]
    notes = [*_notes(done)] if done.written else ["go's own file was left alone; a profile has to say:", *told]
    return View(status, [*done.paths, *acts, *(told if done.written else [])], document, notes=notes)


def _hiding(done: Applied) -> Iterator[dict[str, Any]]:
    """Name what keeps go from the bundle in some contexts; GOENV where go reads another file of its own there."""
    found = [(one.name, list(one.contexts), one.cause) for one in done.hidden]
    found += [("GOENV", [one.context], one.cause) for one in done.elsewhere]
    for name, places, cause in found:
        yield {"name": name, "contexts": places, "because": cause, "remedy": _TAKE_OUT}


def _notes(done: Applied) -> Iterator[str]:
    """Say where go does not come by the bundle, and what to do."""
    if done.unseen:
        yield f"whether the login exports what hides go's own file is not known: {done.unseen}"
    for one in _hiding(done):
        place = f" by {one['because']}" if one["because"] else ""
        yield f"{one['name']} in {', '.join(one['contexts'])}{place} hides go's own file: {one['remedy']}"
