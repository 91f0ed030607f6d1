"""Asking the checksum database: through the first proxy that says it can, else directly (cmd/go's sumdb.go)."""

from __future__ import annotations

from remotego.golang.goproxy import DIRECT, OFF
from remotego.golang.modulepath import escaped
from remotego.goproxy.asking import Ask, Outcome, Role, Wire, try_places
from remotego.goproxy.rules import BYPASS, Rules

SUMDB = "sumdb"


class Sums:
    """Vouches for modules within one run of go; what it has looked up it keeps."""

    def __init__(self, rules: Rules, wire: Wire) -> None:
        self._rules, self._wire = rules, wire
        self._base: str | None = None
        self._looked: dict[tuple[str, str], bool] = {}
        self._tiles = False

    def vouch(self, path: str, version: str, kind: str, *, genuine: bool) -> bool:
        """Check a module's "zip" or "mod": by go.sum, else by the database where it has to know the path.

        ``genuine`` is False for something else than the module in its place: go.sum and the database tell it.
        """
        if (path, version, kind) in self._rules.summed:
            return genuine
        if not self._rules.is_looked_up(path):
            return True
        return self._lookup(path, version) and genuine

    def _lookup(self, path: str, version: str) -> bool:
        if (path, version) not in self._looked:
            self._looked[path, version] = self._ask(path, version)
        return self._looked[path, version]

    def _ask(self, path: str, version: str) -> bool:
        if self._rules.sumdb is None:
            return False
        if self._base is None:
            self._base = self._rules.sumdb.url or self._find(self._rules.sumdb.name, path)
        base = self._base
        if not base:
            return False
        url = f"{base}/lookup/{escaped(path)}@{escaped(version)}"
        reply = self._wire.get(Ask(Role.LOOKUP, url, path, SUMDB, version))
        if reply.status != 200 or reply.page:
            return False
        if not self._tiles:
            self._tiles = self._wire.get(Ask(Role.TILE, f"{base}/tile/", path, SUMDB, version)).status == 200
        return self._tiles

    def _find(self, name: str, path: str) -> str:
        """Find who is asked for the database: a URL, or "" where a failure leaves nobody."""
        found = ""

        def supports(place: str) -> Outcome:
            nonlocal found
            if place in (BYPASS, DIRECT, OFF):
                return Outcome.ABSENT
            base = f"{place.removesuffix('/')}/sumdb/{name}"
            reply = self._wire.get(Ask(Role.SUPPORTED, f"{base}/supported", path, place))
            if reply.outcome is Outcome.DONE:
                found = base
            return reply.outcome

        outcome = try_places(self._rules.places, supports)
        return found if outcome is Outcome.DONE else f"https://{name}" if outcome is Outcome.ABSENT else ""
