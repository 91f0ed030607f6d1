"""The verb that probes module proxies."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.deploying import document_changes
from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.core.errors import RemotegoError
    from remotego.core.settings import Settings
    from remotego.ops.probing import Candidate, InForce, Planned, Probed

_ABSENT: dict[str, Any] = {
    "context": None,
    "goproxy": None,
    "sumdb": None,
    "addresses": None,
    "candidates": [],
    "changes": [],
    "notes": [],
}


@verb(
    "probe",
    iterable=("host", "proxy"),
    explain={
        "proxy": "a proxy to probe besides those of remotego.toml and of GOPROXY; may be given several times",
        "sumdb": "the checksum database to ask for through them, as in GOSUMDB, or off (default: the one in force)",
        "known": "MODULE@VERSION=h1:HASH of a go.mod they must have (default: rsc.io/quote v1.5.2)",
        "slow": "seconds to the first byte from which on a proxy is slow (default 3)",
        "timeout": "seconds that one request may take (default 10)",
    },
)
def probe(
    c: Context,
    host: list[str],
    proxy: list[str],
    sumdb: str | None = None,
    known: str | None = None,
    timeout: str | None = None,
    slow: str | None = None,
    go: str | None = None,
    workspace: str | None = None,
    parallel: str | None = None,
) -> Report:
    """Ask module proxies for known things, on each HOST (without one: here), and tell what each is worth there.

    Candidates are those of --proxy, of the profiles in remotego.toml, and of the GOPROXY in force there. Each is asked
    for a module whose hash is known, one that nobody has, golang.org/toolchain and the checksum database, by the HTTP
    proxies and certificates of that machine, and never over a redirect to http. Exit code 3 when none is of use.

    Examples:
        proxy.probe
        proxy.probe --host app1 --proxy https://goproxy.io
        proxy.probe --host app1 --host app2 --json
    """
    from remotego.goproxy.questions import KNOWN, TIMEOUT_S, parse_known
    from remotego.goproxy.verdict import SLOW_S
    from remotego.ops import probing

    request = c.request
    wish = probing.Wish(
        tuple(proxy),
        sumdb,
        parse_known(known) if known else KNOWN,
        seconds_of("timeout", timeout) if timeout else TIMEOUT_S,
        seconds_of("slow", slow) if slow else SLOW_S,
    )
    faults: list[tuple[str, RemotegoError]] = []

    def work(name: str, settings: Settings) -> Probed | Planned:
        if not host:
            found: Probed | Planned = probing.probe_here(name, settings, request.printer, wish)
        else:
            found = probing.probe_there(request.network, name, settings, request.printer, wish, dry=request.dry)
        if isinstance(found, probing.Probed) and (fault := probing.error_of(name, found)):
            faults.append((name, fault))
        return found

    report = on_each_host(
        request,
        "proxy-probe",
        work,
        _view,
        absent=_ABSENT,
        columns=("host", "proxy", "verdict", "connect", "TLS", "first byte", ""),
        hosts=None if host else (_here(),),
    )
    code = report.exit_code or (faults[0][1].exit_code if faults else 0)
    return replace(report, errors=[*report.errors, *faults], exit_code=code)


def seconds_of(flag: str, text: str) -> float:
    """Read how long something may take, 1 to 60 seconds. Raises SettingError."""
    from remotego.core.options import seconds
    from remotego.core.settings import SettingError

    value = seconds(text)
    if value is None and text.replace(".", "", 1).isdecimal():
        value = float(text)
    if value is None or not 1 <= value <= 60:
        raise SettingError(f"--{flag}", flag, f"1 to 60 seconds were expected, not {text!r}")
    return value


def _here() -> str:
    from remotego.ops.local_dlv import HERE

    return HERE


def _view(found: Probed | Planned) -> View:
    from remotego.core.change import describe
    from remotego.ops.probing import Planned

    document = _ABSENT | _document_force(found.force) | {"changes": document_changes(found.changes)}
    if isinstance(found, Planned):
        steps = [describe(act) for change in found.changes for act in change.do]
        rows = [("", "planned", "", "", "", step) for step in (*steps, *(f"ask {proxy}" for proxy in found.proxies))]
        return View("planned", document=document, table=rows, notes=_notes(found.force))
    document |= {
        "sumdb": found.database,
        "addresses": found.addresses,
        "candidates": [_document(one) for one in found.candidates],
    }
    return View("probed", document=document, table=[_row(one) for one in found.candidates], notes=_notes(found.force))


def _notes(force: InForce) -> list[str]:
    goproxy = _goproxy(force)
    in_force = force.where if goproxy is None else f"GOPROXY={goproxy} ({force.where})"
    return [in_force, *force.notes]


def _document_force(force: InForce) -> dict[str, Any]:
    return {"context": force.where, "goproxy": _goproxy(force), "notes": list(force.notes)}


def _goproxy(force: InForce) -> str | None:
    from remotego.core.redaction import redacted_value

    return None if force.goproxy is None else redacted_value("GOPROXY", force.goproxy)


def _row(one: Candidate) -> tuple[str, ...]:
    times = one.verdict.times
    cells = (times.resolve_s + times.connect_s, times.tls_s, times.first_byte_s)
    mark = "" if one.verdict.code == "good" else "! "
    via = f"; by {one.verdict.via}" if one.verdict.via else ""
    return (
        one.proxy,
        f"{mark}{one.verdict.code}",
        *(f"{cell * 1000:.0f} ms" if cell else "" for cell in cells),
        f"{one.verdict.text} ({', '.join(one.origins)}{via})",
    )


def _document(one: Candidate) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "proxy": one.proxy,
        "origins": list(one.origins),
        "verdict": verdict.code,
        "usable": verdict.usable,
        "text": verdict.text,
        "times": {name: round(value, 6) for name, value in asdict(verdict.times).items()},
        "tree_size": verdict.tree_size,
        "newest_go": verdict.newest_go,
        "via": verdict.via or None,
    }
