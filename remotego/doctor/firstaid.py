"""First aid for Go itself, here or on a host: the same questions of the same record.

What the rules rest on: cmd/go derives GOROOT from its own place (links are followed); GOPATH is the parent of the
module cache and nothing else for modules; an exported variable beats `go env -w` (go help environment).
"""

from __future__ import annotations

from collections.abc import Iterator

from remotego.core.health import GoState, Place
from remotego.doctor.check import Finding, failure, ok, unknown, warning
from remotego.doctor.redaction import shown

UNSET_ROOT = "take `export GOROOT=...` out of the start-up file: go finds its own"


def judge_go(state: GoState, *, needed: bool) -> Iterator[Finding]:
    """Judge the command, its links, GOROOT, GOPATH and directories. ``needed``: it is a fault to have no go."""
    yield _command(state, needed=needed)
    yield _link(state)
    yield _root(state)
    yield _path(state)
    yield _directories(state)


def _command(state: GoState, *, needed: bool) -> Finding:
    if not state.path:
        if needed:
            return warning("go-command", "there is no go in PATH", "install Go, or run: pip install 'remotego[go]'")
        return ok("go-command", "no go in PATH: debugging there needs none")
    if state.problem:
        return failure("go-command", f"{state.path} does not work: {shown(state.problem)}", _cure(state.problem))
    return ok("go-command", f"{state.path} is {state.version}")


def _cure(problem: str) -> str:
    if "GOTOOLCHAIN" in problem or "toolchain" in problem:
        return "set GOTOOLCHAIN=local, or have the toolchain there that go.mod asks for: `remotego sdk.install`"
    if "GOROOT" in problem:
        return UNSET_ROOT
    return "run it by itself and mend what it says, or install Go anew"


def _link(state: GoState) -> Finding:
    if state.dangling:
        names = ", ".join(state.dangling)
        return failure(
            "go-link", f"leads nowhere: {names}", "point it to GOROOT/bin/go of an SDK that is there, or remove it"
        )
    if state.closed:
        names = ", ".join(state.closed)
        return warning("go-link", f"in PATH, and may not be looked into: {names}", "correct its permissions, or PATH")
    return ok("go-link", f"{state.path} is {state.real}" if state.real != state.path else "no link leads nowhere")


def _root(state: GoState) -> Finding:
    exported = state.exported.get("GOROOT", "")
    own = state.real.removesuffix("/bin/go")
    if not exported:
        return ok("go-root", "GOROOT is not set: go finds its own")
    if state.real and exported.rstrip("/") != own:
        evidence = f"GOROOT is set to {exported}, and the go in PATH belongs to {own}"
        return failure("go-root", evidence, UNSET_ROOT)
    return warning("go-root", f"GOROOT is set to {exported}: the next Go that is installed breaks by it", UNSET_ROOT)


def _path(state: GoState) -> Finding:
    exported = state.exported.get("GOPATH", "")
    default = f"{state.home}/go"
    remedy = "take `export GOPATH=...` out of the start-up file; for another place of the module cache set GOMODCACHE"
    if not exported:
        return ok("go-path", "GOPATH is not set: it is ~/go")
    if not exported.startswith("/"):
        return failure("go-path", f"GOPATH is {exported}, and go takes absolute paths only", remedy)
    if exported == default:
        return warning("go-path", f"GOPATH is set to {exported}, which it is without being set", remedy)
    if exported.rstrip("/") in {state.exported.get("GOROOT", "").rstrip("/"), state.real.removesuffix("/bin/go")}:
        return failure("go-path", f"GOPATH is {exported}, the same as GOROOT", remedy)
    if ":" in exported:
        return warning("go-path", f"GOPATH has several places ({exported}): modules use the first alone", remedy)
    return warning("go-path", f"GOPATH is set to {exported}: modules use nothing of it but pkg/mod and bin", remedy)


def _directories(state: GoState) -> Finding:
    bad = [place for place in state.places if place.mode is not None and not (place.mine and place.writable)]
    if bad:
        names = "; ".join(map(_wrong, bad))
        return failure(
            "go-directories", names, "give it back to this login (chown), or set GOMODCACHE, GOCACHE elsewhere"
        )
    there = [place.path for place in state.places if place.mode is not None]
    return ok("go-directories", f"may write {', '.join(there)}" if there else "nothing was written yet")


def _wrong(place: Place) -> str:
    return f"{place.path} {'may not be written' if place.mine else 'belongs to somebody else'}"


def nothing_known(check: str, said: str) -> Finding:
    """Say that a question had no answer."""
    return unknown(check, f"the question had no answer: {said}", "run the same again; then report this")
