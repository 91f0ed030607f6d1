"""Commands of go that fetch modules: what each asks for, one thing after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from remotego.goproxy.asking import Ask, Outcome, World
from remotego.goproxy.rules import Rules
from remotego.goproxy.run import Found, Run

LATEST = "latest"


def requests(command: str, path: str, version: str, rules: Rules, world: World) -> tuple[tuple[Ask, ...], Outcome]:
    """Give the requests of a command in a world, in order, and how it ends.

    ``path`` is that of a package for "get" and of a module for the others; ``version`` a complete one, or "latest".
    """
    run = Run(rules, world)
    outcome = Outcome.FAILED if rules.fault else COMMANDS[command](run, path, version)
    return tuple(run.wire.asked), outcome


def _download(run: Run, path: str, version: str) -> Outcome:
    """``go mod download PATH@VERSION``: that module alone, no package of it."""
    found = _queried(run, path, version)
    if found.outcome is not Outcome.DONE:
        return found.outcome
    outcome = run.go_mod(path, found.version)
    return run.zip(path, found.version) if outcome is Outcome.DONE else outcome


def _queried(run: Run, path: str, version: str) -> Found:
    found = Found(Outcome.FAILED)

    def attempt(place: str) -> Outcome:
        nonlocal found
        found = run.query(place, path, version)
        return found.outcome

    outcome = run.each_place(attempt)
    return Found(outcome, found.version)


def _get(run: Run, path: str, version: str) -> Outcome:
    """``go get PATH@VERSION``: every module that may have the package, the path's parents too, at the same time.

    A wrong go.mod ends it as a security error even where the next place has given the right one (measured, Go 1.27.3).
    """
    winner: tuple[str, str] | None = None

    def attempt(place: str) -> Outcome:
        nonlocal winner
        winner, outcome = _at_place(run, place, path, version)
        return outcome

    outcome = run.each_place(attempt)
    run.wire.turn()
    if winner is None or outcome is not Outcome.DONE:
        return outcome
    module, chosen = winner
    outcome = run.go_mod(module, chosen)
    if outcome is Outcome.DONE:
        run.check_retractions(module)
    return Outcome.FAILED if run.distrusted else outcome


def _at_place(run: Run, place: str, path: str, version: str) -> tuple[tuple[str, str] | None, Outcome]:
    """Ask a place for all candidates; the longest that is there has the package.

    What fails for a longer path fails all of it, for a shorter one it does not count (modload.queryPrefixModules).
    """
    run.wire.turn()
    winner, failed = None, False
    for candidate in candidates(path):
        run.wire.turn(lane=candidate)
        found = run.query(place, candidate, version)
        outcome = found.outcome
        if outcome is Outcome.DONE:
            outcome = run.zip(candidate, found.version)
        if outcome is Outcome.DONE and winner is None:
            winner = (candidate, found.version)
        failed = failed or (outcome is Outcome.FAILED and winner is None)
    if failed:
        return winner, Outcome.FAILED
    return winner, Outcome.DONE if winner else Outcome.ABSENT


def candidates(path: str) -> tuple[str, ...]:
    """List the paths a package's module may have, the longest first."""
    elements = path.split("/")
    return tuple("/".join(elements[:count]) for count in range(len(elements), 0, -1))


def _build(run: Run, path: str, version: str) -> Outcome:
    """``go build`` with PATH@VERSION required in go.mod: nothing that go.sum does not vouch for is asked for.

    Whether anybody has the .info makes no difference to it.
    """
    if run.rules.mod == "vendor":
        return Outcome.DONE
    kinds = {kind for kind in ("zip", "mod") if (path, version, kind) in run.rules.summed}
    if run.rules.mod != "mod" and len(kinds) < 2:
        return Outcome.FAILED
    outcomes = (run.zip(path, version), run.go_mod(path, version))
    worst = next((one for one in outcomes if one is not Outcome.DONE), Outcome.DONE)
    if worst is Outcome.DONE:
        run.each_place(lambda place: run.stat(place, path, version).outcome)
    return worst


COMMANDS: Mapping[str, Callable[[Run, str, str], Outcome]] = {"get": _get, "download": _download, "build": _build}
